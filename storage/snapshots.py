"""Stored states of long incidents, so that an act on one does not read all of its history.

A snapshot is a shortcut and never a truth: code whose rules differ from those that made it leaves it aside,
reads the facts, and writes one of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

import bot.domain
from bot.domain.incident.state import State
from bot.domain.shared.vocabulary import Stream
from storage.dialects import insert_into
from storage.tables import SNAPSHOTS

EVERY = 50
"""Facts between two snapshots: reading so many is faster than anybody notices."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What the first ``seq`` facts add up to; ``raw`` is the same as it was stored."""

    seq: int
    state: State
    raw: dict[str, Any]


async def load(connection: AsyncConnection, stream: Stream, *, up_to: int) -> Snapshot | None:
    """Return a stream's snapshot, or None where there is none that this code made."""
    if up_to < EVERY:
        return None
    query = select(SNAPSHOTS.c.seq, SNAPSHOTS.c.state).where(
        SNAPSHOTS.c.stream_type == stream.type,
        SNAPSHOTS.c.stream_id == stream.id,
        SNAPSHOTS.c.fingerprint == fingerprint(),
        SNAPSHOTS.c.seq <= up_to,
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    try:
        return Snapshot(seq=row.seq, state=from_json(row.state), raw=row.state)
    except ValueError:
        return None


async def keep(connection: AsyncConnection, stream: Stream, *, seq: int, state: State) -> None:
    """Write a stream's snapshot in place of the one before."""
    row = {"seq": seq, "fingerprint": fingerprint(), "state": to_json(state)}
    await connection.execute(
        insert_into(connection, SNAPSHOTS)
        .values(stream_type=stream.type, stream_id=stream.id, **row)
        .on_conflict_do_update(index_elements=["stream_type", "stream_id"], set_=row)
    )


def to_json(state: State) -> dict[str, Any]:
    """Return a state as it is stored."""
    # A read-only mapping is written as what it is a view of; that it is none itself is not worth a warning.
    dumped: dict[str, Any] = _adapter().dump_python(state, mode="json", fallback=_plain, warnings=False)
    return dumped


def from_json(stored: Mapping[str, Any]) -> State:
    """Return the state that was stored; raises ``ValueError`` where it is none of this code's."""
    return _adapter().validate_python(stored)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    msg = f"A state holds a {type(value).__name__}, which no snapshot can."
    raise TypeError(msg)


@cache
def fingerprint() -> str:
    """Return what tells these rules from others: a digest of the domain's source and the state's shape."""
    digest = sha256(repr(_adapter().json_schema()).encode())
    for source in sorted(Path(bot.domain.__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:32]


@cache
def _adapter() -> TypeAdapter[State]:
    return TypeAdapter(State)
