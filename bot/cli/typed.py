"""What people type, turned into what the use cases take; refusals say how to write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.shared.errors import NotFound, Refused
from bot.domain.shared.vocabulary import Actor, ActorKind, IncidentId, TextId, UserId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.incident.aggregate import Incident

_LARGEST = 2**31 - 1


def incident_id(typed: str) -> IncidentId:
    """Return the incident meant by ``INC-1``, ``inc-1`` or ``1``."""
    match = re.fullmatch(r"(?:inc-?)?(\d{1,10})", typed.strip().casefold(), re.ASCII)
    if match is None:
        msg = f"“{typed}” names no incident. Write it like INC-1; `warroom incident list` has them all."
        raise Refused(msg, field="incident")
    if not 0 < int(match[1]) <= _LARGEST:
        msg = f"There is no incident INC-{match[1]}."
        raise NotFound(msg, field="incident")
    return IncidentId(int(match[1]))


_MEMBER = re.compile(r"(?:<@)?@?([UW][A-Z0-9]{1,20})(?:\|[^>]*)?>?")


def is_member_id(typed: str) -> bool:
    """Return whether this names a Slack person by their id."""
    return _MEMBER.fullmatch(typed.strip()) is not None


def person(typed: str) -> UserId:
    """Return a Slack person's id, as it is or as a mention."""
    match = _MEMBER.fullmatch(typed.strip())
    if match is None:
        msg = f"“{typed}” is no member id. Write it like U012ABCDEF (in Slack: profile, ⋮, Copy member ID)."
        raise Refused(msg, field="person")
    return UserId(match[1])


def operator(named: str | None) -> Actor:
    """Return who acts: the operator of this shell, in a person's name where one is given."""
    return Actor(ActorKind.SHELL, person(named) if named else None)


def moment(typed: str | None, *, now: datetime) -> datetime | None:
    """Return a time in UTC: ISO 8601, or ``10:30`` for the last time it was that; without a zone UTC."""
    if typed is None:
        return None
    word = typed.strip()
    if match := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", word, re.ASCII):
        today = now.astimezone(UTC).replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
        return today if today <= now else today - timedelta(days=1)
    try:
        at = datetime.fromisoformat(word)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        msg = f"“{typed}” is no time. Write it like 10:30 or 2026-11-22T10:30 (UTC), or with a zone: …+01:00."
        raise Refused(msg, field="at") from None


def needs_met(typed: Sequence[str], incident: Incident) -> tuple[TextId, ...]:
    """Return the open Needs meant by their numbers in `incident show`, or by how they begin."""
    return tuple(_need(one, incident) for one in typed)


def _need(typed: str, incident: Incident) -> TextId:
    standing = [need.text for need in incident.state.needs]
    word = typed.strip().casefold()
    if word.isdecimal() and 0 < int(word) <= len(standing):
        return standing[int(word) - 1]
    begin = [text for text in standing if word and (incident.text(text) or "").casefold().startswith(word)]
    if len(begin) == 1:
        return begin[0]
    listed = "; ".join(
        f"{n}. {incident.text(text) or '(erased)'}" for n, text in enumerate(standing, start=1)
    )
    found = "is more than one of the open needs" if begin else "is none of the open needs"
    msg = f"“{typed}” {found}. Give its number: {listed}." if listed else "No need is open here."
    raise Refused(msg, field="met")
