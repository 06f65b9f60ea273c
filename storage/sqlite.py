"""SQLite as Warroom needs it: transactions begun on purpose, and only in the file that people see."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from storage import addresses
from storage.failures import CannotOpen, keep_words_out

_STEP_MS = 250


class File:
    """The database's file, known again: one that was deleted or replaced is still written to, and lost."""

    def __init__(self, path: Path) -> None:
        """Remember where it is; which one it is, is seen when it is first opened."""
        self._path = path
        self._known: tuple[int, int] | None = None

    def opened(self) -> None:
        """Remember which file was opened first."""
        self._known = self._known or self._found()

    def check(self) -> None:
        """Raise `CannotOpen` where another file, or none, lies where this one was opened."""
        if self._known is None:
            return
        found = self._found()
        if found == self._known:
            return
        what = "was deleted" if found is None else "was replaced by another file"
        msg = f"The database {self._path} {what} while Warroom runs. Put it back, or start Warroom again."
        raise CannotOpen(msg)

    def _found(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_dev, stat.st_ino


class Direct:
    """A connection of our own beside the engine's: what is done with it costs one hop to a thread."""

    def __init__(self, file: File, path: Path, *, patience: float) -> None:
        """Remember which file; it is opened when it is first written to."""
        self._file, self._patience = file, patience
        self._uri = f"file:{quote(str(path))}?mode=rw"
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recorder")
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    async def write(self, do: Callable[[sqlite3.Connection], None]) -> None:
        """Do something in a transaction of its own; whoever is cancelled waits until it has ended."""
        if self._closed:
            msg = "The database has been closed."
            raise CannotOpen(msg)
        doing = asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, do)
        try:
            await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait({doing})
            raise

    async def close(self) -> None:
        """Close it; a second time nothing happens."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    def _transaction(self, do: Callable[[sqlite3.Connection], None]) -> None:
        self._file.check()
        connection = self._connection = self._connection or self._opened()
        connection.execute("BEGIN IMMEDIATE")
        try:
            do(connection)
            self._file.check()
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _opened(self) -> sqlite3.Connection:
        opened = sqlite3.connect(self._uri, uri=True, isolation_level=None, timeout=self._patience)
        for setting in ("synchronous = FULL", "foreign_keys = ON", "journal_mode = WAL"):
            opened.execute(f"PRAGMA {setting}")
        self._file.opened()
        return opened

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Patience:
    """How long the next transaction may wait for another process's lock."""

    def __init__(self, seconds: float) -> None:
        """Start with the usual patience."""
        self.usual = self.next = self._rounded(seconds)

    def spend(self, seconds: float | None) -> None:
        """Wait so many seconds the next time; None for as long as usual."""
        self.next = self.usual if seconds is None else min(self.usual, self._rounded(seconds))

    @staticmethod
    def _rounded(seconds: float) -> int:
        # In steps, so that the setting is rarely changed.
        return max(1, round(seconds * 1000 / _STEP_MS)) * _STEP_MS


def engine(
    file: File,
    path: Path,
    *,
    begin: str,
    size: int,
    patience: Patience,
    foreign_keys: bool = True,
    pragmas: tuple[str, ...] = (),
) -> AsyncEngine:
    """Return an engine over an existing file, with transactions that begin the way we say.

    By itself the driver begins them late, and with that 595 of 600 concurrent read-modify-writes were lost
    without an error.
    """
    made = create_async_engine(
        addresses.sqlite_uri(path),
        connect_args={"isolation_level": None, "timeout": patience.usual / 1000},
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
    )
    settings = (
        f"busy_timeout = {patience.usual}",
        "synchronous = FULL",
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
        *pragmas,
    )

    def configure(connection: Any, record: Any) -> None:  # noqa: ANN401 - the driver's own
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(f"PRAGMA {setting}")
        _write_ahead(cursor)
        cursor.close()
        record.info["patience"] = patience.usual
        file.opened()

    def start(connection: Connection) -> None:
        file.check()
        if connection.info["patience"] != patience.next:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience.next}")
            connection.info["patience"] = patience.next
        connection.exec_driver_sql(begin)

    def finish(_connection: Connection) -> None:
        file.check()

    event.listen(made.sync_engine, "connect", configure)
    event.listen(made.sync_engine, "invalidate", _let_go)
    event.listen(made.sync_engine, "begin", start)
    event.listen(made.sync_engine, "commit", finish)
    keep_words_out(made)
    return made


def _let_go(connection: Any, _record: object, _error: object) -> None:  # noqa: ANN401 - the driver's own
    # A connection that was cancelled inside a statement is closed with the statement still open, and then
    # SQLite keeps its lock until Python happens to collect the cursor: minutes of "database is locked".
    with suppress(sqlite3.Error, SQLAlchemyError, ValueError):
        connection.rollback()


def _write_ahead(cursor: Any) -> None:  # noqa: ANN401 - the driver's own
    """Have a file written ahead; SQLite heeds no busy timeout where two turn that on at once."""
    for wait in (0.01 * 2**times for times in range(8)):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            await_only(asyncio.sleep(wait))
        else:
            return
    cursor.execute("PRAGMA journal_mode = WAL")
