"""Pages of a timeline: the newest of what happened and was said, and from there backwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Row, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.incident.facts import MomentMarked, MomentUnmarked
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import Actor, IncidentId, Stream
from bot.usecases.ports import Show, TimelinePage
from storage import streams
from storage.archive import message
from storage.facts import KINDS
from storage.tables import FACTS, MESSAGES

_MARKS = tuple(sorted(kind.stored_as for kind in (MomentMarked, MomentUnmarked)))


@dataclass(frozen=True, order=True)
class Place:
    """Where a row stands in a timeline; of one instant facts come before messages."""

    at: datetime
    is_message: bool
    seq: int = 0
    ts: str = ""

    def __str__(self) -> str:
        """Return the form that a button carries."""
        return f"{self.at.isoformat()} {self.ts if self.is_message else self.seq}"

    @classmethod
    def parse(cls, cursor: str) -> Self:
        """Return the place that a cursor names; refuses what is none."""
        try:
            at, what = cursor.split(" ")
            moment = datetime.fromisoformat(at)
            is_message = "." in what
            place = cls(moment, is_message, 0 if is_message else int(what), what if is_message else "")
        except ValueError:
            place = None
        if place is None or place.at.tzinfo is None:
            msg = "This page is no longer there. Open the timeline again."
            raise Refused(msg)
        return place


async def page(
    connection: AsyncConnection, incident: IncidentId, *, limit: int, before: str | None, show: Show
) -> TimelinePage:
    """Return at most ``limit`` rows of an incident's timeline, and where the page before them ends."""
    stream = Stream.incident(incident)
    end = Place.parse(before) if before else None
    marked = await _marked(connection, stream)
    rows: list[tuple[Place, Row[Any]]] = []
    if show is not Show.MESSAGES:
        rows += await _facts(connection, stream, limit=limit + 1, end=end)
    if show is not Show.FACTS:
        only = sorted(marked) if show is Show.KEY_MOMENTS else None
        rows += await _messages(connection, incident, limit=limit + 1, end=end, only=only)
    rows.sort(key=lambda row: row[0])
    shown = rows[-limit:]
    facts = [row for place, row in shown if not place.is_message]
    return TimelinePage(
        facts=tuple(fact for row in facts if (fact := KINDS.from_row(row)) is not None),
        messages=tuple(message(row) for place, row in shown if place.is_message),
        texts=await streams.words(connection, stream, streams.named_in([row.data for row in facts])),
        marked=marked,
        earlier=str(shown[0][0]) if len(rows) > limit else None,
    )


async def _marked(connection: AsyncConnection, stream: Stream) -> frozenset[str]:
    """Return the messages that somebody's mark stands on, without reading all else that happened."""
    standing: set[tuple[str, Actor]] = set()
    for _, fact in await streams.history(connection, stream, named=(MomentMarked, MomentUnmarked)):
        if isinstance(fact, MomentMarked):
            standing.add((fact.ts, fact.by))
        elif isinstance(fact, MomentUnmarked):
            standing.discard((fact.ts, fact.by))
    return frozenset(ts for ts, _ in standing)


async def _facts(
    connection: AsyncConnection, stream: Stream, *, limit: int, end: Place | None
) -> list[tuple[Place, Row[Any]]]:
    query = (
        select(FACTS)
        .where(streams.is_of(FACTS, stream), FACTS.c.name.not_in(_MARKS))
        .order_by(FACTS.c.occurred_at.desc(), FACTS.c.seq.desc())
        .limit(limit)
    )
    if end is not None:
        # Of the same instant all facts come before a message.
        same: ColumnElement[bool] = FACTS.c.occurred_at == end.at
        if not end.is_message:
            same = and_(same, FACTS.c.seq < end.seq)
        query = query.where(FACTS.c.occurred_at <= end.at, or_(FACTS.c.occurred_at < end.at, same))
    rows: Sequence[Row[Any]] = (await connection.execute(query)).all()
    return [(Place(row.occurred_at, is_message=False, seq=row.seq), row) for row in rows]


async def _messages(
    connection: AsyncConnection,
    incident: IncidentId,
    *,
    limit: int,
    end: Place | None,
    only: Sequence[str] | None,
) -> list[tuple[Place, Row[Any]]]:
    query = (
        select(MESSAGES)
        .where(MESSAGES.c.incident == incident)
        .order_by(MESSAGES.c.said_at.desc(), MESSAGES.c.ts.desc())
        .limit(limit)
    )
    if only is not None:
        query = query.where(MESSAGES.c.ts.in_(only))
    if end is not None and end.is_message:
        query = query.where(
            MESSAGES.c.said_at <= end.at,
            tuple_(MESSAGES.c.said_at, MESSAGES.c.ts) < tuple_(end.at, end.ts),
        )
    elif end is not None:
        query = query.where(MESSAGES.c.said_at < end.at)
    rows: Sequence[Row[Any]] = (await connection.execute(query)).all()
    return [(Place(row.said_at, is_message=True, ts=row.ts), row) for row in rows]
