"""Killed anywhere in "declare", the bot goes on where it was: nothing lost, nothing twice."""

import random
from pathlib import Path

from tests.faults.campaign import campaign
from tests.faults.rounds import FAILPOINTS, Moment

SEED = 20261122
RANDOM_KILLS = 8


async def test_killed_at_any_moment_or_failpoint_a_declaration_is_completed_once(tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - repeatable, no secret
    moments = [*FAILPOINTS, *(Moment.any(chance) for _ in range(RANDOM_KILLS))]

    tried = await campaign(moments, tmp_path, seed=SEED)

    print(tried)  # noqa: T201 - what was tried is part of the result
    assert tried.is_clean, str(tried)
    assert tried.kills == len(moments)
