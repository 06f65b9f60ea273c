"""The moments metrics are made of, each with when it occurred and when it was recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import Milestone

SKEW = timedelta(minutes=1)
"""How far ahead a person's clock may be before "now" counts as the future."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When something occurred, and when it was recorded (both UTC)."""

    occurred: datetime
    recorded: datetime


Milestones = Mapping[Milestone, Moment]


def not_in_future(occurred: datetime, *, now: datetime, field: str) -> datetime:
    """Return ``occurred``, at most ``now``; refuses a time that has not come yet."""
    if occurred.tzinfo is None:
        msg = "This time has no zone."
        raise ValueError(msg)
    if occurred > now + SKEW:
        msg = "That time is still to come. Give the time it happened, or leave it empty for now."
        raise Refused(msg, field=field)
    return min(occurred, now)


def check_order(milestones: Milestones, changed: Milestone, occurred: datetime) -> None:
    """Refuse a correction that puts something of the incident before it started."""
    started = milestones.get(Milestone.STARTED)
    if changed is Milestone.STARTED:
        earlier = [name for name, m in milestones.items() if name is not changed and m.occurred < occurred]
        if earlier:
            msg = f"It cannot have started after it was {earlier[0]}. Correct that time first."
            raise Refused(msg, field="at")
    elif started and occurred < started.occurred:
        msg = f"It cannot have been {changed} before it started. Correct when it started first."
        raise Refused(msg, field="at")
