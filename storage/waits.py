"""Until when Slack asked to be left alone, kept for the next process and for the other replicas."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from bot import log
from bot.usecases.ports import Urgency
from storage.dialects import insert_into
from storage.engine import Database
from storage.failures import UNREACHABLE
from storage.real_time import Clock, RealTime
from storage.tables import WAITS

_READ_WITHIN_S = 0.5  # a call is held up by this, and a person may be waiting for it
_WRITE_WITHIN_S = 2.0  # no call is held up by this, only the job that was refused anyway

_log = log.get(__name__)


class StoredWaits:
    """The waits as one database keeps them (`bot.usecases.ports.Waits`).

    A database that cannot be reached is no reason not to speak with Slack: then nothing is kept, nothing
    stands, and that is said once for each outage.
    """

    def __init__(self, database: Database, *, clock: Clock | None = None) -> None:
        """Work on this database; ``clock`` is real time."""
        self._database = database
        self._real = RealTime(database, clock)
        self._reachable = True

    async def keep(self, scope: str, until: datetime) -> None:
        """Keep a wait, never shortening one, and drop those that are over."""
        try:
            async with asyncio.timeout(_WRITE_WITHIN_S):
                await self._keep(scope, until)
        except UNREACHABLE as error:
            self._lost(error)

    async def _keep(self, scope: str, until: datetime) -> None:
        over = (
            select(WAITS.c.scope)
            .where(WAITS.c.until <= self._real.at())
            # Two replicas that each wait for what the other sweeps would wait for ever.
            .with_for_update(skip_locked=True)
        )
        async with self._database.write(Urgency.JOB) as connection:
            insert = insert_into(connection, WAITS).values(scope=scope, until=until)
            longer = insert.on_conflict_do_update(
                index_elements=["scope"],
                set_={"until": insert.excluded.until},
                where=WAITS.c.until < insert.excluded.until,
            )
            await connection.execute(longer)
            await connection.execute(delete(WAITS).where(WAITS.c.scope.in_(over)))
            await connection.commit()

    async def standing(self) -> Mapping[str, datetime]:
        """Return until when each scope is to be left alone, of those that are not over."""
        try:
            async with asyncio.timeout(_READ_WITHIN_S):
                return await self._standing()
        except UNREACHABLE as error:
            self._lost(error)
            return {}

    async def _standing(self) -> Mapping[str, datetime]:
        query = select(WAITS.c.scope, WAITS.c.until).where(WAITS.c.until > self._real.at())
        async with self._database.read() as connection:
            found = {row.scope: row.until for row in await connection.execute(query)}
        if not self._reachable:
            _log.info("waits_reachable_again")
        self._reachable = True
        return found

    def _lost(self, error: BaseException) -> None:
        if self._reachable:
            _log.warning("waits_unreachable", error=str(error) or type(error).__name__)
        self._reachable = False
