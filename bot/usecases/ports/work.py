"""The unit of work: what is read and written in one transaction."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from bot.domain.incident.aggregate import Incident
from bot.domain.shared.vocabulary import Actor, ChannelId, IncidentId, RequestKey, UserId
from bot.usecases.ports.chat import Posted
from bot.usecases.ports.jobs import Job, JobSpec


class Urgency(IntEnum):
    """Who goes first where writes queue up: what people say, then what they ask, then what is owed."""

    RECORDER = 0
    REQUEST = 1
    JOB = 2
    SWEEP = 3


class StorageFailure(Exception):  # noqa: N818 - what failed, as a person would say it
    """What is stored cannot be read or written: nobody who acts did anything wrong, and no job is done.

    ``why`` is a sentence for whoever runs Warroom, ``remedy`` what they can do.
    """

    def __init__(self, why: str, *, remedy: str = "Look at the log.") -> None:
        """Keep both."""
        super().__init__(why)
        self.why = why
        self.remedy = remedy


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


class Outbox(Protocol):
    """What is owed, within a unit of work."""

    async def enqueue(self, owed: Iterable[JobSpec]) -> None:
        """Plan; a key that was planned before stays as it is, whatever became of it."""

    async def complete(self, job: Job) -> bool:
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


LOOKED = "members"
"""Under this `Posts` remembers when Slack was last asked who is in a room; its version counts how often."""
FORGOTTEN = "0"
"""The time of the last asking, where what was learned by it has been forgotten since."""


@dataclass(frozen=True, kw_only=True)
class KnownRoom:
    """A war room whose members matter; ``looks`` counts how often Slack was asked who is in."""

    incident: IncidentId
    looks: int


class Members(Protocol):
    """Who is known to be in a war room.

    Slack's word decides, and of several the newest by the time Slack gave it (``at``), in whatever order
    they are heard. Where one is heard that something newer contradicts, Slack has to be asked.
    """

    async def of(self, incident: IncidentId) -> frozenset[UserId]:
        """Return who is known to be in."""

    async def expect(self, incident: IncidentId, people: Iterable[UserId]) -> None:
        """Note whom we bring in ourselves; Slack's word about somebody is not overruled by it."""

    async def joined(self, incident: IncidentId, person: UserId, *, at: datetime) -> bool:
        """Note that a person joined; False when something newer says otherwise."""

    async def left(self, incident: IncidentId, person: UserId, *, at: datetime) -> bool:
        """Note that a person left; False when something newer says otherwise."""

    async def stamps(self, incident: IncidentId) -> Mapping[UserId, datetime]:
        """Return the time of the newest word about each person, to be given back to `renew`."""

    async def renew(
        self,
        incident: IncidentId,
        people: Iterable[UserId],
        *,
        known: Mapping[UserId, datetime],
        at: datetime,
    ) -> None:
        """Take over who Slack says is in, asked at ``at``; whom it spoke of since is left as that says.

        ``known`` are the `stamps` from before Slack was asked.
        """

    async def forget(self, incident: IncidentId | None = None) -> None:
        """Hold nobody for a member of this room, by default of all private ones, until Slack was asked.

        Whoever was asking meanwhile finds `FORGOTTEN` as the time of it: they asked too early.
        """

    async def rooms(self) -> list[KnownRoom]:
        """Return the rooms whose members matter: all private ones, and the open ones; the open ones first."""


class Work(Protocol):
    """One transaction. Leaving it without `commit` undoes all of it."""

    @property
    def incidents(self) -> Incidents:
        """The incidents."""

    @property
    def outbox(self) -> Outbox:
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
