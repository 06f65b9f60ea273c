"""The worker pays what is due, once, in order, and never dies of it."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import text
from structlog.testing import LogCapture

from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import UserId
from bot.usecases.ports import (
    DONE,
    Effects,
    Job,
    JobSpec,
    JobState,
    PermanentFailure,
    Ports,
    RateLimited,
    Unavailable,
    nothing_to_do,
)
from storage.engine import Database
from storage.failures import CannotOpen
from tests.builders import NOON, after
from tests.databases import server
from tests.jobs.conftest import Bench


def owed(key: str, minutes: float = 0, *, lane: str | None = None, kind: str = "say") -> JobSpec:
    return JobSpec(kind=kind, key=key, due_at=after(minutes), lane=lane)


def keys(bench: Bench) -> list[str]:
    return [job.key for job in bench.paid]


def fails(*errors: Exception) -> object:
    """Return what pays only after it has failed in these ways."""
    left = list(errors)

    async def pay(_job: Job, _ports: Ports) -> Effects:
        if left:
            raise left.pop(0)
        return DONE

    return pay


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> LogCapture:
    """Return what keeps the worker's log, however the process has set up logging."""
    captured = LogCapture()
    monkeypatch.setattr("bot.jobs.worker._log", structlog.wrap_logger(None, processors=[captured]))
    return captured


async def test_what_is_due_is_paid_and_what_is_not_waits(bench: Bench) -> None:
    await bench.enqueue(owed("now"), owed("tomorrow", 1440))
    worker = bench.worker()

    await worker.start()
    await worker.idle()

    assert keys(bench) == ["now"]
    assert (await bench.line("now")).state is JobState.DONE
    assert (await bench.line("tomorrow")).state is JobState.DUE


async def test_a_clock_moved_by_hand_fires_what_became_due(bench: Bench) -> None:
    await bench.enqueue(owed("tomorrow", 1440))
    worker = bench.worker()
    await worker.start()
    await worker.idle()

    bench.business.pass_(days=1)
    await worker.idle()

    assert keys(bench) == ["tomorrow"]


async def test_a_nudge_planned_before_a_restart_fires_after_it(bench: Bench, database_url: str) -> None:
    await bench.enqueue(owed("nudge", 30))
    first = bench.worker()
    await first.start()
    await first.stop()
    await bench.database.close()

    restarted = Bench(Database.open(database_url))
    restarted.business.pass_(minutes=31)
    second = restarted.worker()
    await second.start()
    await second.idle()
    await second.stop()
    await restarted.database.close()

    assert keys(bench) == []
    assert keys(restarted) == ["nudge"]


async def test_settling_and_what_comes_next_become_true_together(bench: Bench) -> None:
    async def pay(job: Job, _ports: Ports) -> Effects:
        return Effects(jobs=(owed(f"{job.key}+", 60),))

    bench.pay = pay
    await bench.enqueue(owed("first"))
    worker = bench.worker()

    await worker.start()
    await worker.idle()

    assert (await bench.line("first")).state is JobState.DONE
    assert (await bench.line("first+")).state is JobState.DUE


async def test_a_settling_that_fails_settles_nothing(bench: Bench) -> None:
    async def pay(job: Job, _ports: Ports) -> Effects:
        # A job about no incident cannot say who is in its war room.
        wrong = frozenset({UserId("U1")}) if job.attempt == 1 else frozenset[UserId]()
        return Effects(jobs=(owed("never", 60),) if wrong else (), invited=wrong)

    bench.pay = pay
    await bench.enqueue(owed("k"))
    worker = bench.worker()
    await worker.start()

    line = await bench.until(lambda line: line.last_error is not None, "k")
    planned = [line.key for line in await worker._ports.reads.jobs()]  # noqa: SLF001
    bench.real.pass_(minutes=2)
    await worker.idle()

    why = "ValueError: A job of kind say has effects on an incident, and is about none."
    assert (line.state, line.last_error, planned) == (JobState.DUE, why, ["k"])
    assert [job.look for job in bench.paid] == [False, True]


async def test_two_workers_share_200_jobs_and_none_is_paid_twice(bench: Bench, database_url: str) -> None:
    other = Bench(Database.open(database_url))
    await bench.enqueue(*(owed(f"k{n}", lane=f"lane{n % 20}" if n % 2 else None) for n in range(200)))
    workers = [bench.worker(), other.worker()]

    await asyncio.gather(*(worker.start() for worker in workers))
    await asyncio.gather(*(worker.idle() for worker in workers))
    await workers[1].stop()
    await other.database.close()

    times = Counter(keys(bench) + keys(other))
    assert len(times) == 200
    assert set(times.values()) == {1}
    for paid in (bench.paid, other.paid):
        for lane in {job.lane for job in paid if job.lane}:
            mine = [job.id for job in paid if job.lane == lane]
            assert mine == sorted(mine)


@pytest.mark.parametrize(
    ("error", "look"),
    [
        (RateLimited("chat.postMessage", wait=timedelta(seconds=30)), False),
        (Unavailable("chat.postMessage", unknown=False), False),
        (Unavailable("chat.postMessage", unknown=True), True),
        (ValueError("a mistake of ours"), True),
    ],
    ids=["busy", "away", "away with the effect unknown", "our own mistake"],
)
async def test_what_may_still_succeed_is_tried_again_after_a_wait(
    bench: Bench,
    error: Exception,
    look: bool,  # noqa: FBT001 - a column of the table
) -> None:
    bench.pay = fails(error)  # type: ignore[assignment]
    await bench.enqueue(owed("k", lane="a"), owed("behind it", 1, lane="a"), owed("elsewhere", lane="b"))
    bench.business.pass_(minutes=1)
    worker = bench.worker()
    await worker.start()
    await bench.until(lambda line: line.last_error is not None, "k")
    await bench.until(lambda line: line.state is JobState.DONE, "elsewhere")
    held = await bench.line("behind it")

    bench.real.pass_(minutes=2)
    await worker.idle()

    assert held.state is JobState.DUE
    assert [(job.key, job.look) for job in bench.paid if job.lane == "a"] == [
        ("k", False),
        ("k", look),
        ("behind it", False),
    ]


async def test_an_absurd_wait_is_cut_short(bench: Bench) -> None:
    bench.pay = fails(RateLimited("chat.postMessage", wait=timedelta(days=9)))  # type: ignore[assignment]
    await bench.enqueue(owed("k"))
    worker = bench.worker()
    await worker.start()
    await bench.until(lambda line: line.last_error is not None, "k")

    bench.real.pass_(seconds=301)
    await worker.idle()

    assert keys(bench) == ["k", "k"]


async def test_an_outage_outside_never_counts_towards_giving_up(bench: Bench) -> None:
    bench.pay = fails(*(Unavailable("Slack", unknown=False) for _ in range(9)))  # type: ignore[assignment]
    await bench.enqueue(owed("k"))
    worker = bench.worker(give_up_after=2)
    await worker.start()

    for attempt in range(1, 10):
        await bench.postponed("k", attempt=attempt)
        bench.real.pass_(minutes=2)
    await worker.idle()

    assert (await bench.line("k")).state is JobState.DONE


async def test_a_job_that_keeps_failing_by_itself_is_given_up_loudly(bench: Bench, logs: LogCapture) -> None:
    bench.pay = fails(*(ValueError("no") for _ in range(3)))  # type: ignore[assignment]
    await bench.enqueue(owed("k"))
    worker = bench.worker(give_up_after=3)
    await worker.start()

    for attempt in (1, 2):
        await bench.postponed("k", attempt=attempt)
        bench.real.pass_(minutes=2)
    await worker.idle()

    assert (await bench.line("k")).state is JobState.DEAD
    assert (await bench.line("mourn:k:ValueError: no")).state is JobState.DONE
    tracebacks = [entry["exc_info"] for entry in logs.entries if entry["event"] == "job_failed"]
    assert tracebacks == [True, False, False]


async def test_what_can_never_succeed_is_given_up_at_once(bench: Bench) -> None:
    bench.pay = fails(PermanentFailure("chat.postMessage", code="is_archived"))  # type: ignore[assignment]
    await bench.enqueue(owed("k", lane="a"), owed("behind it", 1, lane="a"))
    bench.business.pass_(minutes=1)
    worker = bench.worker()

    await worker.start()
    await worker.idle()

    dead = await bench.line("k")
    assert (dead.state, dead.last_error) == (JobState.DEAD, "chat.postMessage: is_archived")
    assert (await bench.line("behind it")).state is JobState.DONE


async def test_a_job_of_a_kind_that_nobody_here_knows_waits_for_newer_code_before_it_is_given_up(
    bench: Bench,
) -> None:
    await bench.enqueue(owed("odd", kind="dance"))
    worker = bench.worker(give_up_after=2)

    await worker.start()
    await bench.postponed("odd", attempt=1)
    bench.real.pass_(minutes=2)
    await worker.idle()

    odd = await bench.line("odd")
    assert odd.state is JobState.DEAD
    assert "Nothing here handles jobs of the kind “dance”." in (odd.last_error or "")


async def test_what_is_no_longer_wanted_is_done_and_says_why(bench: Bench, logs: LogCapture) -> None:
    async def pay(_job: Job, _ports: Ports) -> Effects:
        return nothing_to_do("It is resolved.")

    bench.pay = pay
    await bench.enqueue(owed("k"))
    worker = bench.worker()

    await worker.start()
    await worker.idle()

    assert keys(bench) == ["k"]
    assert (await bench.line("k")).state is JobState.DONE
    assert [entry["why"] for entry in logs.entries if entry["event"] == "job_no_longer_wanted"] == [
        "It is resolved."
    ]


@pytest.mark.parametrize(
    "error",
    [Refused("There is no such incident."), CannotOpen("The database is not there."), OSError("disk full")],
    ids=["a refusal", "the database", "the disk"],
)
async def test_no_error_makes_a_job_done(bench: Bench, error: Exception) -> None:
    bench.pay = fails(error)  # type: ignore[assignment]
    await bench.enqueue(owed("k"))
    worker = bench.worker()
    await worker.start()

    line = await bench.until(lambda line: line.last_error is not None, "k")
    bench.real.pass_(minutes=2)
    await worker.idle()

    assert line.state is JobState.DUE
    assert keys(bench) == ["k", "k"]


async def test_at_shutdown_what_is_under_way_is_given_back_at_once(bench: Bench) -> None:
    begun = asyncio.Event()

    async def never_ends(_job: Job, _ports: Ports) -> Effects:
        begun.set()
        await asyncio.Event().wait()
        return DONE

    bench.pay = never_ends
    await bench.enqueue(owed("k"))
    first = bench.worker()
    await first.start()
    await begun.wait()
    await first.stop()

    bench.pay = None
    second = bench.worker()
    await second.start()
    await second.idle()

    assert [(job.owner, job.look) for job in bench.paid] == [(first.owner, False), (second.owner, True)]


async def test_leases_are_renewed_while_a_job_takes_long(bench: Bench) -> None:
    go_on, begun = asyncio.Event(), asyncio.Event()

    async def takes_long(_job: Job, _ports: Ports) -> Effects:
        begun.set()
        await go_on.wait()
        return DONE

    bench.pay = takes_long
    await bench.enqueue(owed("k"))
    worker = bench.worker(renew_every=0.001)
    await worker.start()
    await begun.wait()

    for _ in range(4):
        bench.real.pass_(seconds=6)
        await _renewed(bench)
    stolen = await bench.queue.claim(owner="they", now=NOON, limit=9)
    go_on.set()
    await worker.idle()

    assert stolen == []
    assert (await bench.line("k")).state is JobState.DONE


async def _renewed(bench: Bench) -> None:
    """Return once the one lease reaches beyond the next six seconds."""
    while True:
        async with bench.database.read() as connection:
            until = (await connection.execute(text("SELECT lease_until FROM jobs"))).scalar_one()
        if str(until)[:19] > str(bench.real.now + timedelta(seconds=9))[:19]:
            return


async def test_the_loop_outlives_its_database(bench: Bench, logs: LogCapture) -> None:
    worker = bench.worker()
    await worker.start()
    await worker.idle()

    await _break(bench.database)
    while worker._outages <= 3:  # noqa: ASYNC110, SLF001 - several vain turns of the loop
        await asyncio.sleep(0)
    during = worker.heartbeat
    await _mend(bench.database)
    await bench.enqueue(owed("k"))
    await worker.idle()

    events = [entry["event"] for entry in logs.entries]
    assert keys(bench) == ["k"]
    assert worker.heartbeat > during
    assert (events.count("jobs_unreachable"), events.count("jobs_reachable_again")) == (1, 1)


async def test_when_the_database_is_back_what_was_missed_is_looked_for(bench: Bench) -> None:
    back = asyncio.Event()

    async def look() -> None:
        back.set()

    worker = bench.worker(reachable_again=look)
    await worker.start()
    await worker.idle()
    before = back.is_set()

    await _break(bench.database)
    while not worker._outages:  # noqa: ASYNC110, SLF001 - a vain turn of the loop
        await asyncio.sleep(0)
    await _mend(bench.database)
    await back.wait()

    assert not before


async def _break(database: Database) -> None:
    """Take the database away: on PostgreSQL all connections, on SQLite the table."""
    if database.is_sqlite:
        async with database._writing.begin() as connection:  # noqa: SLF001 - as a disk would
            await connection.execute(text("ALTER TABLE jobs RENAME TO gone"))
        return
    name = database._url.database  # noqa: SLF001 - as an operator would
    await server().admin(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await server().admin(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608
    )


async def _mend(database: Database) -> None:
    if database.is_sqlite:
        async with database._writing.begin() as connection:  # noqa: SLF001 - as above
            await connection.execute(text("ALTER TABLE gone RENAME TO jobs"))
        return
    await server().admin(f"ALTER DATABASE {database._url.database} ALLOW_CONNECTIONS true")  # noqa: SLF001


async def test_a_worker_that_does_not_run_is_never_idle(bench: Bench) -> None:
    with pytest.raises(RuntimeError, match="not running"):
        await bench.worker().idle()


async def test_a_wait_that_was_asked_for_is_no_news(bench: Bench, logs: LogCapture) -> None:
    bench.pay = fails(
        RateLimited("Slack", wait=timedelta(milliseconds=1)), Unavailable("Slack", unknown=False)
    )  # type: ignore[assignment]
    await bench.enqueue(owed("say"))
    worker = bench.worker(away_wait=0.001)

    await worker.start()
    for attempt in (1, 2):
        await bench.postponed("say", attempt=attempt)
        bench.real.pass_(seconds=1)
    await worker.idle()

    levels = [entry["log_level"] for entry in logs.entries if entry["event"] == "job_postponed"]
    assert levels == ["debug", "info"]
