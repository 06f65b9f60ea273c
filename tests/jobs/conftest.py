"""A worker over each kind of database, with business time and real time moved by hand."""

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from bot.jobs.worker import Pace, Worker
from bot.usecases.policy import Policy
from bot.usecases.ports import DONE, Chat, Effects, Handler, Job, JobLine, JobSpec, JobState, OpensWork, Ports
from storage.archive import StoredArchive
from storage.engine import Database
from storage.jobs import JobQueue
from storage.queries import Reads
from storage.work import opens_work
from tests.builders import NOON
from tests.databases import database, database_kind, database_url

__all__ = ["bench", "database", "database_kind", "database_url"]


Again = Callable[[], Coroutine[None, None, None]]


@dataclass
class Clock:
    """A clock moved by hand."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Bench:
    """Everything around a worker. ``pay`` is what pays the kind ``say``; all it paid is in ``paid``."""

    database: Database
    business: Clock = field(default_factory=Clock)
    real: Clock = field(default_factory=lambda: Clock(datetime(2026, 1, 1, tzinfo=UTC)))
    paid: list[Job] = field(default_factory=list)
    pay: Handler | None = None
    workers: list[Worker] = field(default_factory=list)

    @property
    def queue(self) -> JobQueue:
        return JobQueue(self.database, self.wake, clock=self.real)

    @property
    def work(self) -> OpensWork:
        return opens_work(self.database, lambda _incident, _facts: (), self.wake, clock=self.real)

    def wake(self) -> None:
        for worker in self.workers:
            worker.wake()

    def worker(
        self, *, give_up_after: int = 8, reachable_again: Again | None = None, **pace: float
    ) -> Worker:
        ports = Ports(
            work=self.work,
            reads=Reads(self.database),
            queue=self.queue,
            archive=StoredArchive(self.database),
            chat=cast("Chat", None),  # nothing here speaks to Slack
            now=self.business,
            policy=Policy(),
        )
        made = Worker(
            self.queue,
            ports,
            {"say": self._pay},
            lambda job, why: [JobSpec(kind="say", key=f"mourn:{job.key}:{why}", due_at=job.due_at)],
            give_up_after=give_up_after,
            reachable_again=reachable_again,
            pace=Pace(**{"look_every": 0.01, "outage_wait": 0.01, "stop_within": 0.05, **pace}),
        )
        self.workers.append(made)
        return made

    async def _pay(self, job: Job, ports: Ports) -> Effects:
        self.paid.append(job)
        return await self.pay(job, ports) if self.pay else DONE

    async def enqueue(self, *owed: JobSpec) -> None:
        async with self.work() as unit:
            await unit.outbox.enqueue(owed)
            await unit.commit()

    async def line(self, key: str) -> JobLine:
        return next(line for line in await Reads(self.database).jobs() if line.key == key)

    async def postponed(self, key: str, *, attempt: int) -> None:
        """Return once a job's attempt has failed and it waits for the next."""
        await self.until(lambda line: line.state is JobState.DUE and line.attempt == attempt, key)

    async def until(self, true: Callable[[JobLine], bool], key: str) -> JobLine:
        """Return a job's line once something is true of it; pytest's timeout ends a vain wait."""
        while not true(line := await self.line(key)):
            pass
        return line


@pytest.fixture
async def bench(database: Database) -> AsyncIterator[Bench]:
    """Yield a bench; its workers are stopped at the end."""
    made = Bench(database)
    yield made
    for worker in made.workers:
        await worker.stop()
