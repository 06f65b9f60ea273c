"""Killed anywhere in "declare", the bot goes on where it was: nothing lost, nothing twice."""

import asyncio
import random
from pathlib import Path

from tests.faults.checker import Tried
from tests.faults.processes import nursery
from tests.faults.rounds import FAILPOINTS, Moment, killed_while_declaring

SEED = 20261122
RANDOM_KILLS = 6
AT_ONCE = 16


async def _campaign(moments: list[Moment], folder: Path, *, seed: int | None = None) -> Tried:
    total, turns = Tried(seed=seed), asyncio.Semaphore(AT_ONCE)
    async with nursery() as bots:

        async def one(number: int, moment: Moment) -> None:
            async with turns:
                # A private incident is announced nowhere: its second message never comes.
                private = number % 3 == 2 and moment.nth == 1
                total.add(
                    await killed_while_declaring(
                        bots, folder, moment, title=f"Ledger {number} does not add up", private=private
                    )
                )

        async with asyncio.TaskGroup() as group:
            for number, moment in enumerate(moments):
                group.create_task(one(number, moment))
    print(total)  # noqa: T201 - what was tried is part of the result
    return total


async def test_killed_on_either_side_of_every_effect_a_declaration_is_completed_once(tmp_path: Path) -> None:
    moments = list(FAILPOINTS)

    tried = await _campaign(moments, tmp_path)

    assert tried.is_clean, str(tried)
    assert tried.kills == len(moments)


async def test_killed_at_any_moment_a_declaration_is_completed_once(tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - repeatable, no secret
    moments = [Moment.any(chance) for _ in range(RANDOM_KILLS)]

    tried = await _campaign(moments, tmp_path, seed=SEED)

    assert tried.is_clean, str(tried)
    assert tried.kills == RANDOM_KILLS
