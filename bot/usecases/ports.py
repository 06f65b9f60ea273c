"""What the use cases need from outside, as Protocols; storage, Slack and the clock implement them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Protocol

from bot.domain.facts import Fact
from bot.domain.incident import Incident
from bot.domain.severity import SeverityKey
from bot.domain.timeline import Message
from bot.domain.vocabulary import (
    Actor,
    ChannelId,
    IncidentId,
    RequestKey,
    Status,
    UserId,
)
from bot.usecases.messages import Home, Said
from bot.usecases.policy import Policy

Payload = Mapping[str, str | int | bool | list[str] | None]
"""What a job carries: references and times, never words."""


# -- what is owed


@dataclass(frozen=True, kw_only=True)
class Owed:
    """Something to be done at ``due_at`` (business time). Planning a ``key`` twice plans it once.

    Jobs of one ``lane`` are done one after another, by ``(due_at, id)``; without a lane they run freely.
    """

    kind: str
    key: str
    due_at: datetime
    incident: IncidentId | None = None
    lane: str | None = None
    payload: Payload = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Job(Owed):
    """An owed thing that this process has claimed.

    ``attempt`` is the fence: settling needs the same one. ``look`` says that an earlier attempt may have
    had its effect, so the world has to be looked at before it is repeated. ``failures`` counts its own
    errors, which alone lead to giving up; an outage or a wait that was asked for does not.
    """

    id: int
    attempt: int
    owner: str
    look: bool
    failures: int = 0


class JobState(StrEnum):
    """Where a job stands."""

    DUE = "due"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What is known of the last attempt's effect: a refusal had none, after an unknown one must look."""

    NONE = "none"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Outside(Exception):  # noqa: N818 - read as "what came from outside"
    """An outside system did not do what was asked."""


class Busy(Outside):
    """It asked to wait (429). It had no effect and does not count as a failure."""

    def __init__(self, what: str, *, wait: timedelta) -> None:
        """Keep what was called and how long to wait."""
        super().__init__(f"{what}: asked to wait {wait.total_seconds():.0f} s")
        self.wait = wait


class Away(Outside):
    """It cannot be reached or has failed; it may come back.

    ``unknown`` says that the effect may have happened. It never counts towards giving up.
    """

    def __init__(self, what: str, *, unknown: bool) -> None:
        """Keep what was called and whether it may have had its effect."""
        super().__init__(what)
        self.unknown = unknown


class Never(Outside):
    """The answer means that it can never succeed; ``code`` is the outside system's word for it."""

    def __init__(self, what: str, *, code: str) -> None:
        """Keep what was called and the code of the refusal."""
        super().__init__(f"{what}: {code}")
        self.code = code


# -- the unit of work


class Urgency(IntEnum):
    """Who goes first where writes queue up: what people say, then what they ask, then what is owed."""

    RECORDER = 0
    REQUEST = 1
    JOB = 2
    SWEEP = 3


@dataclass(frozen=True, kw_only=True)
class Posted:
    """Where a message of ours stands, and the incident's version that it shows."""

    channel: ChannelId
    ts: str
    version: int = 0


class Incidents(Protocol):
    """The incidents of a unit of work; what is read is locked until it ends."""

    async def add(self, incident: Incident) -> None:
        """Give a new incident its number (``incident.id``) and save it as `save` does."""

    async def get(self, incident: IncidentId, *, seen_by: Actor) -> Incident:
        """Return an incident; raises ``NotFound`` where there is none or the actor may not see it."""

    async def in_room(self, channel: ChannelId) -> IncidentId | None:
        """Return the incident whose war room a channel is."""

    async def save(self, incident: Incident) -> None:
        """Write its new facts and texts, and in the same transaction what follows from them."""


class Jobs(Protocol):
    """What is owed, within a unit of work."""

    async def owe(self, owed: Iterable[Owed]) -> None:
        """Plan; a key that is already planned stays, a cancelled one is revived."""

    async def settle(self, job: Job) -> bool:
        """Mark done; False when the lease was lost meanwhile (then nothing may be committed)."""


class Inbox(Protocol):
    """Which requests were answered, so that a repeated one gets the first one's answer."""

    async def take(self, key: RequestKey) -> str | None:
        """Take a request on (None), or return the answer it got. Consumed only by the commit."""

    async def answer(self, key: RequestKey, answer: str) -> None:
        """Keep the answer to a request that was taken."""


class Posts(Protocol):
    """Where our messages that are edited in place stand: ``what`` is ``card``, ``announcement`` ..."""

    async def get(self, incident: IncidentId, what: str) -> Posted | None:
        """Return where it stands, or None before it was posted."""

    async def put(self, incident: IncidentId, what: str, posted: Posted) -> None:
        """Remember where it stands and what it shows."""


class Members(Protocol):
    """Who is in a war room, as Slack told us."""

    async def of(self, incident: IncidentId) -> frozenset[UserId]:
        """Return who is in."""

    async def add(self, incident: IncidentId, people: Iterable[UserId]) -> None:
        """Note that people are in; who is in already stays in."""

    async def remove(self, incident: IncidentId, person: UserId) -> None:
        """Note that a person left."""


class Work(Protocol):
    """One transaction. Leaving it without `commit` undoes all of it."""

    @property
    def incidents(self) -> Incidents:
        """The incidents."""

    @property
    def jobs(self) -> Jobs:
        """What is owed."""

    @property
    def inbox(self) -> Inbox:
        """Which requests were answered."""

    @property
    def posts(self) -> Posts:
        """Where our messages stand."""

    @property
    def members(self) -> Members:
        """Who is in a war room."""

    async def commit(self) -> None:
        """Make it all true, or raise and leave nothing."""


class OpensWork(Protocol):
    """Opens a unit of work."""

    def __call__(self, urgency: Urgency = Urgency.REQUEST) -> AbstractAsyncContextManager[Work]:
        """Return a unit of work to be entered with ``async with``."""


class Queue(Protocol):
    """The jobs as the worker sees them.

    Each method is a transaction of its own. Leases and waits are real time; ``now`` is business time.
    """

    async def claim(self, *, owner: str, now: datetime, limit: int) -> list[Job]:
        """Lease what is due: of every lane its head only, the earliest first."""

    async def renew(self, jobs: Sequence[Job]) -> None:
        """Make leases last another while."""

    async def release(self, owner: str) -> None:
        """Give back all that this owner has leased (shutdown); what was under way counts as unknown."""

    async def postpone(
        self, job: Job, *, wait: timedelta, outcome: Outcome, error: str, failed: bool
    ) -> None:
        """Try again after ``wait`` of real time; ``failed`` counts towards giving up."""

    async def bury(self, job: Job, *, error: str, owed: Iterable[Owed] = ()) -> None:
        """Give up loudly: the job is dead until somebody retries it; ``owed`` is what tells people."""

    async def revive(self, job_id: int) -> bool:
        """Put a dead job back among the due ones; False when it is not dead."""

    async def sweep(self, *, older_than: timedelta, limit: int = 500) -> int:
        """Drop at most ``limit`` done jobs and inbox answers of real time gone by; how many went."""

    async def next_due(self, *, now: datetime) -> datetime | None:
        """Return the earliest due time of what is still owed."""


class Waits(Protocol):
    """Until when Slack asked to be left alone, shared by all processes; real time.

    A ``scope`` is a method, or a method and a channel. Neither raises when nothing can be kept or read:
    whoever calls Slack has its own memory, and goes on with that.
    """

    async def keep(self, scope: str, until: datetime) -> None:
        """Keep a wait; one that is longer stays."""

    async def standing(self) -> Mapping[str, datetime]:
        """Return the waits that are not over."""


# -- what was said


@dataclass(frozen=True, kw_only=True)
class Edited:
    """A message now reads otherwise. ``text`` is what Slack shows."""

    channel: ChannelId
    ts: str
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """A message is gone; its words are blanked here too."""

    channel: ChannelId
    ts: str
    at: datetime


Heard = Message | Edited | Deleted


class Journal(Protocol):
    """Where the messages of war rooms are mirrored."""

    async def record(self, heard: Sequence[Heard]) -> None:
        """Write all of them in one commit; those of other channels are dropped. Any order, any repeats."""


# -- the read side


@dataclass(frozen=True, kw_only=True)
class IncidentLine:
    """An incident as a line of a list."""

    id: IncidentId
    title: str
    severity: SeverityKey
    status: Status
    private: bool
    drill: bool
    channel: ChannelId | None
    channel_name: str | None
    commander: UserId | None
    declared_at: datetime
    declared_by: Actor
    postmortem_due: datetime | None = None
    postmortem_owner: UserId | None = None


@dataclass(frozen=True, kw_only=True)
class JobLine:
    """A job as a line of a list."""

    id: int
    kind: str
    key: str
    state: JobState
    due_at: datetime
    incident: IncidentId | None
    lane: str | None
    attempt: int
    last_error: str | None
    done_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """How the jobs stand: the due time of the oldest overdue one, and how many are dead."""

    oldest_due: datetime | None
    owed: int
    dead: int


class Reads(Protocol):
    """The read side.

    Everything about an incident goes through ``seen_by``: members see their private incidents, everybody
    else sees nothing of them.
    """

    async def incident(self, incident: IncidentId, *, seen_by: Actor) -> Incident:
        """Return an incident to look at; raises ``NotFound``."""

    async def history(self, incident: IncidentId, *, seen_by: Actor) -> list[Fact]:
        """Return its facts in the order they were recorded; raises ``NotFound``."""

    async def messages(self, incident: IncidentId, *, seen_by: Actor) -> list[Message]:
        """Return what was said in its war room, oldest first; raises ``NotFound``."""

    async def in_room(self, channel: ChannelId) -> IncidentId | None:
        """Return the incident whose war room a channel is."""

    async def open_incidents(self, *, seen_by: Actor) -> list[IncidentLine]:
        """Return the open ones, the worst first, then the newest."""

    async def incidents(self, *, seen_by: Actor, limit: int = 50) -> list[IncidentLine]:
        """Return all of them, the newest first."""

    async def of_person(self, person: UserId) -> list[IncidentLine]:
        """Return the open ones in which a person has a role or which they declared."""

    async def postmortems_owed(self, *, seen_by: Actor, owner: UserId | None = None) -> list[IncidentLine]:
        """Return those whose postmortem is open, the earliest due first."""

    async def is_member(self, incident: IncidentId, person: UserId) -> bool:
        """Return whether a person is in the war room; unknown is no."""

    async def posted(self, incident: IncidentId, what: str) -> Posted | None:
        """Return where a message of ours stands."""

    async def open_rooms(self) -> list[IncidentId]:
        """Return the incidents that have a room and have not ended for good, the oldest first."""

    async def jobs(self, *, states: Sequence[JobState] = (), limit: int = 200) -> list[JobLine]:
        """Return jobs by due time, all states where none is given."""

    async def backlog(self, *, now: datetime) -> Backlog:
        """Return how the jobs stand; raises when the database cannot be reached."""


# -- Slack, by meaning


@dataclass(frozen=True, kw_only=True)
class RoomWanted:
    """A war room to be opened. ``declared_at`` bounds which existing channel may be ours."""

    incident: IncidentId
    name: str
    private: bool
    declared_at: datetime
    taken: frozenset[ChannelId] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Room:
    """A war room as Slack named it."""

    channel: ChannelId
    name: str


@dataclass(frozen=True, kw_only=True)
class History:
    """What a channel holds, oldest first.

    ``roots`` are the messages whose threads were read. Only when ``whole`` can it be said of a message that
    is not among them that it is gone.
    """

    messages: tuple[Message, ...]
    roots: frozenset[str]
    whole: bool


class Chat(Protocol):
    """Slack, spoken to in meaning. Every awaited method may raise ``Busy``, ``Away`` or ``Never``.

    ``look`` asks to look whether an earlier attempt already had its effect.
    """

    def is_bot(self, person: UserId) -> bool:
        """Return whether this is known to be no person, without asking anybody."""

    async def open_room(self, wanted: RoomWanted, *, look: bool) -> Room:
        """Create the channel, or find the one an earlier attempt made."""

    async def post(
        self, channel: ChannelId, said: Said, *, key: str, look: bool, thread: str | None = None
    ) -> Posted:
        """Say something in a channel; ``key`` marks the message so that it can be found again."""

    async def tell(self, person: UserId, said: Said, *, key: str, look: bool) -> Posted:
        """Say something to one person, by direct message."""

    async def edit(self, posted: Posted, said: Said) -> None:
        """Make a message of ours say something else."""

    async def whisper(self, channel: ChannelId, person: UserId, said: Said) -> None:
        """Say something in a channel that one person alone sees; it cannot be found again."""

    async def invite(self, channel: ChannelId, people: Sequence[UserId]) -> None:
        """Bring people in; who is in already stays."""

    async def join(self, channel: ChannelId) -> None:
        """Go into a public channel, so that we can write there; where we are in already we stay."""

    async def set_topic(self, channel: ChannelId, topic: str) -> None:
        """Set a channel's topic, cut to what fits."""

    async def pin(self, posted: Posted) -> None:
        """Pin a message; a pinned one stays."""

    async def bookmark(self, channel: ChannelId, *, title: str, link: str, look: bool) -> None:
        """Put a link on a channel's bar, once."""

    async def link_to(self, posted: Posted) -> str:
        """Return the address of a message."""

    async def show_home(self, person: UserId, home: Home) -> None:
        """Show a person their App Home."""

    async def incidents_channel(self) -> ChannelId | None:
        """Return where incidents are announced, joined; None where there is no such channel."""

    async def members(self, channel: ChannelId) -> frozenset[UserId]:
        """Return the people in a channel."""

    async def history(self, channel: ChannelId, *, after: str | None) -> History:
        """Return what people said in a channel later than ``after`` (a ``ts``), as it stands now."""


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
