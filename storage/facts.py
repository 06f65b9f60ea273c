"""Facts as rows and back, by the name they are stored under."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.domain.shared.texts import Text
from bot.domain.shared.vocabulary import Actor, IncidentId, TextId
from storage.tables import FACTS, TEXTS

_COLUMNS = {"by", "occurred_at", "recorded_at"}


@cache
def _by_name() -> Mapping[str, type[Fact]]:
    return {kind.stored_as: kind for kind in facts.ALL}


@cache
def _adapter(name: str) -> TypeAdapter[Fact]:
    """Return what turns one kind of fact to JSON and back; built when it is first met."""
    return TypeAdapter(_by_name()[name])


def to_row(fact: Fact, *, incident: IncidentId, seq: int) -> dict[str, Any]:
    """Return the row of a fact; ``seq`` is its place in the incident's history, from 1."""
    return {
        "incident": incident,
        "seq": seq,
        "name": fact.stored_as,
        "by": str(fact.by),
        "occurred_at": fact.occurred_at,
        "recorded_at": fact.recorded_at,
        "data": _adapter(fact.stored_as).dump_python(fact, mode="json", exclude=_COLUMNS),
    }


def from_row(row: Row[Any]) -> Fact | None:
    """Return the fact of a row, or None for one that newer code recorded: older code reads on without."""
    if row.name not in _by_name():
        return None
    return _adapter(row.name).validate_python(
        {
            **row.data,
            "by": Actor.parse(row.by),
            "occurred_at": row.occurred_at,
            "recorded_at": row.recorded_at,
        }
    )


async def append(
    connection: AsyncConnection, incident: IncidentId, new: Sequence[Fact], *, after: int
) -> None:
    """Add facts behind the ``after`` ones that are there."""
    if new:
        rows = [to_row(fact, incident=incident, seq=seq) for seq, fact in enumerate(new, start=after + 1)]
        await connection.execute(insert(FACTS), rows)


async def keep_texts(connection: AsyncConnection, incident: IncidentId, new: Iterable[Text]) -> None:
    """Add the words that new facts name."""
    rows = [
        {
            "id": text.id,
            "incident": incident,
            "author": str(text.author),
            "body": text.body,
            "written_at": text.written_at,
        }
        for text in new
    ]
    if rows:
        await connection.execute(insert(TEXTS), rows)


async def history(connection: AsyncConnection, incident: IncidentId) -> list[Fact]:
    """Return an incident's facts in the order they were recorded."""
    rows = await connection.execute(select(FACTS).where(FACTS.c.incident == incident).order_by(FACTS.c.seq))
    return [fact for row in rows if (fact := from_row(row)) is not None]


async def replay(connection: AsyncConnection, incident: IncidentId, *, version: int) -> Incident:
    """Return the incident that its stored facts add up to."""
    words = await connection.execute(select(TEXTS.c.id, TEXTS.c.body).where(TEXTS.c.incident == incident))
    return Incident.replay(
        incident,
        await history(connection, incident),
        version=version,
        texts_by_id={TextId(row.id): row.body for row in words},
    )
