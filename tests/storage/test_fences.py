"""What guards a job: the number of the attempt beside its owner, and that nothing owed is ever swept."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.usecases.ports import Job, JobSpec, JobState, OpensWork, Outcome, Urgency
from storage.engine import Database
from storage.jobs import JobQueue
from storage.queries import Reads
from storage.tables import JOBS
from tests.builders import NOON

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Hand:
    """Real time, moved by hand."""

    def __init__(self) -> None:
        self.at = datetime(2031, 3, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


async def _owe(work: OpensWork, key: str, *, due_at: datetime = NOON) -> None:
    async with work() as unit:
        await unit.outbox.enqueue([JobSpec(kind="say", key=key, due_at=due_at)])
        await unit.commit()


async def _leased_twice(work: OpensWork, database: Database, *, owner: str) -> tuple[Job, Job, JobQueue]:
    """Return a job as one owner leased it, lost it to a pause, and leased it again; and its queue."""
    hand = Hand()
    queue = JobQueue(database, clock=hand)
    await _owe(work, "k")
    (first,) = await queue.claim(owner=owner, now=NOON, limit=1)
    hand.at += timedelta(seconds=11)
    (second,) = await queue.claim(owner=owner, now=NOON, limit=1)
    return first, second, queue


async def test_an_attempt_whose_lease_its_own_process_took_anew_settles_nothing(
    work: OpensWork, database: Database
) -> None:
    first, second, _ = await _leased_twice(work, database, owner="me")

    settled = []
    for job in (first, second):
        async with work() as unit:
            settled.append(await unit.outbox.complete(job))
            await unit.commit()

    assert (first.attempt, second.attempt) == (1, 2)
    assert settled == [False, True]


async def test_an_attempt_whose_lease_its_own_process_took_anew_puts_nothing_off_and_gives_nothing_up(
    work: OpensWork, database: Database
) -> None:
    first, _, queue = await _leased_twice(work, database, owner="me")

    await queue.postpone(first, wait=timedelta(hours=1), outcome=Outcome.REFUSED, error="late", failed=True)
    await queue.mark_dead(first, error="late", owed=[JobSpec(kind="say", key="tell them", due_at=NOON)])

    lines = await Reads(database).jobs()
    assert [(line.key, line.state, line.last_error) for line in lines] == [("k", JobState.LEASED, None)]


@pytest.mark.parametrize("state", [JobState.DUE, JobState.LEASED])
async def test_what_is_still_owed_is_never_swept_however_old_it_is(
    work: OpensWork, database: Database, state: JobState
) -> None:
    await _owe(work, "k", due_at=LONG_AGO)
    async with database.write(Urgency.JOB) as connection:
        # It was done once, and somebody asked for it again.
        await connection.execute(JOBS.update().values(state=state.value, done_at=LONG_AGO))
        await connection.commit()

    gone = await JobQueue(database, clock=Hand()).sweep(older_than=timedelta(days=1))

    assert gone == 0
    assert [line.key for line in await Reads(database).jobs()] == ["k"]
