"""The read side: incidents, lists and history, all through `visible_to`."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, exists, false, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.domain.incident.status import OPEN
from bot.domain.incident.timeline import Message
from bot.domain.shared.severity import DEFAULT_SCALE, SeverityKey, SeverityScale
from bot.domain.shared.vocabulary import (
    SYSTEM,
    Actor,
    ActorKind,
    ChannelId,
    IncidentId,
    Status,
    Stream,
    TextId,
    UserId,
)
from bot.usecases.ports import Backlog, IncidentLine, JobLine, JobState, Posted, Recorded, Show, TimelinePage
from storage import archive, backlog, posts, streams, timeline
from storage.engine import Database
from storage.incidents import in_room, not_found
from storage.tables import IN_USE, INCIDENTS, MEMBERS, ROLES, TEXTS
from storage.visibility import visible_to


def _written(statuses: Iterable[Status]) -> list[ColumnElement[str]]:
    # In the statement, in the words of their partial index: of a bound parameter SQLite never takes one.
    return [literal_column(f"'{status}'", INCIDENTS.c.status.type) for status in statuses]


_IN_USE = _written(IN_USE)
_OPEN = _written(status for status in Status if status in OPEN)


class Reads:
    """The read side, as `bot.usecases.ports.Reads`."""

    def __init__(
        self, database: Database, *, include_private: bool = False, scale: SeverityScale = DEFAULT_SCALE
    ) -> None:
        """Read this database; ``include_private`` is an operator's wish to see all, recorded by the caller.

        ``scale`` says which severities are the worst.
        """
        self._database = database
        self._include_private = include_private
        self._rank = {level.key: rank for rank, level in enumerate(scale)}

    # -- one incident

    async def incident(self, incident: IncidentId, *, seen_by: Actor) -> Incident:
        """Return an incident to look at; raises ``NotFound``."""
        async with self._seen(incident, seen_by) as (connection, version):
            found, _ = await streams.incident(connection, incident, version=version)
            return found

    async def history(self, incident: IncidentId, *, seen_by: Actor) -> list[Fact]:
        """Return its facts in the order they were recorded; raises ``NotFound``."""
        async with self._seen(incident, seen_by) as (connection, _):
            found = await streams.history(connection, Stream.incident(incident))
            return [fact for _, fact in found]

    async def fact(self, incident: IncidentId, place: int, *, seen_by: Actor) -> Recorded | None:
        """Return one fact by its place (from 0) and its words; None where newer code recorded it."""
        async with self._seen(incident, seen_by) as (connection, _):
            found = await streams.fact_at(connection, Stream.incident(incident), place + 1)
            return Recorded(fact=found[0], texts=found[1]) if found else None

    async def facts(
        self, incident: IncidentId, kinds: Collection[type[Fact]], *, seen_by: Actor
    ) -> list[tuple[int, Fact]]:
        """Return its facts of some kinds, each with its place (from 0); raises ``NotFound``."""
        async with self._seen(incident, seen_by) as (connection, _):
            found = await streams.history(connection, Stream.incident(incident), named=kinds)
            return [(seq - 1, fact) for seq, fact in found]

    async def words(self, incident: IncidentId, *, seen_by: Actor) -> Mapping[TextId, str | None]:
        """Return all words of an incident's history; raises ``NotFound``."""
        async with self._seen(incident, seen_by) as (connection, _):
            return await streams.words(connection, Stream.incident(incident))

    async def messages(self, incident: IncidentId, *, seen_by: Actor) -> list[Message]:
        """Return what was said in its war room, oldest first; raises ``NotFound``."""
        async with self._seen(incident, seen_by) as (connection, _):
            return await archive.messages(connection, incident)

    async def timeline_page(
        self,
        incident: IncidentId,
        *,
        seen_by: Actor,
        limit: int = 20,
        before: str | None = None,
        show: Show = Show.EVERYTHING,
    ) -> TimelinePage:
        """Return the newest part of a timeline, or the part that ends ``before`` a page's ``earlier``."""
        async with self._seen(incident, seen_by) as (connection, _):
            return await timeline.page(connection, incident, limit=limit, before=before, show=show)

    async def in_room(self, channel: ChannelId) -> IncidentId | None:
        """Return the incident whose war room a channel is."""
        async with self._database.read() as connection:
            return await in_room(connection, channel)

    async def is_member(self, incident: IncidentId, person: UserId) -> bool:
        """Return whether a person is in the war room; unknown is no."""
        query = select(exists().where(MEMBERS.c.incident == incident, MEMBERS.c.person == person))
        async with self._database.read() as connection:
            return bool((await connection.execute(query)).scalar())

    async def posted(self, incident: IncidentId, what: str) -> Posted | None:
        """Return where a message of ours stands."""
        async with self._database.read() as connection:
            return await posts.posted(connection, incident, what)

    # -- lists

    async def open_incidents(self, *, seen_by: Actor) -> list[IncidentLine]:
        """Return the open ones, the worst first, then the newest."""
        query = self._lines(seen_by).where(_is_open())
        return await self._read(query.order_by(self._worst_first(), *_newest_first()))

    async def incidents(
        self,
        *,
        seen_by: Actor,
        limit: int = 50,
        statuses: Collection[Status] = (),
        severity: SeverityKey | None = None,
    ) -> list[IncidentLine]:
        """Return all of them, the newest first; or those of some statuses, or of a severity."""
        query = self._lines(seen_by)
        if statuses:
            query = query.where(INCIDENTS.c.status.in_(sorted(map(str, statuses))))
        if severity is not None:
            query = query.where(INCIDENTS.c.severity == severity)
        return await self._read(query.order_by(*_newest_first()).limit(limit))

    async def of_person(self, person: UserId) -> list[IncidentLine]:
        """Return the open ones in which a person has a role or which they declared, the worst first."""
        has_role = exists().where(ROLES.c.incident == INCIDENTS.c.id, ROLES.c.person == person)
        me = Actor.person(person)
        query = self._lines(me).where(
            _is_open(), or_(has_role, INCIDENTS.c.declared_by.in_([str(me), f"shell:{person}"]))
        )
        return await self._read(query.order_by(self._worst_first(), *_newest_first()))

    async def postmortems_owed(self, *, seen_by: Actor, owner: UserId | None = None) -> list[IncidentLine]:
        """Return those whose postmortem is open, the earliest due first."""
        query = self._lines(seen_by).where(
            INCIDENTS.c.postmortem_due.is_not(None), INCIDENTS.c.postmortem_done.is_(None)
        )
        if owner is not None:
            query = query.where(INCIDENTS.c.postmortem_owner == owner)
        return await self._read(query.order_by(INCIDENTS.c.postmortem_due, INCIDENTS.c.id))

    async def open_rooms(self, *, limit: int = 500) -> list[IncidentId]:
        """Return the newest that have a room and have not ended for good, the oldest of them first."""
        query = (
            select(INCIDENTS.c.id)
            .where(INCIDENTS.c.channel.is_not(None), INCIDENTS.c.status.in_(_IN_USE))
            .order_by(INCIDENTS.c.id.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            numbers = (await connection.execute(query)).scalars().all()
            return [IncidentId(number) for number in reversed(numbers)]

    async def open_by_severity(self) -> Mapping[str, int]:
        """Return how many incidents are open, private ones and drills left out."""
        query = (
            select(INCIDENTS.c.severity, func.count().label("number"))
            .where(_is_open(), INCIDENTS.c.private == false(), INCIDENTS.c.drill == false())
            .group_by(INCIDENTS.c.severity)
        )
        async with self._database.read() as connection:
            return {row.severity: row.number for row in await connection.execute(query)}

    # -- what is owed

    async def jobs(
        self, *, states: Sequence[JobState] = (), limit: int = 200, seen_by: Actor = SYSTEM
    ) -> list[JobLine]:
        """Return jobs by due time, all states where none is given; those of no incident are everybody's."""
        all_of_them = seen_by.kind is ActorKind.SYSTEM or self._include_private
        seen = None if all_of_them else self._visible(seen_by)
        # The states are read one after another: a job that moves meanwhile is not to be missed.
        async with self._database.read(one_moment=True) as connection:
            return await backlog.lines(connection, states=states, limit=limit, seen=seen)

    async def job(self, number: int) -> JobLine | None:
        """Return one job, or None where there is none."""
        async with self._database.read() as connection:
            return await backlog.line(connection, number)

    async def backlog(self, *, now: datetime) -> Backlog:
        """Return how the jobs stand; raises when the database cannot be reached."""
        async with self._database.read() as connection:
            return await backlog.standing(connection, now=now)

    # --

    @asynccontextmanager
    async def _seen(self, incident: IncidentId, seen_by: Actor) -> AsyncIterator[tuple[AsyncConnection, int]]:
        """Open a reading of an incident and its version; raises ``NotFound``."""
        query = select(INCIDENTS.c.version).where(INCIDENTS.c.id == incident, self._visible(seen_by))
        async with self._database.read(one_moment=True) as connection:
            version = (await connection.execute(query)).scalar_one_or_none()
            if version is None:
                raise not_found(incident)
            yield connection, version

    def _visible(self, actor: Actor) -> ColumnElement[bool]:
        return visible_to(actor, include_private=self._include_private)

    def _lines(self, seen_by: Actor) -> Select[Any]:
        titled = INCIDENTS.outerjoin(TEXTS, TEXTS.c.id == INCIDENTS.c.title)
        return (
            select(INCIDENTS, TEXTS.c.body.label("words")).select_from(titled).where(self._visible(seen_by))
        )

    def _worst_first(self) -> ColumnElement[int]:
        # A level that the settings dropped since comes last.
        return case(self._rank, value=INCIDENTS.c.severity, else_=len(self._rank))

    async def _read(self, query: Select[Any]) -> list[IncidentLine]:
        async with self._database.read() as connection:
            return [_line(row) for row in (await connection.execute(query)).all()]


def _is_open() -> ColumnElement[bool]:
    return INCIDENTS.c.status.in_(_OPEN)


def _newest_first() -> tuple[ColumnElement[Any], ...]:
    return INCIDENTS.c.declared_at.desc(), INCIDENTS.c.id.desc()


def _line(row: Row[Any]) -> IncidentLine:
    return IncidentLine(
        id=IncidentId(row.id),
        title=row.words or "(erased)",
        severity=SeverityKey(row.severity),
        status=Status(row.status),
        private=row.private,
        drill=row.drill,
        channel=row.channel,
        channel_name=row.channel_name,
        commander=row.commander,
        declared_at=row.declared_at,
        declared_by=Actor.parse(row.declared_by),
        # What is done is due no more.
        postmortem_due=None if row.postmortem_done else row.postmortem_due,
        postmortem_owner=row.postmortem_owner,
        postmortem_done=row.postmortem_done,
    )
