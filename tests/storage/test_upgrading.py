"""A database of the release before, with all kinds of rows in it, is brought up to date and loses nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.domain.incident.facts import NoteAdded
from bot.domain.shared.vocabulary import SYSTEM, ChannelId, IncidentId, Stream, TextId, UserId
from bot.usecases.ports import JobState, OpensWork
from storage.engine import Database
from storage.jobs import JobQueue
from storage.migrate import migrate
from storage.queries import Reads
from storage.upgrade import upgrade
from storage.work import opens_work
from tests.builders import DECLARER, after

SQL = Path(__file__).parent / "sql"


def run(connection: Connection, name: str) -> None:
    """Run the statements of a file, one a line."""
    for line in (SQL / name).read_text().splitlines():
        if not line.startswith("--"):
            # SQLite keeps times without their zone, PostgreSQL needs it.
            zoned = connection.dialect.name == "postgresql"
            connection.exec_driver_sql(line if zoned else line.replace("+00:00", ""))


def of_the_release_before(connection: Connection) -> None:
    upgrade(connection, "0002")
    run(connection, "release_0002.sql")


@pytest.fixture
async def old(bare_url: str) -> Database:
    """Return a database as the release before leaves it, brought up to date."""
    database = Database.open(bare_url)
    if database.is_sqlite:
        database.path.touch()
    async with database.migrating() as connection:
        await connection.run_sync(of_the_release_before)
    await migrate(database)
    return database


async def rows(database: Database, query: str) -> list[Mapping[str, Any]]:
    async with database.read() as connection:
        return [dict(row) for row in (await connection.execute(text(query))).mappings()]


async def test_what_was_recorded_reads_as_it_did(old: Database) -> None:
    reads = Reads(old)

    found = await reads.incident(IncidentId(1), seen_by=SYSTEM)
    (said,) = await reads.messages(IncidentId(1), seen_by=SYSTEM)
    posted = await reads.posted(IncidentId(1), "card")
    member = await reads.is_member(IncidentId(1), UserId("U1"))
    await old.close()

    assert (found.title, found.version, found.state.channel) == ("Orders are late", 2, "C1")
    assert found.texts == {"t1": "Orders are late", "t2": None}
    assert said.text == "Looking"
    assert (posted and posted.version, member) == (2, True)


async def test_what_was_owed_is_owed_still_and_belongs_to_its_incident(old: Database) -> None:
    lines = {line.id: line for line in await Reads(old).jobs()}
    (due,) = await JobQueue(old).claim(owner="me", now=after(1), limit=9)
    counted = await rows(old, "SELECT count(*) AS n FROM members UNION ALL SELECT count(*) FROM inbox")
    await old.close()

    assert {number: line.state for number, line in lines.items()} == {
        4: JobState.DUE,
        7: JobState.DEAD,
        9: JobState.DONE,
    }
    assert (lines[7].last_error, lines[7].incident, lines[9].about) == ("is_archived", 1, None)
    assert (due.id, due.about, due.attempt, due.failures, due.look) == (
        4,
        Stream.incident(IncidentId(1)),
        4,
        2,
        True,
    )
    assert due.payload == {"seq": 1}
    assert [row["n"] for row in counted] == [1, 1]


async def test_an_incident_of_the_release_before_goes_on(old: Database) -> None:
    work: OpensWork = opens_work(old, lambda _incident, _facts: (), lambda: None)

    async with work() as unit:
        room = await unit.incidents.in_room(ChannelId("C1"))
        incident = await unit.incidents.get(IncidentId(1), seen_by=SYSTEM)
        incident.note("Still here", by=DECLARER, at=after(1))
        await unit.incidents.save(incident)
        await unit.commit()

    history = await Reads(old).history(IncidentId(1), seen_by=SYSTEM)
    stored = await rows(old, "SELECT stream_type, stream_id, incident, seq FROM facts ORDER BY seq")
    await old.close()
    assert room == 1
    assert isinstance(history[-1], NoteAdded)
    assert [tuple(row.values()) for row in stored] == [("incident", 1, 1, seq) for seq in (1, 2, 3)]


@pytest.mark.parametrize("change", ["UPDATE facts SET name = 'other'", "DELETE FROM facts"])
async def test_facts_still_only_grow(old: Database, change: str) -> None:
    with pytest.raises(DBAPIError, match="facts only grow"):
        async with old._writing.begin() as connection:  # noqa: SLF001 - as somebody with a SQL shell
            await connection.execute(text(change))
    await old.close()


async def test_rows_still_point_to_incidents_that_are_there(old: Database) -> None:
    nowhere = text("UPDATE texts SET incident = 404")

    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        async with old._writing.begin() as connection:  # noqa: SLF001 - as somebody with a SQL shell
            await connection.execute(nowhere)
    await old.close()


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_a_replica_of_the_release_before_goes_on_beside_newer_ones(old: Database) -> None:
    async with old._writing.begin() as connection:  # noqa: SLF001 - as older code would
        await connection.run_sync(run, "release_0002_goes_on.sql")

    found = await Reads(old).incident(IncidentId(1), seen_by=SYSTEM)
    jobs = {line.id: line.incident for line in await Reads(old).jobs()}
    serves = await rows(old, "SELECT min_code FROM schema_info")
    await old.close()

    assert found.texts[TextId("t3")] == "Written by older code"
    assert (list(found.state.snoozes), jobs[11]) == (["report"], 1)
    assert [row["min_code"] for row in serves] == [1]


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_file_that_was_made_anew_no_longer_serves_older_code(old: Database) -> None:
    serves = await rows(old, "SELECT min_code FROM schema_info")
    await old.close()

    assert [row["min_code"] for row in serves] == [2]
