"""When a team is at work, in its own zone; what is not urgent waits for it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Session:
    """One stretch of work in UTC, and for how long it was closed before."""

    opens: datetime
    closes: datetime
    closed_before: timedelta


@dataclass(frozen=True, kw_only=True)
class WorkingHours:
    """Opening and closing on some weekdays (Monday is 0) in one zone."""

    zone: ZoneInfo
    days: frozenset[int]
    opens: time
    closes: time

    def __post_init__(self) -> None:
        """Refuse hours that never open, which would hold every nudge back for ever."""
        if not self.days or self.opens >= self.closes:
            msg = "Working hours need at least one day, and must open before they close."
            raise ValueError(msg)

    def next_open(self, at: datetime) -> datetime:
        """Return ``at`` itself when it falls in working hours, else the next opening, in UTC."""
        local = at.astimezone(self.zone)
        if local.weekday() in self.days and self.opens <= local.time() < self.closes:
            return at
        day = local.date()
        # Asked in UTC: where clocks go back, a wall time that is still to come may have passed already.
        while day.weekday() not in self.days or self._opening(day) < at:
            day += timedelta(days=1)
        return self._opening(day)

    def session(self, at: datetime) -> Session:
        """Return the session that is under way at a time, or the newest one before it."""
        day = at.astimezone(self.zone).date()
        while day.weekday() not in self.days or self._opening(day) > at:
            day -= timedelta(days=1)
        before = day - timedelta(days=1)
        while before.weekday() not in self.days:
            before -= timedelta(days=1)
        opens = self._opening(day)
        return Session(opens=opens, closes=self._closing(day), closed_before=opens - self._closing(before))

    def _opening(self, day: date) -> datetime:
        return datetime.combine(day, self.opens, tzinfo=self.zone).astimezone(UTC)

    def _closing(self, day: date) -> datetime:
        return datetime.combine(day, self.closes, tzinfo=self.zone).astimezone(UTC)


def fitting(at: datetime, hours: WorkingHours | None) -> datetime:
    """Return ``at`` moved to the next opening, or untouched where no hours apply."""
    return hours.next_open(at) if hours else at
