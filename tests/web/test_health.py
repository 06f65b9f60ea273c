"""Health: what makes it red, what only yellow, and that asking is bounded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.usecases.ports import Backlog
from bot.web.health import Connection, Health, Mode, Probe, SlackHealth, Verdict, Writable

from .conftest import FINE, NOW, World

AWAY = SlackHealth(connection=Connection.AWAY, mode=Mode.SOCKET, since=NOW)
SCOPE_MISSING = SlackHealth(
    connection=Connection.CONNECTED, mode=Mode.SOCKET, problems=("The scope pins:write is missing.",)
)


def probe(
    *, backlog: object = None, writable: Writable | None = None, within: timedelta = timedelta(seconds=30)
) -> Probe:
    async def ask() -> Backlog:
        if isinstance(backlog, asyncio.Event):
            await backlog.wait()
        if isinstance(backlog, Exception):
            raise backlog
        return Backlog(oldest_due=None, owed=0, dead=0)

    return Probe(
        backlog=ask,
        slack=lambda: FINE.slack,
        heartbeat_age=lambda: timedelta(seconds=1),
        now=lambda: NOW,
        writable=writable,
        within=within,
    )


@pytest.mark.parametrize(
    ("changes", "verdict", "status"),
    [
        ({}, "ok", 200),
        ({"slack": AWAY}, "degraded", 200),
        ({"slack": SCOPE_MISSING}, "degraded", 200),
        ({"backlog": Backlog(oldest_due=None, owed=0, dead=1)}, "degraded", 200),
        ({"heartbeat_age": timedelta(seconds=15)}, "ok", 200),
        ({"heartbeat_age": timedelta(seconds=16)}, "dead", 503),
        ({"backlog": None}, "dead", 503),
        ({"backlog": None, "slack": AWAY}, "dead", 503),
        ({"unwritable": "The disk is full."}, "dead", 503),
    ],
)
async def test_only_a_dead_database_or_worker_is_red(
    world: World, changes: dict[str, object], verdict: str, status: int
) -> None:
    world.now(**changes)

    async with world.client() as client:
        answer = await client.get("/health")

    assert (answer.json()["status"], answer.status_code) == (verdict, status)


async def test_health_shows_states_ages_and_counts(world: World) -> None:
    world.now(
        backlog=Backlog(oldest_due=NOW - timedelta(seconds=90), owed=4, dead=2),
        slack=SCOPE_MISSING,
    )

    async with world.client() as client:
        answer = await client.get("/health")

    assert answer.json() == {
        "status": "degraded",
        "database": "ok",
        "database_problem": None,
        "slack": {
            "connection": "connected",
            "mode": "socket",
            "since": None,
            "problems": ["The scope pins:write is missing."],
        },
        "worker": {"status": "ok", "heartbeat_age_s": 1.0},
        "jobs": {"oldest_due_s": 90.0, "owed": 4, "dead": 2},
    }


def test_what_is_due_later_is_not_overdue() -> None:
    later = Backlog(oldest_due=NOW + timedelta(hours=1), owed=1, dead=0)

    health = Health(at=NOW, backlog=later, slack=FINE.slack, heartbeat_age=FINE.heartbeat_age)

    assert health.overdue == timedelta()


async def test_a_database_that_answers_is_fine() -> None:
    look = probe(backlog=None)

    health = await look()

    assert health.verdict is Verdict.OK


async def test_a_database_that_fails_is_dead_and_comes_back() -> None:
    look = probe(backlog=ConnectionError("gone"))

    health = await look()

    assert health.verdict is Verdict.DEAD


async def test_a_database_that_hangs_is_dead_and_asked_once() -> None:
    released = asyncio.Event()
    look = probe(backlog=released, within=timedelta())

    hanging = [await look() for _ in range(3)]
    asked = [task for task in asyncio.all_tasks() if task.get_name() == "health: database"]
    released.set()
    await asyncio.gather(*asked)

    assert [health.verdict for health in hanging] == [Verdict.DEAD] * 3
    assert len(asked) == 1


async def test_why_nothing_can_be_written_is_said(world: World) -> None:
    world.now(unwritable="The disk is full.")

    async with world.client() as client:
        answer = await client.get("/health")

    assert answer.json()["database"] == "unwritable"
    assert answer.json()["database_problem"] == "The disk is full."


@asynccontextmanager
async def watched(look: Probe) -> AsyncIterator[None]:
    watching = asyncio.create_task(look.watch(every=timedelta(), within=timedelta()))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def until(look: Probe, verdict: Verdict) -> Health:
    """Return how things stand once they stand so."""
    while (health := await look()).verdict is not verdict:
        await turn()
    return health


async def turn() -> None:
    """Let everything that can run do so."""
    await asyncio.sleep(0)


async def test_a_database_that_takes_no_writes_is_dead_until_it_does_again() -> None:
    problems = ["The disk is full."]

    async def writable() -> str | None:
        return problems[0] if problems else None

    look = probe(writable=writable)
    async with watched(look):
        full = await until(look, Verdict.DEAD)
        problems.clear()
        free = await until(look, Verdict.OK)

    assert (full.unwritable, free.unwritable) == ("The disk is full.", None)


async def test_a_write_that_hangs_makes_it_dead_while_health_answers() -> None:
    locked = asyncio.Event()

    async def writable() -> str | None:
        await locked.wait()
        return None

    look = probe(writable=writable)
    async with watched(look):
        hanging = await until(look, Verdict.DEAD)
        tries = [task for task in asyncio.all_tasks() if task.get_name() == "health: writing"]
        locked.set()
        await until(look, Verdict.OK)

    assert (hanging.unwritable or "").startswith("The database has not taken a write")
    assert len(tries) == 1


async def test_a_write_that_raises_makes_it_dead_without_saying_whose_words_were_written() -> None:
    async def writable() -> str | None:
        msg = "INSERT ... ('private words')"
        raise OSError(msg)

    look = probe(writable=writable)
    async with watched(look):
        broken = await until(look, Verdict.DEAD)

    assert broken.unwritable == "Nothing can be written to the database; the log says why."
