"""Lanes, leases and fences."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.shared.vocabulary import RequestKey
from bot.usecases.ports import Job, JobSpec, JobState, OpensWork, Outcome
from storage.engine import Database
from storage.jobs import JobQueue
from storage.queries import Reads
from storage.real_time import SteadyClock
from tests.builders import DECLARER, NOON, after
from tests.storage.conftest import Clock


@pytest.fixture
def queue(database: Database, clock: Clock) -> JobQueue:
    return JobQueue(database, clock=clock)


def owed(key: str, minutes: float = 0, lane: str | None = None) -> JobSpec:
    return JobSpec(kind="say", key=key, due_at=after(minutes), lane=lane, payload={"to": "C1", "n": [key]})


async def plan(work: OpensWork, *jobs: JobSpec) -> None:
    async with work() as unit:
        await unit.outbox.enqueue(jobs)
        await unit.commit()


async def settle(work: OpensWork, job: Job) -> bool:
    async with work() as unit:
        settled = await unit.outbox.complete(job)
        await unit.commit()
    return settled


def keys(jobs: Iterable[Job]) -> list[str]:
    return [job.key for job in jobs]


async def claim(queue: JobQueue, *, owner: str = "me", minutes: float = 60, limit: int = 99) -> list[Job]:
    return await queue.claim(owner=owner, now=after(minutes), limit=limit)


async def test_what_is_due_is_claimed_the_earliest_first(work: OpensWork, queue: JobQueue) -> None:
    await plan(work, owed("later", 5), owed("sooner", 1), owed("tomorrow", 1440))

    claimed = await claim(queue, minutes=10)

    assert keys(claimed) == ["sooner", "later"]
    assert claimed[0].payload == {"to": "C1", "n": ["sooner"]}
    assert (claimed[0].attempt, claimed[0].look, claimed[0].owner) == (1, False, "me")
    assert await claim(queue, minutes=10) == []


async def test_a_clock_moved_by_hand_makes_due_what_was_to_come(work: OpensWork, queue: JobQueue) -> None:
    await plan(work, owed("tomorrow", 1440))

    before, after_a_day = await claim(queue, minutes=10), await claim(queue, minutes=1440)

    assert (before, keys(after_a_day)) == ([], ["tomorrow"])


async def test_planning_a_key_twice_plans_it_once(
    work: OpensWork, queue: JobQueue, database: Database
) -> None:
    await plan(work, owed("k", 1), owed("k", 2))
    await plan(work, owed("k", 3))

    lines = await Reads(database).jobs()

    assert [(line.key, line.due_at) for line in lines] == [("k", after(1))]
    assert len(await claim(queue)) == 1


async def test_what_is_done_stays_done_when_it_is_planned_again(work: OpensWork, queue: JobQueue) -> None:
    await plan(work, owed("k"))
    (job,) = await claim(queue)
    await settle(work, job)

    await plan(work, owed("k"))

    assert await claim(queue) == []


async def test_of_a_lane_only_the_head_is_claimed_and_others_go_on(work: OpensWork, queue: JobQueue) -> None:
    await plan(work, *(owed(f"{lane}{n}", n, lane) for lane in "ab" for n in range(3)), owed("free", 9))

    first = await claim(queue)
    await settle(work, first[0])
    second = await claim(queue)

    assert keys(first) == ["a0", "b0", "free"]
    assert keys(second) == ["a1"]


async def test_a_second_worker_never_overtakes_a_lanes_head(work: OpensWork, queue: JobQueue) -> None:
    await plan(work, *(owed(f"a{n:02}", n, "a") for n in range(20)), owed("b", 5, "b"))
    under_way: set[str] = set()
    done: list[str] = []

    async def work_as(owner: str) -> None:
        idle = 0
        while idle < 50:
            for job in await claim(queue, owner=owner):
                assert not (job.lane == "a" and under_way)
                if job.lane == "a":
                    under_way.add(job.key)
                await asyncio.sleep(0)
                under_way.discard(job.key)
                done.append(job.key)
                assert await settle(work, job)
            idle = idle + 1 if len(done) < 21 else 50

    await asyncio.gather(*(work_as(f"w{n}") for n in range(4)))

    assert [key for key in done if key != "b"] == [f"a{n:02}" for n in range(20)]
    assert done.count("b") == 1


async def test_what_is_planned_into_a_lane_does_not_push_aside_what_is_under_way(
    work: OpensWork, queue: JobQueue, clock: Clock
) -> None:
    await plan(work, owed("late", 5, "a"))
    await claim(queue)
    await plan(work, owed("early", 1, "a"))

    meanwhile = await claim(queue)
    clock.pass_(11)
    resumed = await claim(queue)

    assert meanwhile == []
    assert keys(resumed) == ["late"]


async def test_a_retry_holds_its_lane_and_no_other(work: OpensWork, queue: JobQueue, clock: Clock) -> None:
    await plan(work, owed("a0", 0, "a"), owed("a1", 1, "a"), owed("b0", 2, "b"))
    head, other = await claim(queue)
    await settle(work, other)
    await queue.postpone(head, wait=timedelta(seconds=30), outcome=Outcome.REFUSED, error="429", failed=False)

    held = await claim(queue)
    clock.pass_(31)
    again = await claim(queue)

    assert (other.key, held) == ("b0", [])
    assert [(job.key, job.attempt, job.look) for job in again] == [("a0", 2, False)]


async def test_an_unknown_effect_is_looked_for_until_it_is_done(
    work: OpensWork, queue: JobQueue, clock: Clock
) -> None:
    await plan(work, owed("k"))
    (job,) = await claim(queue)
    looks = []
    for outcome in (Outcome.UNKNOWN, Outcome.REFUSED):
        await queue.postpone(job, wait=timedelta(0), outcome=outcome, error="lost", failed=True)
        clock.pass_(1)
        (job,) = await claim(queue)
        looks.append(job.look)

    assert looks == [True, True]
    assert job.failures == 2


async def test_a_lost_lease_cannot_settle(work: OpensWork, queue: JobQueue, clock: Clock) -> None:
    await plan(work, owed("k"))
    (mine,) = await claim(queue)
    clock.pass_(11)
    (theirs,) = await claim(queue, owner="they")

    assert not await settle(work, mine)
    await queue.postpone(mine, wait=timedelta(0), outcome=Outcome.UNKNOWN, error="", failed=True)
    await queue.mark_dead(mine, error="", owed=[owed("mourning")])
    assert await settle(work, theirs)


async def test_an_expired_lease_is_resumed_and_looked_for(
    work: OpensWork, queue: JobQueue, clock: Clock
) -> None:
    await plan(work, owed("k", lane="a"))
    (first,) = await claim(queue)

    clock.pass_(9)
    within = await claim(queue, owner="they")
    clock.pass_(2)
    (beyond,) = await claim(queue, owner="they")

    assert within == []
    assert (first.look, beyond.look, beyond.attempt) == (False, True, 2)


async def test_a_renewed_lease_does_not_expire(work: OpensWork, queue: JobQueue, clock: Clock) -> None:
    await plan(work, owed("k"))
    jobs = await claim(queue)

    for _ in range(3):
        clock.pass_(9)
        await queue.renew(jobs)

    assert await claim(queue, owner="they") == []


async def test_released_leases_can_be_claimed_at_once(work: OpensWork, queue: JobQueue) -> None:
    await plan(work, owed("mine"), owed("theirs"))
    await claim(queue, limit=1)
    await claim(queue, owner="they")

    await queue.release("me")
    again = await claim(queue, owner="they")

    assert [(job.key, job.look) for job in again] == [("mine", True)]


async def test_a_dead_job_waits_for_somebody_to_revive_it(
    work: OpensWork, queue: JobQueue, database: Database
) -> None:
    await plan(work, owed("k", lane="a"), owed("next", 1, "a"))
    (job,) = await claim(queue)

    await queue.mark_dead(job, error="xoxb-1-secret " + "x" * 900, owed=[owed("tell them")])
    after_burial = await claim(queue)
    (dead,) = await Reads(database).jobs(states=[JobState.DEAD])
    revived = await queue.revive(dead.id), await queue.revive(dead.id)

    assert keys(after_burial) == ["tell them", "next"]
    assert dead.last_error is not None
    assert dead.last_error.startswith("[redacted] xxx")
    assert len(dead.last_error) == 500
    assert revived == (True, False)


async def test_the_next_due_time_is_that_of_the_earliest_still_owed(work: OpensWork, queue: JobQueue) -> None:
    nothing = await queue.next_due(now=NOON)
    await plan(work, owed("a", 5), owed("b", 9))
    (job,) = await claim(queue, minutes=6)
    under_way = await queue.next_due(now=after(6))
    await settle(work, job)

    assert (nothing, under_way, await queue.next_due(now=after(6))) == (None, after(6), after(9))


async def test_sweeping_drops_old_answers_and_done_jobs_in_bites(
    work: OpensWork, queue: JobQueue, database: Database, clock: Clock
) -> None:
    await plan(work, *(owed(f"k{n}") for n in range(5)), owed("still owed", 1440))
    for job in await claim(queue):
        await settle(work, job)

    async with work() as unit:
        await unit.inbox.take(RequestKey("view:V1"))
        await unit.commit()

    clock.pass_(86_399)
    too_early = await queue.sweep(older_than=timedelta(days=1))
    clock.pass_(2)
    bites = [await queue.sweep(older_than=timedelta(days=1), limit=4) for _ in range(3)]

    assert (too_early, bites) == (0, [4, 2, 0])
    assert [line.key for line in await Reads(database).jobs()] == ["still owed"]


async def test_a_wall_clock_set_back_an_hour_holds_up_neither_retries_nor_what_a_killed_process_left(
    work: OpensWork, queue: JobQueue, database: Database, clock: Clock
) -> None:
    await plan(work, owed("left behind"), owed("retried", 1))
    _, retried = await claim(queue, owner="killed")
    await queue.postpone(
        retried, wait=timedelta(minutes=5), outcome=Outcome.REFUSED, error="429", failed=False
    )

    clock.pass_(-3600)
    again = await claim(queue)

    assert keys(again) == ["left behind", "retried"]
    assert await claim(JobQueue(database, clock=clock), owner="they") == []


async def test_no_wait_is_longer_than_what_counts_as_one(
    work: OpensWork, queue: JobQueue, clock: Clock
) -> None:
    await plan(work, owed("k"))
    (job,) = await claim(queue)

    await queue.postpone(job, wait=timedelta(days=9), outcome=Outcome.REFUSED, error="429", failed=False)
    held = await claim(queue)
    clock.pass_(301)

    assert (held, keys(await claim(queue))) == ([], ["k"])


async def test_without_a_clock_of_a_tests_own_leases_run_on_one_that_all_replicas_share(
    work: OpensWork, database: Database
) -> None:
    mine, theirs = (JobQueue(database, lease=timedelta(hours=1)) for _ in range(2))
    await plan(work, owed("k"), owed("retried", 1))
    await mine.claim(owner="me", now=after(0), limit=9)
    (retried,) = await mine.claim(owner="me", now=after(1), limit=9)
    await mine.postpone(
        retried, wait=timedelta(minutes=1), outcome=Outcome.REFUSED, error="429", failed=False
    )

    assert await theirs.claim(owner="they", now=after(60), limit=9) == []


def test_the_steady_clock_goes_on_when_the_wall_clock_is_set_back() -> None:
    wall, ticks = [datetime(2026, 11, 22, 12, tzinfo=UTC)], [100.0]
    steady = SteadyClock(wall=lambda: wall[0], monotonic=lambda: ticks[0])

    wall[0], ticks[0] = datetime(2026, 11, 22, 11, tzinfo=UTC), 107.5

    assert steady() == datetime(2026, 11, 22, 12, 0, 7, 500_000, tzinfo=UTC)


async def test_a_dismissed_job_is_kept_with_who_and_why_and_is_never_done_again(
    work: OpensWork, queue: JobQueue, database: Database
) -> None:
    await plan(work, owed("k"), owed("due", 1))
    job, due = await claim(queue)
    await queue.mark_dead(job, error="is_archived")

    dismissed = [await queue.dismiss(number, by=DECLARER, why="The room is gone") for number in (1, 1, 2)]
    await plan(work, owed("k", 30))
    line = await Reads(database).job(job.id)
    backlog = await Reads(database).backlog(now=after(60))

    assert dismissed == [True, False, False]
    assert line is not None
    assert (line.state, line.last_error) == (JobState.CANCELLED, "is_archived")
    assert (line.dismissed_by, line.dismissed_why) == (DECLARER, "The room is gone")
    assert (backlog.dead, backlog.owed) == (0, 1)
    assert not await queue.revive(job.id)
    assert await settle(work, due)
    assert await claim(queue) == []


async def test_a_dismissed_job_is_swept_when_its_time_has_come_and_a_dead_one_never(
    work: OpensWork, queue: JobQueue, database: Database, clock: Clock
) -> None:
    await plan(work, owed("dismissed"), owed("dead"))
    for job in await claim(queue):
        await queue.mark_dead(job, error="is_archived")
    await queue.dismiss(1, by=DECLARER, why="The room is gone")

    early = await queue.sweep(older_than=timedelta(days=1))
    clock.pass_(86_401)
    late = await queue.sweep(older_than=timedelta(days=1))

    assert (early, late) == (0, 1)
    assert [line.key for line in await Reads(database).jobs()] == ["dead"]
