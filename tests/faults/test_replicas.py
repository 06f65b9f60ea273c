"""Two bots on one PostgreSQL share what is due; when one of them dies, the other does its part, once."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import Bot
from bot.resources import manifest_path
from bot.sandbox import MovableClock, Sandbox
from bot.sandbox.journal import Call, Delivery
from tests.faults.acts import declare_in, posts, rooms, shell, watched
from tests.faults.checker import Checker
from tests.faults.processes import environment, nursery
from tests.world import World, living

INCIDENTS = 100
FEWER = 12
"""Incidents where bots keep to Slack's budgets in real time, as separate processes do.

Catching up with each room takes two calls and leaves half a minute's budget of 50 to what people wait for:
the calls for so many rooms fit into the other half, so nothing here waits for a budget to refill.
"""
UNTIL_BOTH = timedelta(minutes=31)
"""After it both nudges of a SEV1 are due: who commands (5 min), and the CAN update (30 min)."""


async def _declared(slack: Sandbox, url: str, checker: Checker, *, count: int = INCIDENTS) -> None:
    async with shell(slack, url) as ports:
        for number in range(count):
            title = f"Table {number} has stopped"
            checker.also.append(title)
            await declare_in(ports, title, drill=True)
    checker.tried.inputs["incidents"] += count


async def test_two_hundred_nudges_on_two_replicas_are_each_said_once(postgresql_url: str) -> None:
    async with watched(postgresql_url) as (world, checker):
        await _declared(world.slack, postgresql_url, checker)
        await world.settle()
        async with living(world.slack, postgresql_url, world.policy) as other:
            await world.forward(UNTIL_BOTH)
            await other.worker.idle()

            _each_once(world.slack)
            owners = Counter(who for who in (world.bot.worker.owner, other.worker.owner) if who)
            assert len(owners) == 2
            await checker.check()


async def test_a_replica_lost_without_goodbye_leaves_its_nudges_to_the_other(postgresql_url: str) -> None:
    async with watched(postgresql_url) as (world, checker):
        await _declared(world.slack, postgresql_url, checker)
        await world.settle()
        async with living(world.slack, postgresql_url, world.policy) as other:
            _lose_at_its_posting(world.slack, other, nth=40)
            checker.tried.kills += 1

            await world.forward(UNTIL_BOTH)

            _each_once(world.slack)
            await checker.check()


@pytest.mark.timeout(180)
async def test_a_replica_killed_in_the_middle_leaves_its_nudges_to_the_other(
    postgresql_url: str, tmp_path: Path
) -> None:
    clock = MovableClock(datetime.now(UTC) - UNTIL_BOTH)
    async with (
        Sandbox(manifest_path(), channels=("general", "incidents"), clock=clock) as slack,
        nursery() as bots,
    ):
        checker = Checker(database_url=postgresql_url, slack=slack)
        async with living(
            slack, postgresql_url, World(slack=slack, database_url=postgresql_url).policy
        ) as first:
            await _declared(slack, postgresql_url, checker, count=FEWER)
            await first.worker.idle()
        clock.forward(UNTIL_BOTH)
        settings = environment(slack, postgresql_url)
        killed: list[int] = []

        def written(entry: Call | Delivery) -> None:
            if isinstance(entry, Call) and entry.ok and killed and _said(slack) == FEWER // 2:
                bots.kill(killed[0])

        slack.journal.watchers.append(written)
        killed.append(await bots.start(settings, tmp_path / "one.log"))
        await bots.start(settings, tmp_path / "two.log")
        checker.tried.kills += 1

        await slack.until(lambda: _said(slack) == 2 * FEWER, 60, what="every nudge")
        await checker.paid(within=60)

        _each_once(slack, count=FEWER)
        await checker.look(complete=False)
        assert checker.tried.is_clean, str(checker.tried)


def _said(slack: Sandbox) -> int:
    return len(posts(slack, "nudge_commander")) + len(posts(slack, "nudge_report"))


def _each_once(slack: Sandbox, *, count: int = INCIDENTS) -> None:
    said = Counter(key for kind in ("nudge_commander", "nudge_report") for key, _ in posts(slack, kind))
    assert len(said) == 2 * count
    assert set(said.values()) == {1}
    assert len(rooms(slack)) == count


def _lose_at_its_posting(slack: Sandbox, bot: Bot, *, nth: int) -> None:
    """End all tasks of a bot's worker while it posts, its leases not given back."""
    seen = 0

    def written(entry: Call | Delivery) -> None:
        nonlocal seen
        seen += isinstance(entry, Call) and entry.method == "chat.postMessage" and entry.ok
        if seen == nth:
            tasks = [*bot.worker._loops, *bot.worker._running]  # noqa: SLF001 - no process dies by the rules
            bot.worker._loops = []  # noqa: SLF001 - as above: then stopping gives no lease back
            for task in tasks:
                task.cancel()

    slack.journal.watchers.append(written)
