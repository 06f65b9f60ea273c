"""The read side: incidents, lists and history, each as somebody may see them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.domain.incident.timeline import Message
from bot.domain.shared.severity import SeverityKey
from bot.domain.shared.vocabulary import SYSTEM, Actor, ChannelId, IncidentId, Status, Stream, TextId, UserId
from bot.usecases.ports.chat import Posted
from bot.usecases.ports.jobs import JobState


@dataclass(frozen=True, kw_only=True)
class IncidentLine:
    """An incident as a line of a list; ``postmortem_due`` only while one is owed."""

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
    postmortem_done: datetime | None = None


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
    about: Stream | None = None
    dismissed_by: Actor | None = None
    dismissed_why: str | None = None


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One fact and the words it names."""

    fact: Fact
    texts: Mapping[TextId, str | None]


class Show(Enum):
    """What of a timeline is shown; of what was said, ``KEY_MOMENTS`` leaves only what somebody marked."""

    EVERYTHING = auto()
    KEY_MOMENTS = auto()
    FACTS = auto()
    MESSAGES = auto()


@dataclass(frozen=True, kw_only=True)
class TimelinePage:
    """Part of a timeline, oldest first: facts without marks, messages, and the words that the facts name.

    ``marked`` are the messages (by ``ts``) that are key moments, ``earlier`` is where the page before ends:
    None where there is none.
    """

    facts: tuple[Fact, ...]
    messages: tuple[Message, ...]
    texts: Mapping[TextId, str | None]
    marked: frozenset[str]
    earlier: str | None


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """How the jobs stand: the due time of the oldest overdue one, and how many are dead and not dismissed."""

    oldest_due: datetime | None
    owed: int
    dead: int


class Reads(Protocol):
    """The read side.

    Everything about an incident goes through ``seen_by``: members see their private incidents, everybody
    else sees nothing of them.
    """

    async def incident(self, incident: IncidentId, *, seen_by: Actor) -> Incident:
        """Return an incident to look at, with the words that its state names; raises ``NotFound``."""

    async def history(self, incident: IncidentId, *, seen_by: Actor) -> list[Fact]:
        """Return its facts in the order they were recorded; raises ``NotFound``."""

    async def fact(self, incident: IncidentId, place: int, *, seen_by: Actor) -> Recorded | None:
        """Return one fact by its place (from 0, as a job's payload names it); raises ``NotFound``.

        None where newer code recorded it: then the job is newer code's as well.
        """

    async def facts(
        self, incident: IncidentId, kinds: Collection[type[Fact]], *, seen_by: Actor
    ) -> list[tuple[int, Fact]]:
        """Return its facts of some kinds, each with its place (from 0); raises ``NotFound``."""

    async def words(self, incident: IncidentId, *, seen_by: Actor) -> Mapping[TextId, str | None]:
        """Return all words of an incident's history, which of a long one are many; raises ``NotFound``."""

    async def messages(self, incident: IncidentId, *, seen_by: Actor) -> list[Message]:
        """Return what was said in its war room, oldest first; raises ``NotFound``."""

    async def timeline_page(
        self,
        incident: IncidentId,
        *,
        seen_by: Actor,
        limit: int = 20,
        before: str | None = None,
        show: Show = Show.EVERYTHING,
    ) -> TimelinePage:
        """Return the newest part of a timeline, or the part that ends ``before`` a page's ``earlier``.

        Raises ``NotFound``, and ``Refused`` for a ``before`` that is no page's.
        """

    async def in_room(self, channel: ChannelId) -> IncidentId | None:
        """Return the incident whose war room a channel is."""

    async def open_incidents(self, *, seen_by: Actor) -> list[IncidentLine]:
        """Return the open ones, the worst first, then the newest."""

    async def incidents(
        self,
        *,
        seen_by: Actor,
        limit: int = 50,
        statuses: Collection[Status] = (),
        severity: SeverityKey | None = None,
    ) -> list[IncidentLine]:
        """Return all of them, the newest first; or those of some statuses, or of a severity."""

    async def of_person(self, person: UserId) -> list[IncidentLine]:
        """Return the open ones in which a person has a role or which they declared."""

    async def postmortems_owed(self, *, seen_by: Actor, owner: UserId | None = None) -> list[IncidentLine]:
        """Return those whose postmortem is open, the earliest due first."""

    async def is_member(self, incident: IncidentId, person: UserId) -> bool:
        """Return whether a person is in the war room; unknown is no."""

    async def posted(self, incident: IncidentId, what: str) -> Posted | None:
        """Return where a message of ours stands."""

    async def open_rooms(self, *, limit: int = 500) -> list[IncidentId]:
        """Return the incidents that have a room and have not ended for good, the oldest first.

        Of more than ``limit`` the newest: what was resolved and never closed stays among them for ever.
        """

    async def open_by_severity(self) -> Mapping[str, int]:
        """Return how many incidents are open, private ones and drills left out."""

    async def jobs(
        self, *, states: Sequence[JobState] = (), limit: int = 200, seen_by: Actor = SYSTEM
    ) -> list[JobLine]:
        """Return jobs by due time, all states where none is given; those of no incident are everybody's."""

    async def job(self, number: int) -> JobLine | None:
        """Return one job, or None where there is none."""

    async def backlog(self, *, now: datetime) -> Backlog:
        """Return how the jobs stand; raises when the database cannot be reached."""
