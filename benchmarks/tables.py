"""What is read often, in large tables: ``python -m benchmarks.tables``.

100,000 incidents and 1,000,000 messages; each figure is the median of its rounds. The rows are made by the
database itself, from ``tests/storage/sql/many_rows.sql``.
"""

import asyncio
import os
import statistics
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.conditions import milliseconds, show
from bot.clock import monotonic
from bot.domain.shared.vocabulary import ChannelId, IncidentId, UserId
from bot.usecases.ports import JobState
from storage.engine import Database
from storage.jobs import JobQueue
from storage.queries import Reads
from tests.builders import DECLARER, after
from tests.databases import KINDS, fresh
from tests.storage.test_plans import filled

INCIDENTS = int(os.environ.get("INCIDENTS", "100000"))
MESSAGES_EACH = 10
ROUNDS = 20
TARGET = "< 5 ms"

Question = Callable[[Reads, JobQueue], Awaitable[object]]
QUESTIONS: dict[str, Question] = {
    "list of the newest 50": lambda reads, _: reads.incidents(seen_by=DECLARER),
    "open list": lambda reads, _: reads.open_incidents(seen_by=DECLARER),
    "open rooms": lambda reads, _: reads.open_rooms(),
    "postmortems owed": lambda reads, _: reads.postmortems_owed(seen_by=DECLARER),
    "somebody's own": lambda reads, _: reads.of_person(UserId("U7")),
    "by severity": lambda reads, _: reads.open_by_severity(),
    "dead jobs of an admin": lambda reads, _: reads.jobs(states=[JobState.DEAD], limit=50, seen_by=DECLARER),
    "jobs of all states": lambda reads, _: reads.jobs(limit=50),
    "backlog": lambda reads, _: reads.backlog(now=after(1)),
    "next due": lambda _, queue: queue.next_due(now=after(1)),
    "room": lambda reads, _: reads.in_room(ChannelId("C7")),
    "a page of the timeline": lambda reads, _: reads.timeline_page(IncidentId(7), seen_by=DECLARER),
}


async def _median(do: Callable[[], Awaitable[object]]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = monotonic()
        await do()
        took.append(monotonic() - began)
    return statistics.median(took)


async def _measured(kind: str, folder: Path) -> list[tuple[str, ...]]:
    async with fresh(kind, folder) as url:
        database = Database.open(url)
        await filled(database, rows=INCIDENTS, messages=INCIDENTS * MESSAGES_EACH)
        reads, queue = Reads(database), JobQueue(database)
        rows: list[tuple[str, ...]] = []
        for name, question in QUESTIONS.items():
            took = await _median(lambda question=question: question(reads, queue))  # type: ignore[misc]
            rows.append((kind, name, milliseconds(took), TARGET))
        await database.close()
    return rows


async def main() -> None:
    """Measure on both databases and print."""
    folder = Path(tempfile.mkdtemp(prefix="warroom-benchmark-"))
    rows = [row for kind in KINDS for row in await _measured(kind, folder)]
    title = f"{INCIDENTS} incidents, {INCIDENTS * MESSAGES_EACH} messages, median of {ROUNDS}"
    show(title, ("database", "what", "took", "target"), rows)


if __name__ == "__main__":
    asyncio.run(main())
