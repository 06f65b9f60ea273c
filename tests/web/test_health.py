"""Health: what makes it red, what only yellow, and that asking is bounded."""

import asyncio
from datetime import timedelta

import pytest

from bot.usecases.ports import Backlog
from bot.web.health import Connection, Health, Mode, Probe, SlackHealth, Verdict

from .conftest import FINE, NOW, World

AWAY = SlackHealth(connection=Connection.AWAY, mode=Mode.SOCKET, since=NOW)
SCOPE_MISSING = SlackHealth(
    connection=Connection.CONNECTED, mode=Mode.SOCKET, problems=("The scope pins:write is missing.",)
)


def probe(*, backlog: object, within: timedelta = timedelta(seconds=30)) -> Probe:
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
