"""An act on a long incident, and what reads it: ``python -m benchmarks.history``.

One incident of 5,000 facts and 20,000 messages; each figure is the median of its rounds, beside the same on
an incident that was just declared.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.conditions import milliseconds, show
from bot.clock import monotonic
from bot.domain.incident.timeline import Message
from bot.domain.shared.vocabulary import SYSTEM, ChannelId, IncidentId, UserId
from bot.usecases.policy import Policy
from bot.usecases.ports import OpensWork
from bot.usecases.reactions import following
from storage.archive import StoredArchive
from storage.engine import Database
from storage.queries import Reads
from storage.work import opens_work
from tests.builders import DECLARER, after, an_incident
from tests.databases import KINDS, fresh

FACTS, MESSAGES, AT_ONCE, ROUNDS = 5_000, 20_000, 500, 40
TARGET = "< 10 ms"


async def _declared(work: OpensWork, channel: str) -> IncidentId:
    incident = an_incident(number=0)
    incident.open_room(ChannelId(channel), channel.lower(), by=SYSTEM, at=after(1))
    async with work() as unit:
        await unit.incidents.add(incident)
        await unit.commit()
    return incident.id


async def _lived(database: Database, work: OpensWork, number: IncidentId) -> None:
    for first in range(2, FACTS, AT_ONCE):
        async with work() as unit:
            incident = await unit.incidents.get(number, seen_by=SYSTEM)
            for place in range(first, min(first + AT_ONCE, FACTS)):
                incident.note(f"Note {place}", by=DECLARER, at=after(place))
            await unit.incidents.save(incident)
            await unit.commit()
    journal, room = StoredArchive(database), ChannelId("C1")
    for first in range(0, MESSAGES, AT_ONCE):
        said = [
            Message(channel=room, ts=f"17{n:08}.000100", user=UserId("U1"), text="Rows", said_at=after(n / 4))
            for n in range(first, first + AT_ONCE)
        ]
        await journal.record(said)


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
        work, reads = opens_work(database, following(Policy()), lambda: None), Reads(database)
        long, short = await _declared(work, "C1"), await _declared(work, "C2")
        await _lived(database, work, long)

        async def note(number: IncidentId) -> None:
            async with work() as unit:
                incident = await unit.incidents.get(number, seen_by=SYSTEM)
                incident.note("Still here", by=DECLARER, at=after(FACTS))
                await unit.incidents.save(incident)
                await unit.commit()

        acts: dict[str, Callable[[IncidentId], Awaitable[object]]] = {
            "a note": note,
            "what a card shows": lambda number: reads.incident(number, seen_by=SYSTEM),
            "a job's fact": lambda number: reads.fact(number, 1, seen_by=SYSTEM),
            "a page of the timeline": lambda number: reads.timeline_page(number, seen_by=SYSTEM),
        }
        rows = []
        for name, act in acts.items():
            figures = [await _median(lambda n=n: act(n)) for n in (long, short)]  # type: ignore[misc]  # noqa: B023
            rows.append((kind, name, *(milliseconds(figure) for figure in figures), TARGET))
        await database.close()
    return rows


async def main() -> None:
    """Measure on both databases and print."""
    folder = Path(tempfile.mkdtemp(prefix="warroom-benchmark-"))
    rows = [row for kind in KINDS for row in await _measured(kind, folder)]
    columns = ("database", "what", f"{FACTS} facts", "just declared", "target")
    show(f"An incident of {FACTS} facts and {MESSAGES} messages, median of {ROUNDS}", columns, rows)


if __name__ == "__main__":
    asyncio.run(main())
