"""The mirror of war rooms: whatever order things are heard in, a message ends as it stands in Slack."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, literal_column, null, or_, select
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.incident.timeline import Message
from bot.domain.shared.vocabulary import ChannelId, IncidentId, UserId
from bot.usecases.ports import Deleted, Edited, MessageEvent, Urgency
from storage.dialects import storable
from storage.engine import Database
from storage.tables import INCIDENTS, JSON_TYPE, MESSAGES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROOMS_MOST = 10_000
_ROOMS = select(INCIDENTS.c.channel, INCIDENTS.c.id)
_INSTANTS = frozenset({"said_at", "edited_at", "deleted_at"})


class StoredArchive:
    """Where the messages of war rooms are mirrored (`bot.usecases.ports.Journal`)."""

    def __init__(self, database: Database) -> None:
        """Write to this database."""
        self._database = database
        self._rooms: dict[str, int] = {}

    async def record(self, heard: Sequence[MessageEvent]) -> None:
        """Write all of them in one commit; those of other channels are dropped. Any order, any repeats."""
        if not heard:
            return
        if self._database.is_sqlite:
            await self._database.directly(Urgency.RECORDER, partial(self._write, heard))
            return
        async with self._database.write(Urgency.RECORDER) as connection:
            if asked := self._unknown(heard):
                found = await connection.execute(_ROOMS.where(INCIDENTS.c.channel.in_(asked)))
                self._learn({row.channel: row.id for row in found})
            if rows := self._rows(heard):
                await connection.execute(_upsert(postgresql=True), rows)
                await connection.commit()

    def _write(self, heard: Sequence[MessageEvent], connection: sqlite3.Connection) -> None:
        """Do the same with SQLite's own connection, in the one hop to its thread."""
        for channel in self._unknown(heard):
            found = connection.execute("SELECT id FROM incidents WHERE channel = ?", (channel,)).fetchone()
            self._learn({channel: found[0]} if found else {})
        if rows := self._rows(heard):
            connection.executemany(_statement(), [_stored(row) for row in rows])

    def _unknown(self, heard: Sequence[MessageEvent]) -> list[str]:
        """Return the channels that may have become a room since they were last asked about."""
        return sorted({one.channel for one in heard} - self._rooms.keys())

    def _learn(self, rooms: Mapping[str, int]) -> None:
        # A room stays its incident's; that a channel is none is not kept, for it may become one.
        if len(self._rooms) > _ROOMS_MOST:
            self._rooms.clear()
        self._rooms.update(rooms)

    def _rows(self, heard: Sequence[MessageEvent]) -> list[dict[str, Any]]:
        merged = _merged(one for one in heard if one.channel in self._rooms)
        # In one order everywhere, so that two processes cannot lock each other up.
        return [
            {"incident": self._rooms[channel], **_row(message)}
            for (channel, _), message in sorted(merged.items())
        ]


async def messages(connection: AsyncConnection, incident: IncidentId) -> list[Message]:
    """Return what was said in an incident's war room, oldest first.

    What is known only by its edit or its deletion, the original never heard, counts as well.
    """
    query = (
        select(MESSAGES)
        .where(MESSAGES.c.incident == incident)
        .order_by(MESSAGES.c.said_at, MESSAGES.c.channel, MESSAGES.c.ts)
    )
    return [message(row) for row in (await connection.execute(query)).all()]


def message(row: Row[Any]) -> Message:
    """Return a row as the message that it mirrors."""
    return Message(
        channel=ChannelId(row.channel),
        ts=row.ts,
        user=row.person and UserId(row.person),
        text=row.text,
        said_at=row.said_at,
        thread_ts=row.thread_ts,
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
        files=tuple(row.files),
    )


# -- merging: `_latest` for two of one batch and `_upsert` for a row that is there say the same


@dataclass(frozen=True)
class _Standing:
    """What a message comes to, from all that was heard of it so far."""

    text: str | None
    said_at: datetime
    user: UserId | None = None
    thread_ts: str | None = None
    files: tuple[str, ...] = ()
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


def _merged(heard: Iterable[MessageEvent]) -> dict[tuple[ChannelId, str], tuple[str, str, _Standing]]:
    merged: dict[tuple[ChannelId, str], tuple[str, str, _Standing]] = {}
    for one in heard:
        key = (one.channel, one.ts)
        new = _standing(one)
        if key in merged:
            new = _latest(merged[key][2], new)
        merged[key] = (one.channel, one.ts, new)
    return merged


def _standing(heard: MessageEvent) -> _Standing:
    # The time it was said is read from its ts, so that it is the same whichever is heard first.
    if isinstance(heard, Edited):
        return _Standing(heard.text, _said_at(heard.ts, heard.at), edited_at=heard.at)
    if isinstance(heard, Deleted):
        return _Standing(None, _said_at(heard.ts, heard.at), deleted_at=heard.at)
    gone = heard.deleted_at is not None
    return _Standing(
        None if gone else heard.text,
        _said_at(heard.ts, heard.said_at),
        user=heard.user,
        thread_ts=heard.thread_ts,
        files=() if gone else heard.files,
        edited_at=heard.edited_at,
        deleted_at=heard.deleted_at,
    )


def _said_at(ts: str, otherwise: datetime) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=int(Decimal(ts) * 1_000_000))
    except (InvalidOperation, OverflowError, ValueError):
        return otherwise


def _latest(one: _Standing, other: _Standing) -> _Standing:
    """Return what two standings of one message come to; it does not matter which is which."""
    deletions = [at for at in (one.deleted_at, other.deleted_at) if at]
    edits = [at for at in (one.edited_at, other.edited_at) if at]
    newest = max((one, other), key=lambda s: (s.edited_at or _EPOCH, s.text or ""))
    return replace(
        one,
        text=None if deletions else newest.text,
        user=one.user or other.user,
        thread_ts=one.thread_ts or other.thread_ts,
        files=() if deletions else one.files or other.files,
        edited_at=max(edits, default=None),
        deleted_at=min(deletions, default=None),
    )


def _row(merged: tuple[str, str, _Standing]) -> dict[str, Any]:
    channel, ts, standing = merged
    return {
        "channel": channel,
        "ts": ts,
        "person": standing.user,
        "text": None if standing.text is None else storable(standing.text),
        "said_at": standing.said_at,
        "thread_ts": standing.thread_ts,
        "edited_at": standing.edited_at,
        "deleted_at": standing.deleted_at,
        "files": [storable(name) for name in standing.files],
    }


@cache
def _statement() -> str:
    """Return the upsert as SQLite's own driver takes it; it keeps it prepared."""
    return str(_upsert(postgresql=False).compile(dialect=sqlite.dialect(paramstyle="named")))


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as SQLite keeps it."""
    kept = {name: value and _instant(value) for name, value in row.items() if name in _INSTANTS}
    return {**row, **kept, "files": json.dumps(row["files"])}


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


@cache
def _upsert(*, postgresql: bool) -> pg.Insert | sqlite.Insert:
    """Return the statement; built once, for building it takes longer than carrying it out."""
    insert = pg.insert(MESSAGES) if postgresql else sqlite.insert(MESSAGES)
    old, new = MESSAGES.c, insert.excluded
    deleted = or_(old.deleted_at.is_not(None), new.deleted_at.is_not(None))
    # Of two edits in one instant the greater text stays, by code point as in Python.
    by_code_point = "C" if postgresql else "BINARY"
    greater = or_(old.text.is_(None), new.text.collate(by_code_point) > old.text.collate(by_code_point))
    later = or_(
        _after(new.edited_at, old.edited_at),
        and_(~_after(old.edited_at, new.edited_at), greater),
    )
    nothing = literal_column("'[]'::jsonb" if postgresql else "'[]'", JSON_TYPE)
    return insert.on_conflict_do_update(
        index_elements=["channel", "ts"],
        set_={
            "person": case((old.person.is_(None), new.person), else_=old.person),
            "thread_ts": case((old.thread_ts.is_(None), new.thread_ts), else_=old.thread_ts),
            "text": case((deleted, null()), (later, new.text), else_=old.text),
            "files": case((deleted, nothing), (old.files == nothing, new.files), else_=old.files),
            "edited_at": case((_after(new.edited_at, old.edited_at), new.edited_at), else_=old.edited_at),
            "deleted_at": case(
                (old.deleted_at.is_(None), new.deleted_at),
                (new.deleted_at < old.deleted_at, new.deleted_at),
                else_=old.deleted_at,
            ),
        },
    )


def _after(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that one edit is later than the other; any edit is later than none."""
    return and_(one.is_not(None), or_(other.is_(None), one > other))
