"""A CAN report, when the next one is due, and which Needs are still open."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.shared.severity import SeverityKey
from bot.domain.shared.vocabulary import Actor, ConditionType, Status, TextId
from bot.domain.shared.working_hours import WorkingHours, fitting


@dataclass(frozen=True, kw_only=True)
class Report:
    """Conditions, Actions, Needs as they stood at ``at``; the words are in texts."""

    at: datetime
    by: Actor
    status: Status
    severity: SeverityKey
    condition: ConditionType
    conditions: TextId
    actions: TextId
    blast_radius: TextId | None
    needs: tuple[TextId, ...]
    met: tuple[TextId, ...]


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something that is missing (people, access, a decision), open until it is met."""

    text: TextId
    since: datetime


def next_due(*, cadence: timedelta | None, last: datetime, hours: WorkingHours | None) -> datetime | None:
    """Return the UTC time the next report is due, or None when the severity asks for none.

    A due time outside working hours moves to the next opening; major incidents pass ``hours=None``.
    """
    if cadence is None:
        return None
    return fitting(last + cadence, hours)
