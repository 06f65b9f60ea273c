"""The database: SQLite by default, PostgreSQL when more than one process serves the bot."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import inspect, select, text, update
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot import clock
from bot.usecases.ports import Urgency
from storage import addresses, migrations, sqlite
from storage.failures import UNREACHABLE, CannotOpen, cannot_use, keep_words_out
from storage.tables import SCHEMA_INFO, WRITE_PROBE
from storage.write_queue import WriteQueue

CHANNEL = "warroom_jobs"
"""What PostgreSQL's NOTIFY says when jobs were planned."""

_PATIENCE_S = 2.5  # under Slack's 3 s, so that a person is told rather than left without an answer
_POOL = 10
_LISTEN_AGAIN_S = 1.0
_CLOSE_WITHIN_S = 2.0
_CONNECT_WITHIN_S = 5.0
_STILL_THERE_S = 30.0
# One number for all replicas; it means nothing else ("WARROOM" on a telephone keypad).
_MIGRATION_LOCK = 9277666
_PROBE = update(WRITE_PROBE).values(times=WRITE_PROBE.c.times + 1)


class Schema(StrEnum):
    """What was found in the database."""

    NONE = "none"
    OLD = "old"
    CURRENT = "current"
    NEWER = "newer"


class Database:
    """One database: transactions to write in, connections to read from, and what it is made of."""

    def __init__(self, url: URL, *, patience: float = _PATIENCE_S) -> None:
        """Keep the parsed URL; nothing is connected yet. People use `open`."""
        self._url = url
        self._patience_s = patience
        self._patience = sqlite.Patience(patience)
        self._file = sqlite.File(self.path)
        self._queue: WriteQueue | None = None
        self._closed, self._readers = False, 0
        self._unread = asyncio.Event()
        self._unread.set()
        if self.is_sqlite:
            self._queue = WriteQueue()
            self._direct = sqlite.Direct(self._file, self.path, patience=patience)
            usual = sqlite.Patience(patience)
            self._writing = sqlite.engine(
                self._file, self.path, begin="BEGIN IMMEDIATE", size=1, patience=self._patience
            )
            self._reading = sqlite.engine(
                self._file, self.path, begin="BEGIN", size=5, patience=usual, pragmas=("query_only = ON",)
            )
        else:
            self._writing = self._reading = create_async_engine(
                url,
                pool_size=_POOL,
                max_overflow=_POOL,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={
                    "timeout": _CONNECT_WITHIN_S,
                    "server_settings": {"lock_timeout": f"{round(patience * 1000)}"},
                },
            )
            keep_words_out(self._writing)

    @classmethod
    def open(cls, url: str, *, patience: float = _PATIENCE_S) -> "Database":
        """Return the database a URL names; raises ``ValueError`` with one sentence on a bad URL.

        Nothing is read or made by this. Relative SQLite paths start at the working directory. ``patience``
        is how many seconds a request waits to write, before it is refused.
        """
        return cls(addresses.parse(url), patience=patience)

    @property
    def is_sqlite(self) -> bool:
        """Return whether this is a file of our own rather than a server."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path:
        """Return where the SQLite file is; PostgreSQL has none."""
        return Path(self._url.database or "")

    def __str__(self) -> str:
        """Return how people are told which database it is: a path, or a URL without its password."""
        if self.is_sqlite:
            return str(self.path)
        return self._url.set(drivername="postgresql").render_as_string(hide_password=True)

    async def close(self) -> None:
        """Close all connections, once who reads has had a moment to finish; then nobody reads any more."""
        self._closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_WITHIN_S):
                await self._unread.wait()
        if self._queue is not None:
            await self._direct.close()
        await self._writing.dispose()
        if self._reading is not self._writing:
            await self._reading.dispose()

    # -- transactions

    @asynccontextmanager
    async def write(self, urgency: Urgency) -> AsyncIterator[AsyncConnection]:
        """Open a transaction; leaving it without ``commit`` on the connection undoes all of it.

        On SQLite the turn to write is waited for here, and held until the block is left. A request waits no
        longer than a person does, for its turn and for another process's lock together; then it is refused
        with `CannotOpen`, and is not written later.
        """
        began = clock.monotonic()
        limit = self._patience_s if urgency is Urgency.REQUEST else None
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(limit):
                    if self._queue is not None:
                        await stack.enter_async_context(self._queue.turn(urgency))
                    self._file.check()
                    connection = await stack.enter_async_context(self._writing.connect())
            except TimeoutError as error:
                msg = f"The database {self} is too busy to write to. Nothing was changed: try again."
                raise CannotOpen(msg) from error
            self._patience.spend(None if limit is None else limit - (clock.monotonic() - began))
            yield connection

    async def directly(self, urgency: Urgency, do: Callable[[sqlite3.Connection], None]) -> None:
        """Write to a SQLite file with its own driver, in a transaction of its own that commits at the end."""
        if self._queue is None:
            msg = "Only a SQLite file is written to directly."
            raise RuntimeError(msg)
        async with self._queue.turn(urgency):
            await self._direct.write(do)

    @asynccontextmanager
    async def read(self, *, one_moment: bool = False) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads; raises `CannotOpen` once the database was closed.

        With ``one_moment`` all of its statements see the database as it was at the first of them. A file is
        read like that in any case.
        """
        if self._closed:
            # A pool that was disposed of would open a connection that nobody closes any more.
            msg = f"The database {self} has been closed."
            raise CannotOpen(msg)
        self._file.check()
        self._readers += 1
        self._unread.clear()
        try:
            async with self._reading.connect() as connection:
                if one_moment and not self.is_sqlite:
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                yield connection
        finally:
            self._readers -= 1
            if not self._readers:
                self._unread.set()

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """Open the transaction of a migration, the only one of all replicas; it commits when it is left.

        On SQLite foreign keys are off meanwhile, because rebuilding a table with them on has deleted the
        rows that point to it; they are checked before the commit.
        """
        if self.is_sqlite:
            engine = sqlite.engine(
                sqlite.File(self.path),
                self.path,
                begin="BEGIN IMMEDIATE",
                size=1,
                patience=sqlite.Patience(_PATIENCE_S),
                foreign_keys=False,
            )
        else:
            engine = create_async_engine(self._url, poolclass=NullPool, hide_parameters=True)
            keep_words_out(engine)
        try:
            async with engine.begin() as connection:
                if not self.is_sqlite:
                    await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
                yield connection
                if self.is_sqlite:
                    await _check_foreign_keys(connection)
        finally:
            await engine.dispose()

    # -- what is there

    async def exists(self) -> bool:
        """Return whether there are tables of ours; raises `CannotOpen` where it cannot be reached."""
        return await self.schema_state() is not Schema.NONE

    async def schema_state(self) -> Schema:
        """Return what was found; raises `CannotOpen` where the database cannot be reached.

        A schema of newer code counts as current as long as it still serves this code.
        """
        if self.is_sqlite and not self.path.exists():
            return Schema.NONE
        try:
            async with self.read() as connection:
                return await connection.run_sync(_schema_state)
        except UNREACHABLE as error:
            raise self.refusal(error) from error

    def refusal(self, error: BaseException) -> CannotOpen:
        """Return why this database cannot be used, as a sentence for people."""
        return cannot_use(error, name=str(self), url=self._url)

    async def check_writable(self) -> str | None:
        """Write a row of its own; return why nothing can be written, fit to be shown, or None."""
        try:
            async with self.write(Urgency.REQUEST) as connection:
                await connection.execute(_PROBE)
                await connection.commit()
        except UNREACHABLE as error:
            return self.refusal(error).why
        return None

    async def listen(self, heard: Callable[[], None]) -> None:
        """Call ``heard`` whenever any process has planned jobs, until cancelled; for ever, over outages.

        SQLite has nothing to listen to, so there this only waits.
        """
        if self.is_sqlite:
            await asyncio.Event().wait()
        while True:
            with suppress(*UNREACHABLE):
                await self._listen_once(heard)
            await asyncio.sleep(_LISTEN_AGAIN_S)

    async def _listen_once(self, heard: Callable[[], None]) -> None:
        async with self._reading.connect() as connection:
            raw = await connection.get_raw_connection()
            driver: asyncpg.Connection[Any] = raw.driver_connection  # type: ignore[assignment]
            gone = asyncio.Event()
            driver.add_termination_listener(lambda _: gone.set())
            try:
                await driver.add_listener(CHANNEL, lambda *_: heard())
                heard()  # what was planned while nobody listened
                while not gone.is_set():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_STILL_THERE_S):
                            await gone.wait()
                    if not gone.is_set():
                        await driver.execute("SELECT 1")
            finally:
                # A connection that listens must not go back to the pool.
                await connection.invalidate()


async def announce(connection: AsyncConnection) -> None:
    """Tell the other processes, with the commit, that jobs were planned; SQLite has no other processes."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"NOTIFY {CHANNEL}"))


async def _check_foreign_keys(connection: AsyncConnection) -> None:
    broken = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all()
    if broken:
        tables = ", ".join(sorted({str(row[0]) for row in broken}))
        msg = f"The migration would have left rows of {tables} pointing nowhere, so it was undone."
        raise CannotOpen(msg)


def _schema_state(connection: Connection) -> Schema:
    found = set(inspect(connection).get_table_names())
    if "alembic_version" not in found:
        return Schema.NONE
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is None:
        return Schema.NONE
    if revision == migrations.head():
        return Schema.CURRENT
    if revision in migrations.known():
        return Schema.OLD
    oldest = connection.execute(select(SCHEMA_INFO.c.min_code)).scalar_one()
    return Schema.CURRENT if oldest <= migrations.CODE else Schema.NEWER
