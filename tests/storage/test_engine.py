"""URLs as people write them, and who may write first."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import cast

import aiosqlite
import pytest
from sqlalchemy import text

from bot.usecases.ports import JobSpec, OpensWork, Urgency
from storage import addresses
from storage.engine import Database
from storage.failures import CannotOpen
from storage.queries import Reads
from storage.work import opens_work
from storage.write_queue import WriteQueue
from tests.builders import NOON
from tests.databases import fresh


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sqlite:////var/lib/warroom.db", "sqlite+aiosqlite:////var/lib/warroom.db"),
        ("postgresql://u:p@host/db", "postgresql+asyncpg://u:p@host/db"),
        ("postgres://u:p@host:6000/db", "postgresql+asyncpg://u:p@host:6000/db"),
        ("postgresql+asyncpg://u@host/db?sslmode=require", "postgresql+asyncpg://u@host/db?ssl=require"),
        ("postgresql:///db?host=/run/postgresql", "postgresql+asyncpg:///db?host=%2Frun%2Fpostgresql"),
    ],
)
def test_urls_are_those_people_know(written: str, read: str) -> None:
    assert addresses.parse(written).render_as_string(hide_password=False) == read


def test_a_relative_path_stays_where_it_was_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    database = Database.open("sqlite:///warroom.db")
    monkeypatch.chdir("/")

    assert database.path == tmp_path / "warroom.db"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "cannot be read"),
        ("warroom.db", "cannot be read"),
        ("sqlite://", "is a file"),
        ("sqlite:///:memory:", "is a file"),
        ("sqlite://warroom.db", "three slashes"),
        ("mysql://bot:hunter2@host/db", "“mysql” are not supported"),
        ("postgresql://bot:hunter2@host", "names no database"),
        ("postgresql://bot:hunter2@/db", "names no host"),
        ("postgresql://bot:hunter2@host:port/db", "cannot be read"),
        ("postgresql://bot:hunter2@host/db?color=red", "option “color”"),
    ],
)
def test_a_bad_url_is_one_sentence_without_the_password(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        Database.open(url)

    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_database_is_named_without_its_password() -> None:
    database = Database.open("postgresql://bot:hunter2@host/warroom")

    named = str(database)
    await database.close()

    assert named == "postgresql://bot:***@host/warroom"


async def test_the_most_urgent_writes_first_and_equals_in_turn() -> None:
    queue, order = WriteQueue(), []

    async def write(urgency: Urgency, name: str) -> None:
        async with queue.turn(urgency):
            order.append(name)

    async with queue.turn(Urgency.REQUEST):
        waiting = [
            asyncio.create_task(write(urgency, f"{urgency.name}{number}"))
            for number in range(2)
            for urgency in (Urgency.SWEEP, Urgency.JOB, Urgency.REQUEST, Urgency.RECORDER)
        ]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)

    assert order == [
        f"{name}{number}" for name in ("RECORDER", "REQUEST", "JOB", "SWEEP") for number in range(2)
    ]


async def test_who_gives_up_waiting_to_write_is_passed_over() -> None:
    queue = WriteQueue()

    async def write() -> str:
        async with queue.turn(Urgency.JOB):
            return "written"

    async with queue.turn(Urgency.JOB):
        first, second, third = (asyncio.create_task(write()) for _ in range(3))
        await asyncio.sleep(0)
        first.cancel()
    # The turn has just been handed to the second, which is cancelled in the same moment.
    second.cancel()
    ends = await asyncio.gather(first, second, third, return_exceptions=True)

    assert [type(end) for end in ends] == [asyncio.CancelledError, asyncio.CancelledError, str]


async def test_a_writer_cancelled_inside_a_statement_leaves_no_lock_behind(tmp_path: Path) -> None:
    async with fresh("sqlite", tmp_path) as url:
        database, begun, finish = Database.open(url), asyncio.Event(), threading.Event()
        await _plan(database, "first")
        slow = await _with_a_statement_that_lasts(database, begun, finish)

        writing = asyncio.create_task(slow())
        await begun.wait()
        writing.cancel()
        finish.set()
        # The error is kept, as a log may keep it: what it holds is not collected meanwhile.
        ended = await asyncio.gather(writing, return_exceptions=True)
        await _plan(database, "second")

        await database.close()
        assert [type(end) for end in ended] == [asyncio.CancelledError]


async def _with_a_statement_that_lasts(
    database: Database, begun: asyncio.Event, finish: threading.Event
) -> Callable[[], Coroutine[None, None, None]]:
    """Return a write whose last statement says that it has begun, and ends when it is told to."""
    loop = asyncio.get_running_loop()

    def last() -> int:
        loop.call_soon_threadsafe(begun.set)
        finish.wait()
        return 1

    async with database.write(Urgency.JOB) as connection:
        raw = await connection.get_raw_connection()
        driver = cast("aiosqlite.Connection", raw.driver_connection)
        await driver.create_function("last", 0, last)

    async def write() -> None:
        async with database.write(Urgency.JOB) as connection:
            await connection.execute(text("UPDATE jobs SET attempt = 7"))
            await connection.execute(text("SELECT last() FROM jobs"))

    return write


async def test_a_writer_cancelled_while_it_begins_leaves_no_lock_behind(tmp_path: Path) -> None:
    async with fresh("sqlite", tmp_path) as url:
        database = Database.open(url)

        for turns in range(40):
            writing = asyncio.create_task(_plan(database, f"cancelled {turns}"))
            for _ in range(turns):
                await asyncio.sleep(0)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await _plan(database, f"after {turns}")

        planned = {job.key for job in await Reads(database).jobs()}
        await database.close()
        assert planned >= {f"after {turns}" for turns in range(40)}


async def test_postgresql_tells_other_processes_of_planned_jobs(tmp_path: Path) -> None:
    async with fresh("postgresql", tmp_path) as url:
        mine, theirs = Database.open(url), Database.open(url)
        heard = asyncio.Event()
        listening = asyncio.create_task(theirs.listen(heard.set))
        await heard.wait()  # it looks once when it begins to listen
        heard.clear()

        await _plan(mine, "k")
        await heard.wait()

        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await mine.close()
        await theirs.close()


async def _plan(database: Database, key: str) -> None:
    work: OpensWork = opens_work(database, lambda _incident, _facts: (), lambda: None)
    async with work() as unit:
        await unit.outbox.enqueue([JobSpec(kind="k", key=key, due_at=NOON)])
        await unit.commit()


async def test_a_closed_database_is_not_opened_again_by_who_still_reads(database: Database) -> None:
    await database.close()

    with pytest.raises(CannotOpen, match="has been closed"):
        async with database.read():
            pass
