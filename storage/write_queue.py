"""One writer at a time, the most urgent first: SQLite has a single write lock and gives it out by chance."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from bot.usecases.ports import Urgency


class WriteQueue:
    """A lock whose waiters are served by urgency, and among equals in the order they came."""

    def __init__(self) -> None:
        """Start free."""
        self._taken = False
        self._arrivals = count()
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def turn(self, urgency: Urgency) -> AsyncIterator[None]:
        """Hold the one turn to write; somebody who gives up waiting is passed over."""
        await self._take(urgency)
        try:
            yield
        finally:
            self._hand_on()

    async def _take(self, urgency: Urgency) -> None:
        if not self._taken:
            self._taken = True
            return
        mine = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._arrivals), mine))
        try:
            await mine
        except asyncio.CancelledError:
            # The turn may have been handed over in the same moment; then it has to go on to the next.
            if mine.done() and not mine.cancelled():
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        while self._waiting:
            _, _, waiter = heapq.heappop(self._waiting)
            if not waiter.done():
                waiter.set_result(None)
                return
        self._taken = False
