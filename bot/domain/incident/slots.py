"""When something that is asked for again and again comes next, in working hours where they apply."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.shared.working_hours import WorkingHours, fitting


@dataclass(frozen=True, kw_only=True)
class Series:
    """Times to ask at, and after the last of them every ``again``, moved to the opening outside ``hours``."""

    times: tuple[datetime, ...]
    again: timedelta
    hours: WorkingHours | None = None

    def quiet_until(self, until: datetime) -> "Series":
        """Return the series where nothing is asked before a time; it is asked then, and goes on from there.

        Quiet that ends before the series begins changes nothing.
        """
        if until <= min(self.times):
            return self
        later = tuple(at for at in self.times if at > until)
        return replace(self, times=(until, *later))

    def around(self, now: datetime) -> tuple[datetime, ...]:
        """Return the newest time that has come, if any has, and the next one: what ought to be waiting."""
        fixed = sorted(set(self.times))
        if now < fixed[-1]:
            come = [at for at in fixed if at <= now]
            return (*come[-1:], next(at for at in fixed if at > now))
        newest = self._newest(fixed[-1], now)
        return newest, self._after(newest)

    def _after(self, at: datetime) -> datetime:
        return fitting(at + self.again, self.hours)

    def _newest(self, start: datetime, now: datetime) -> datetime:
        """Return the newest time up to now of those that follow a start."""
        if self.hours is None:
            return start + self.again * ((now - start) // self.again)
        newest = _skipped(start, now, again=self.again, hours=self.hours)
        while (following := self._after(newest)) <= now:
            newest = following
        return newest


def _skipped(start: datetime, now: datetime, *, again: timedelta, hours: WorkingHours) -> datetime:
    """Return a time of the series close to now, without counting through all before it.

    Where the hours are closed for at least ``again``, the first time of a day is its opening.
    """
    session = hours.session(now)
    if session.opens > start and again <= session.closed_before:
        start = session.opens
    if session.opens <= start <= min(now, session.closes):
        # Within one session nothing is moved.
        start += again * ((min(now, session.closes) - start) // again)
        start = start - again if start >= session.closes and start - again >= session.opens else start
    return start
