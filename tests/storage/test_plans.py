"""What is asked often is answered from an index: none of it reads a whole table, however large that grows."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.domain.shared.vocabulary import SYSTEM, ChannelId, IncidentId, UserId
from bot.usecases.ports import Job, JobState, Show
from storage.engine import Database
from storage.jobs import JobQueue
from storage.queries import Reads
from tests.builders import DECLARER, NOON, after
from tests.storage.test_upgrading import SQL

AT = {"sqlite": "'2026-11-20 12:00:00.000000'", "postgresql": "TIMESTAMPTZ '2026-11-20 12:00:00+00:00'"}
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @MOST)"
A_JOB = Job(id=7, kind="k", key="k7", due_at=NOON, attempt=1, owner="me", look=False)

Question = Callable[[Reads, JobQueue], Awaitable[object]]
HOT: dict[str, Question] = {
    "claim": lambda _, queue: queue.claim(owner="me", now=after(1), limit=16),
    "next due": lambda _, queue: queue.next_due(now=after(1)),
    "renew": lambda _, queue: queue.renew([A_JOB, A_JOB]),
    "release": lambda _, queue: queue.release("me"),
    "backlog": lambda reads, _: reads.backlog(now=after(1)),
    "dead jobs": lambda reads, _: reads.jobs(states=[JobState.DEAD], seen_by=DECLARER),
    "all jobs": lambda reads, _: reads.jobs(limit=50),
    "one job": lambda reads, _: reads.job(7),
    "open list": lambda reads, _: reads.open_incidents(seen_by=DECLARER),
    "newest list": lambda reads, _: reads.incidents(seen_by=DECLARER),
    "own list": lambda reads, _: reads.of_person(UserId("U7")),
    "postmortems owed": lambda reads, _: reads.postmortems_owed(seen_by=DECLARER),
    "open rooms": lambda reads, _: reads.open_rooms(),
    "by severity": lambda reads, _: reads.open_by_severity(),
    "room": lambda reads, _: reads.in_room(ChannelId("C7")),
    "member": lambda reads, _: reads.is_member(IncidentId(7), UserId("U7")),
    "incident": lambda reads, _: reads.incident(IncidentId(7), seen_by=DECLARER),
    "fact": lambda reads, _: reads.fact(IncidentId(7), 5, seen_by=SYSTEM),
    "timeline page": lambda reads, _: reads.timeline_page(IncidentId(7), seen_by=DECLARER),
    "earlier page": lambda reads, _: reads.timeline_page(
        IncidentId(7), seen_by=DECLARER, before=f"{after(1).isoformat()} 9", show=Show.EVERYTHING
    ),
}
BIG = "incidents|facts|texts|jobs|other|messages|members|roles"
SCAN = re.compile(rf"SCAN (?!.*USING (COVERING )?INDEX)({BIG})")


async def filled(database: Database, *, rows: int = 4_000, messages: int = 4_000) -> None:
    async with database.migrating() as connection:
        kind = connection.dialect.name
        for line in (SQL / "many_rows.sql").read_text().splitlines():
            if not line.startswith("--"):
                most = messages if line.startswith("INSERT INTO messages") else rows
                statement = line.replace("@NUMBERS", NUMBERS.replace("@MOST", str(most)))
                statement = statement.replace("@AT", AT[kind])
                await connection.exec_driver_sql(statement.replace("@EVERY", str(rows // 20)))
        await connection.execute(text("ANALYZE"))


async def plans(database: Database, ask: Callable[[], Awaitable[object]]) -> list[str]:
    """Return the lines of the plans of all statements that a question takes."""
    asked: list[tuple[str, Any]] = []

    def heard(_conn: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            asked.append((statement, parameters))

    engines = {database._writing.sync_engine, database._reading.sync_engine}  # noqa: SLF001 - a seam
    for engine in engines:
        event.listen(engine, "before_cursor_execute", heard)
    await ask()
    for engine in engines:
        event.remove(engine, "before_cursor_execute", heard)
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    lines: list[str] = []
    async with database._writing.begin() as connection:  # noqa: SLF001 - as somebody with a SQL shell
        for statement, parameters in asked:
            rows = await connection.exec_driver_sql(explain + statement, parameters)
            lines += [str(row[-1]) for row in rows.all()]
    assert lines
    return lines


async def test_no_question_that_is_asked_often_reads_a_whole_table(database: Database) -> None:
    await filled(database)
    reads, queue = Reads(database), JobQueue(database)

    whole: dict[str, list[str]] = {}
    for name, question in HOT.items():
        lines = await plans(database, lambda question=question: question(reads, queue))  # type: ignore[misc]
        found = [line for line in lines if SCAN.search(line) or "Seq Scan" in line]
        if found:
            whole[name] = found

    assert whole == {}


BY_TIME = ("newest list", "postmortems owed", "open rooms", "timeline page", "next due")


@pytest.mark.parametrize("question", BY_TIME)
async def test_what_is_listed_by_time_is_read_in_that_order_and_not_sorted(
    database: Database, question: str
) -> None:
    await filled(database)
    reads, queue = Reads(database), JobQueue(database)

    lines = await plans(database, lambda: HOT[question](reads, queue))

    # The facts that a state is made of are few, and may be sorted.
    sorts = [line for line in lines if "TEMP B-TREE" in line or "Sort Key" in line]
    assert [line for line in sorts if line.strip() != "Sort Key: seq"] == []
