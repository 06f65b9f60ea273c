"""Real time, which leases, retries and sweeps run on; it never goes back, whatever a wall clock does.

PostgreSQL's own clock serves all replicas alike. A SQLite file belongs to one process, which reads the wall
clock once, when it starts, and from then on a clock that only goes on. A test hands in a clock of its own.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, and_, func, literal

from bot import clock
from storage.engine import Database

Clock = Callable[[], datetime]
AT = DateTime(timezone=True)


class SteadyClock:
    """The wall clock as it stood at the start, and what a monotonic clock has told since."""

    def __init__(
        self, *, wall: Clock = clock.utc_now, monotonic: Callable[[], float] = clock.monotonic
    ) -> None:
        """Read both once."""
        self._monotonic = monotonic
        self._wall, self._began = wall(), monotonic()

    def __call__(self) -> datetime:
        """Return the time (UTC)."""
        return self._wall + timedelta(seconds=self._monotonic() - self._began)


class RealTime:
    """Real time as statements speak of it."""

    def __init__(self, database: Database, given: Clock | None = None) -> None:
        """Use the clock where one is given, else the database's own, or a steady one of this process."""
        self._clock = given or (SteadyClock() if database.is_sqlite else None)

    def at(self, later: timedelta = timedelta()) -> ColumnElement[datetime]:
        """Return the moment that lies so much later than now, for a statement."""
        if self._clock is not None:
            return literal(self._clock() + later, AT)
        now = func.statement_timestamp(type_=AT)
        return now + later if later else now

    def is_over(self, until: ColumnElement[datetime], *, longest: timedelta) -> ColumnElement[bool]:
        """Return the condition that a wait is over.

        One that lies further ahead than any wait may be was written before a clock was set back: it is over.
        """
        return ~and_(until > self.at(), until <= self.at(longest))
