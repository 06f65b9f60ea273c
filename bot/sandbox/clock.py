"""The business clock of the sandbox: it goes on with real time and is moved forward by hand."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class MovableClock:
    """A clock that tests and the demo push forward; it never goes back."""

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        """Start at ``start`` (aware; default now); a frozen clock moves only by hand."""
        if start is not None and start.tzinfo is None:
            message = "a clock needs a start with a time zone"
            raise ValueError(message)
        self._started = time.monotonic()
        self._base = (start or datetime.now(UTC)).astimezone(UTC)
        self._frozen = frozen
        self._moved: set[asyncio.Event] = set()
        self.watchers: list[Callable[[], None]] = []
        """Called after every move by hand."""

    def now(self) -> datetime:
        """Return the aware UTC time."""
        if self._frozen:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._started)

    def forward(self, step: timedelta) -> datetime:
        """Move forward by ``step`` and return the new time; a negative step is a ValueError."""
        if step < timedelta():
            message = "the sandbox's clock does not go back"
            raise ValueError(message)
        self._base += step
        self._tell()
        return self.now()

    def _tell(self) -> None:
        for event in self._moved:
            event.set()
        for watch in tuple(self.watchers):
            watch()

    @property
    def setting(self) -> tuple[datetime, float]:
        """Return by what another process of this machine shows the same time: see `set`."""
        return self._base, self._started

    def set(self, base: datetime, started: float) -> None:
        """Show the time of the clock whose ``setting`` this is; the monotonic clock is the machine's."""
        self._base, self._started = base, started
        self._tell()

    async def sleep(self, seconds: float) -> None:
        """Return once this clock is ``seconds`` further: by the flow of time or by a move of the hand."""
        until = self.now() + timedelta(seconds=seconds)
        event = asyncio.Event()
        self._moved.add(event)
        try:
            while (left := (until - self.now()).total_seconds()) > 0:
                event.clear()
                try:
                    async with asyncio.timeout(None if self._frozen else left):
                        await event.wait()
                except TimeoutError:
                    continue
        finally:
            self._moved.discard(event)
