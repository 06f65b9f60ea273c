"""What the use cases need from outside, as Protocols; storage, Slack and the clock implement them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.usecases.policy import Policy
from bot.usecases.ports.archive import Deleted, Edited, MessageArchive, MessageEvent
from bot.usecases.ports.chat import Account, Chat, History, Posted, Room, RoomWanted
from bot.usecases.ports.effects import (
    DONE,
    Effects,
    MembersAsked,
    MergedInto,
    Record,
    RoomOpened,
    nothing_to_do,
)
from bot.usecases.ports.jobs import CURRENT_ATTEMPT, Attempt, Job, JobSpec, JobState, Outcome, Payload, Queue
from bot.usecases.ports.outside import OutsideError, PermanentFailure, RateLimited, Unavailable, Waits
from bot.usecases.ports.reads import Backlog, IncidentLine, JobLine, Reads, Recorded, Show, TimelinePage
from bot.usecases.ports.work import (
    FORGOTTEN,
    LOOKED,
    Inbox,
    Incidents,
    KnownRoom,
    Members,
    OpensWork,
    Outbox,
    Posts,
    StorageFailure,
    Urgency,
    Work,
)

__all__ = [
    "CURRENT_ATTEMPT",
    "DONE",
    "FORGOTTEN",
    "LOOKED",
    "Account",
    "Attempt",
    "Backlog",
    "Chat",
    "Deleted",
    "Edited",
    "Effects",
    "Follow",
    "Handler",
    "History",
    "Inbox",
    "IncidentLine",
    "Incidents",
    "Job",
    "JobLine",
    "JobSpec",
    "JobState",
    "KnownRoom",
    "Members",
    "MembersAsked",
    "MergedInto",
    "MessageArchive",
    "MessageEvent",
    "OpensWork",
    "Outbox",
    "Outcome",
    "OutsideError",
    "Payload",
    "PermanentFailure",
    "Ports",
    "Posted",
    "Posts",
    "Queue",
    "RateLimited",
    "Reads",
    "Record",
    "Recorded",
    "Room",
    "RoomOpened",
    "RoomWanted",
    "Show",
    "StorageFailure",
    "TimelinePage",
    "Unavailable",
    "Urgency",
    "Waits",
    "Work",
    "nothing_to_do",
]


@dataclass(frozen=True, kw_only=True)
class Ports:
    """All of the outside world, handed to every use case."""

    work: OpensWork
    reads: Reads
    queue: Queue
    archive: MessageArchive
    chat: Chat
    now: Callable[[], datetime]
    policy: Policy


Handler = Callable[[Job, Ports], Awaitable[Effects]]
"""Pays one kind of job: acts outside with no unit of work open, and returns what is to be true with it."""

Follow = Callable[[Incident, Sequence[Fact]], Iterable[JobSpec]]
"""What new facts of an incident lead to; storage asks it when it saves them."""
