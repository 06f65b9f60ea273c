"""Kill campaigns of any length: ``python -m tests.faults.campaign --kills 100 --seed 1``.

Each kill strikes one declaration at a random moment, every tenth at one of the failpoints; the same seed
strikes at the same moments. Prints what was tried, and exits with 1 when anything was lost, doubled or wrong.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.faults.checker import Tried
from tests.faults.processes import nursery
from tests.faults.rounds import FAILPOINTS, Moment, killed_while_declaring

AT_ONCE = 12
"""How many declarations are under way together: each mostly waits for a dead bot's leases to run out."""


async def campaign(moments: list[Moment], folder: Path, *, seed: int | None = None) -> Tried:
    """Return what came of one killed declaration for each moment."""
    total, turns = Tried(seed=seed), asyncio.Semaphore(AT_ONCE)
    async with nursery() as bots, asyncio.TaskGroup() as group:

        async def one(number: int, moment: Moment) -> None:
            async with turns:
                # A private incident is announced nowhere: its second message never comes.
                private = number % 3 == 2 and moment.nth == 1
                title = f"Ledger {number} does not add up"
                total.add(await killed_while_declaring(bots, folder, moment, title=title, private=private))

        for number, moment in enumerate(moments):
            group.create_task(one(number, moment))
    return total


def chosen(kills: int, seed: int) -> list[Moment]:
    """Return so many moments, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    return [chance.choice(FAILPOINTS) if number % 10 == 0 else Moment.any(chance) for number in range(kills)]


def main() -> int:
    """Run a campaign; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="warroom-faults-") as folder:
        tried = asyncio.run(campaign(chosen(given.kills, given.seed), Path(folder), seed=given.seed))
    print(tried)  # noqa: T201 - what was tried is the result
    return 0 if tried.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
