"""What the use cases need from outside, as Protocols; storage, Slack and the clock implement them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.facts import Fact
from bot.domain.incident import Incident
from bot.usecases.policy import Policy
from bot.usecases.ports.chat import Chat, History, Posted, Room, RoomWanted
from bot.usecases.ports.journal import Deleted, Edited, Heard, Journal
from bot.usecases.ports.outside import Away, Busy, Never, Outside, Waits
from bot.usecases.ports.owed import PAYING, Job, JobState, Outcome, Owed, Paying, Payload, Queue
from bot.usecases.ports.reads import Backlog, IncidentLine, JobLine, Reads
from bot.usecases.ports.work import Inbox, Incidents, Jobs, Members, OpensWork, Posts, Urgency, Work

__all__ = [
    "PAYING",
    "Away",
    "Backlog",
    "Busy",
    "Chat",
    "Deleted",
    "Edited",
    "Follow",
    "Heard",
    "History",
    "Inbox",
    "IncidentLine",
    "Incidents",
    "Job",
    "JobLine",
    "JobState",
    "Jobs",
    "Journal",
    "Members",
    "Never",
    "OpensWork",
    "Outcome",
    "Outside",
    "Owed",
    "Pay",
    "Paying",
    "Payload",
    "Ports",
    "Posted",
    "Posts",
    "Queue",
    "Reads",
    "Room",
    "RoomWanted",
    "Settling",
    "Urgency",
    "Waits",
    "Work",
]


@dataclass(frozen=True, kw_only=True)
class Ports:
    """All of the outside world, handed to every use case."""

    work: OpensWork
    reads: Reads
    queue: Queue
    journal: Journal
    chat: Chat
    now: Callable[[], datetime]
    policy: Policy


Settling = Callable[[Work], Awaitable[None]]
"""What becomes true together with a job being done: facts recorded, what comes next planned."""

Pay = Callable[[Job, Ports], Awaitable[Settling | None]]
"""Pays one kind of job: acts outside with no unit of work open, and returns what to settle with it."""

Follow = Callable[[Incident, Sequence[Fact]], Iterable[Owed]]
"""What new facts of an incident lead to; storage asks it when it saves them."""
