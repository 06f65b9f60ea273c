"""Facts as rows and back, by the name they are stored under."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row

from bot.domain.incident import facts
from bot.domain.incident.facts import Fact
from bot.domain.shared.vocabulary import INCIDENT, Actor, Stream

_ADAPTERS: dict[object, TypeAdapter[Fact]] = {}
_COLUMNS = {"by", "occurred_at", "recorded_at"}


class FactKinds:
    """The kinds of facts that rows are read back into; each context adds its own to `KINDS`."""

    def __init__(self, kinds: Iterable[type[Fact]]) -> None:
        """Take them; refuses two of one stored name."""
        self._by_name: dict[str, type[Fact]] = {}
        for kind in kinds:
            if self._by_name.setdefault(kind.stored_as, kind) is not kind:
                msg = f"Two kinds of facts are stored as “{kind.stored_as}”."
                raise ValueError(msg)

    def from_row(self, row: Row[Any]) -> Fact | None:
        """Return the fact of a row, or None for one that newer code recorded: older code reads on without."""
        kind = self._by_name.get(row.name)
        if kind is None:
            return None
        return _adapter(kind).validate_python(
            {
                **row.data,
                "by": Actor.parse(row.by),
                "occurred_at": row.occurred_at,
                "recorded_at": row.recorded_at,
            }
        )


KINDS = FactKinds(facts.ALL)
"""Every kind of fact that there is: the sum of the contexts."""


def _adapter(kind: type[Fact]) -> TypeAdapter[Fact]:
    """Return what turns one kind of fact to JSON and back; built when it is first met."""
    known = _ADAPTERS.get(kind)
    if known is None:
        known = _ADAPTERS[kind] = TypeAdapter(kind)
    return known


def to_row(fact: Fact, *, stream: Stream, seq: int) -> dict[str, Any]:
    """Return the row of a fact; ``seq`` is its place in the stream, from 1."""
    return {
        **columns(stream),
        "seq": seq,
        "name": fact.stored_as,
        "by": str(fact.by),
        "occurred_at": fact.occurred_at,
        "recorded_at": fact.recorded_at,
        "data": _adapter(type(fact)).dump_python(fact, mode="json", exclude=_COLUMNS),
    }


def columns(stream: Stream | None) -> Mapping[str, str | int | None]:
    """Return the columns that name a stream; ``incident`` is what older code reads."""
    if stream is None:
        return {"stream_type": None, "stream_id": None, "incident": None}
    number = stream.id if stream.type == INCIDENT else None
    return {"stream_type": stream.type, "stream_id": stream.id, "incident": number}
