"""The unit of work: facts, words, answers and what is owed become true in one transaction."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.usecases.ports import Follow, OpensWork, Urgency, Work
from storage.engine import Database, announce
from storage.inbox import StoredInbox
from storage.incidents import StoredIncidents
from storage.jobs import StoredOutbox
from storage.members import RoomMembers
from storage.posts import StoredPosts
from storage.real_time import Clock, RealTime


class UnitOfWork:
    """One transaction, as `bot.usecases.ports.Work`."""

    def __init__(
        self,
        connection: AsyncConnection,
        *,
        follow: Follow,
        committed: Callable[[], None],
        real: RealTime,
    ) -> None:
        """Work on this transaction; ``committed`` hears of commits that changed what is owed."""
        self._connection = connection
        self._committed = committed
        self.task = asyncio.current_task()
        self.is_open = True
        self.outbox = StoredOutbox(connection, real=real)
        self.inbox = StoredInbox(connection, real=real)
        self.posts = StoredPosts(connection)
        self.members = RoomMembers(connection)
        self.incidents = StoredIncidents(connection, follow=follow, jobs=self.outbox, members=self.members)

    async def commit(self) -> None:
        """Make it all true, or raise and leave nothing."""
        planned, changed = self.outbox.planned, self.outbox.planned or self.outbox.settled
        if planned:
            await announce(self._connection)
        await self._connection.commit()
        self.outbox.planned = self.outbox.settled = False
        if changed:
            self._committed()


_current: ContextVar[UnitOfWork | None] = ContextVar("unit_of_work", default=None)


def unit_of_work_open() -> bool:
    """Return whether the caller runs inside a unit of work, where nothing outside may be waited for."""
    unit = _current.get()
    return unit is not None and unit.is_open


def opens_work(
    database: Database,
    follow: Follow,
    committed: Callable[[], None],
    *,
    clock: Clock | None = None,
) -> OpensWork:
    """Return what opens units of work on a database.

    ``follow`` says which jobs new facts lead to; they are saved in the same transaction. ``committed`` is
    called after each commit that planned or settled jobs. ``clock`` is real time, as `RealTime` takes it.
    """
    real = RealTime(database, clock)

    @asynccontextmanager
    async def _open(urgency: Urgency) -> AsyncIterator[Work]:
        outer = _current.get()
        if outer is not None and outer.is_open and outer.task is asyncio.current_task():
            # On SQLite the inner one would wait for the outer one's turn, for ever.
            msg = "A unit of work is already open here; use that one."
            raise RuntimeError(msg)
        async with database.write(urgency) as connection:
            unit = UnitOfWork(connection, follow=follow, committed=committed, real=real)
            _current.set(unit)
            try:
                yield unit
            finally:
                unit.is_open = False

    def work(urgency: Urgency = Urgency.REQUEST) -> AbstractAsyncContextManager[Work]:
        return _open(urgency)

    return work
