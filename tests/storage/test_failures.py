"""What goes wrong with a database is said plainly, without secrets, and never taken for written."""

import asyncio
import logging
import shutil
import sqlite3
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import log
from bot.domain.shared.errors import Refused
from bot.domain.shared.texts import write
from bot.domain.shared.vocabulary import IncidentId, Stream
from bot.usecases.ports import OpensWork, StorageFailure, Urgency
from storage import streams
from storage.engine import Database
from storage.failures import CannotOpen
from storage.migrate import migrate
from storage.queries import Reads
from storage.work import opens_work
from tests.builders import DECLARER, NOON, an_incident
from tests.databases import fresh, server

CANARY = "hunter2"
WORDS = "The CEO is leaving"


def works(database: Database) -> OpensWork:
    return opens_work(database, lambda _incident, _facts: (), lambda: None)


async def declare(database: Database) -> None:
    async with works(database)() as unit:
        await unit.incidents.add(an_incident(number=0))
        await unit.commit()


def test_no_infrastructure_error_is_a_persons_mistake() -> None:
    assert issubclass(CannotOpen, StorageFailure)
    assert not issubclass(StorageFailure, Refused)


# -- why it cannot be used


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://bot:hunter2@127.0.0.1:1/warroom", "nothing answers at 127.0.0.1:1."),
        ("postgresql://bot:hunter2@localhost:1/warroom", "nothing answers at localhost:1."),
        ("postgresql://bot:hunter2@/warroom?host=/nowhere", "nothing answers at /nowhere."),
    ],
)
async def test_a_server_that_does_not_answer_is_named_with_the_cause(url: str, why: str) -> None:
    database = Database.open(url)

    with pytest.raises(CannotOpen) as refused:
        await migrate(database)

    await database.close()
    assert refused.value.why.endswith(f"cannot be used: {why}")
    assert "WARROOM_DATABASE_URL" in refused.value.remedy
    assert CANARY not in refused.value.why


async def test_a_database_that_is_not_there_is_named() -> None:
    database = Database.open(server().url("nowhere"))

    with pytest.raises(CannotOpen, match="there is no database “nowhere” at /"):
        await database.schema_state()

    await database.close()


# -- no secret, no words


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bot:pa@hunter2@127.0.0.1:1/warroom",
        "postgresql://bot:hunter2@x@127.0.0.1:1/warroom",
        "postgresql://bot:a@hunter2/b@127.0.0.1:1/warroom",
        "postgresql://bot:hunter2@127.0.0.1:1/warroom",
        "postgresql://bot:hunter2@127.0.0.1:1/warroom?password=hunter2",
        "postgresql://bot:hunter2@127.0.0.1:port/warroom",
        "mysql://bot:x@hunter2@host/db",
    ],
)
async def test_no_part_of_a_password_is_ever_shown(url: str) -> None:
    shown = [log.redact(f"cannot connect to {url} now")]
    try:
        database = Database.open(url)
    except ValueError as error:
        shown += traceback.format_exception(error)
    else:
        shown += [str(database), repr(database), await database.check_writable() or ""]
        with pytest.raises(CannotOpen) as refused:
            await migrate(database)
        shown.append("".join(traceback.format_exception(refused.value)))
        await database.close()

    assert CANARY not in "\n".join(shown)


async def failing(database: Database, do: Callable[[AsyncConnection], Awaitable[object]]) -> str:
    """Return all that a log would show of a statement that fails."""
    try:
        async with database.write(Urgency.REQUEST) as connection:
            await do(connection)
            await connection.commit()
    except SQLAlchemyError as error:
        return "".join(traceback.format_exception(error))
    return ""


async def test_what_people_wrote_stays_out_of_errors(database: Database) -> None:
    await declare(database)
    said = write(WORDS, author=DECLARER, at=NOON)
    here, nowhere = (Stream.incident(IncidentId(number)) for number in (1, 404))
    # The whole row is what PostgreSQL explains such a failure with.
    no_author = text("UPDATE texts SET author = NULL, body = :words")

    shown = [
        await failing(database, lambda c: streams.keep_texts(c, here, [said, said])),
        await failing(database, lambda c: streams.keep_texts(c, nowhere, [said])),
        await failing(database, lambda c: c.execute(no_author, {"words": WORDS})),
    ]

    assert all("Error" in one for one in shown)
    assert WORDS not in "".join(shown)


async def test_statements_are_logged_without_what_they_carry(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="sqlalchemy.engine")

    async with works(database)() as unit:
        await unit.incidents.add(an_incident(number=0, title=WORDS))
        await unit.commit()

    assert WORDS not in caplog.text


# -- only what is written is acked (a file's own troubles)


async def test_a_file_that_was_deleted_takes_no_more_writes_and_no_reads(tmp_path: Path) -> None:
    async with fresh("sqlite", tmp_path) as url:
        database = Database.open(url)
        await declare(database)
        database.path.rename(tmp_path / "elsewhere.db")

        with pytest.raises(CannotOpen, match="was deleted"):
            await declare(database)
        with pytest.raises(CannotOpen, match="was deleted"):
            await Reads(database).job(1)
        problem = await database.check_writable()
        (tmp_path / "elsewhere.db").rename(database.path)
        await declare(database)

        await database.close()
        assert "was deleted" in (problem or "")


async def test_a_file_that_is_deleted_inside_a_transaction_is_not_committed_to(tmp_path: Path) -> None:
    async with fresh("sqlite", tmp_path) as url:
        database = Database.open(url)

        async def declare_while_it_goes() -> None:
            async with works(database)() as unit:
                await unit.incidents.add(an_incident(number=0))
                database.path.unlink()
                await unit.commit()

        with pytest.raises(CannotOpen, match="was deleted"):
            await declare_while_it_goes()

        await database.close()


async def test_a_file_that_was_replaced_is_another_one(tmp_path: Path) -> None:
    async with fresh("sqlite", tmp_path) as url:
        database = Database.open(url)
        await declare(database)
        shutil.copy(database.path, tmp_path / "restored.db")
        (tmp_path / "restored.db").replace(database.path)

        problem = await database.check_writable()

        await database.close()
        assert "was replaced by another file" in (problem or "")


async def test_whether_anything_can_be_written_is_tried_by_writing(database: Database) -> None:
    assert await database.check_writable() is None

    async with database.read() as connection:
        assert (await connection.execute(text("SELECT times FROM write_probe"))).scalar_one() == 1


async def test_a_file_that_is_locked_is_not_writable(tmp_path: Path) -> None:
    async with fresh("sqlite", tmp_path) as url:
        database = Database.open(url, patience=0.25)
        other = sqlite3.connect(database.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        problem = await database.check_writable()

        other.close()
        await database.close()
        assert problem == f"The database {database.path} cannot be used: database is locked"


async def test_who_was_refused_under_a_lock_is_not_written_when_it_ends(tmp_path: Path) -> None:
    async with fresh("sqlite", tmp_path) as url:
        database = Database.open(url, patience=0.25)
        await declare(database)
        other = sqlite3.connect(database.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        ends = await asyncio.gather(*(declare(database) for _ in range(8)), return_exceptions=True)
        other.execute("ROLLBACK")
        other.close()
        await declare(database)

        async with database.read() as connection:
            written = (await connection.execute(text("SELECT count(*) FROM incidents"))).scalar_one()
        await database.close()
        assert all(isinstance(end, Exception) for end in ends)
        assert written == 2


async def test_a_request_that_waited_too_long_for_its_turn_is_refused_and_a_job_waits_on(
    tmp_path: Path,
) -> None:
    async with fresh("sqlite", tmp_path) as url:
        database = Database.open(url, patience=0.05)
        done: list[str] = []

        async def job() -> None:
            async with database.write(Urgency.JOB):
                done.append("job")

        async with database.write(Urgency.REQUEST):
            waiting = asyncio.create_task(job())
            with pytest.raises(CannotOpen, match="too busy"):
                await declare(database)
        await waiting

        await database.close()
        assert done == ["job"]
