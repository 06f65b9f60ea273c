"""Streams: the facts and words of one incident, or of another thing with a history, in the order recorded.

A fact keeps the place it was stored at (``seq``, from 1). What is numbered uses that and never a count of the
facts that this code knows: in a rolling deploy there are some that it does not.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.domain.shared.errors import Overtaken
from bot.domain.shared.texts import Text
from bot.domain.shared.vocabulary import IncidentId, Stream, TextId
from storage import snapshots
from storage.facts import KINDS, FactKinds, columns, to_row
from storage.tables import FACTS, TEXTS

_PLACE_TAKEN = ("pk_facts", "UNIQUE constraint failed: facts.")  # as PostgreSQL and SQLite say it
_AT_ONCE = 500  # far below what either database takes as parameters of one statement


async def append(connection: AsyncConnection, stream: Stream, new: Sequence[Fact], *, after: int) -> None:
    """Add facts behind the place ``after``; raises `Overtaken` where somebody else has added one there."""
    if not new:
        return
    rows = [to_row(fact, stream=stream, seq=seq) for seq, fact in enumerate(new, start=after + 1)]
    try:
        await connection.execute(insert(FACTS), rows)
    except IntegrityError as error:
        if not any(sign in str(error.orig) for sign in _PLACE_TAKEN):
            raise
        msg = "Somebody else changed this a moment ago. Look again, then decide."
        raise Overtaken(msg) from error


async def keep_texts(connection: AsyncConnection, stream: Stream, new: Iterable[Text]) -> None:
    """Add the words that new facts name."""
    rows = [
        {
            **columns(stream),
            "id": text.id,
            "author": str(text.author),
            "body": text.body,
            "written_at": text.written_at,
        }
        for text in new
    ]
    if rows:
        await connection.execute(insert(TEXTS), rows)


async def history(
    connection: AsyncConnection,
    stream: Stream,
    *,
    after: int = 0,
    kinds: FactKinds = KINDS,
    named: Collection[type[Fact]] = (),
) -> list[tuple[int, Fact]]:
    """Return the facts that this code knows, each with its place; of some kinds only where they are named."""
    query = _facts_of(stream).where(FACTS.c.seq > after).order_by(FACTS.c.seq)
    if named:
        query = query.where(FACTS.c.name.in_(sorted(kind.stored_as for kind in named)))
    rows = (await connection.execute(query)).all()
    return [(row.seq, fact) for row in rows if (fact := kinds.from_row(row)) is not None]


async def fact_at(
    connection: AsyncConnection, stream: Stream, seq: int, *, kinds: FactKinds = KINDS
) -> tuple[Fact, Mapping[TextId, str | None]] | None:
    """Return the fact of a place and the words it names; None where there is none that this code knows."""
    row = (await connection.execute(_facts_of(stream).where(FACTS.c.seq == seq))).one_or_none()
    fact = None if row is None else kinds.from_row(row)
    if row is None or fact is None:
        return None
    return fact, await words(connection, stream, named_in(row.data))


async def words(
    connection: AsyncConnection, stream: Stream, named: Iterable[str] | None = None
) -> dict[TextId, str | None]:
    """Return a stream's words, all of them or those that are named; None for what was erased."""
    query = select(TEXTS.c.id, TEXTS.c.body).where(is_of(TEXTS, stream))
    if named is None:
        return {TextId(row.id): row.body for row in await connection.execute(query)}
    ids, found = sorted(set(named)), dict[TextId, str | None]()
    for first in range(0, len(ids), _AT_ONCE):
        some = query.where(TEXTS.c.id.in_(ids[first : first + _AT_ONCE]))
        found.update({TextId(row.id): row.body for row in await connection.execute(some)})
    return found


async def incident(connection: AsyncConnection, number: IncidentId, *, version: int) -> tuple[Incident, int]:
    """Return an incident as its facts add up to it, and up to which place a snapshot told that (0: none).

    With a snapshot it knows the words that its state and the newer facts name; without one, all.
    """
    stream = Stream.incident(number)
    stored = await snapshots.load(connection, stream, up_to=version)
    since = stored.seq if stored else 0
    rows = (
        await connection.execute(_facts_of(stream).where(FACTS.c.seq > since).order_by(FACTS.c.seq))
    ).all()
    named = [*named_in(stored.raw), *named_in([row.data for row in rows])] if stored else None
    found = Incident.replay(
        number,
        (fact for row in rows if (fact := KINDS.from_row(row)) is not None),
        version=version,
        texts_by_id=await words(connection, stream, named),
        state=stored.state if stored else None,
    )
    return found, since


def named_in(data: object) -> Iterator[str]:
    """Yield all that may name a text in stored JSON: which of it does, the texts themselves say."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from named_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from named_in(value)


def is_of(table: Table, stream: Stream) -> ColumnElement[bool]:
    """Return the condition that a row belongs to a stream."""
    return and_(table.c.stream_type == stream.type, table.c.stream_id == stream.id)


def _facts_of(stream: Stream) -> Select[Any]:
    return select(FACTS).where(is_of(FACTS, stream))
