"""Two hundred messages in bursts, with edits and deletions, and the bot killed in the middle of them."""

import random
from datetime import timedelta
from pathlib import Path

from bot.sandbox.journal import Delivery
from bot.sandbox.state import Message
from tests.faults.acts import asked, rooms
from tests.faults.checker import Checker
from tests.faults.processes import environment, nursery, sandbox
from tests.faults.rounds import is_complete

SEED = 7
MESSAGES, BURST = 200, 20


async def test_a_storm_with_a_kill_in_the_middle_is_recorded_to_the_last_word(
    sqlite_url: str, tmp_path: Path
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - repeatable, no secret
    async with sandbox() as slack, nursery() as bots:
        checker = Checker(database_url=sqlite_url, slack=slack)
        checker.tried.seed = SEED
        settings, log = environment(slack, sqlite_url), tmp_path / "bot.log"
        pid = await bots.start(settings, log)
        await slack.connection(1, timeout=30)
        ada = slack.person("ada")
        submitted = await ada.submit(await asked(ada, "Invoices are counted twice"), {"severity": "SEV2"})
        assert submitted.ok
        await slack.until(lambda: is_complete(slack), 30, what="the war room")
        room = rooms(slack)[0]
        said: list[Message] = []

        for number in range(MESSAGES):
            said.append(await ada.say(room, f"words {number}"))
            if number % BURST == BURST - 1:
                await ada.edit(chance.choice(said), f"better words {number}")
                gone = said.pop(chance.randrange(len(said)))
                await ada.delete(gone)
                await slack.until(
                    lambda: not _under_way(slack.journal.delivered("message")),
                    20,
                    what="the burst to be tried",
                )
            if number == MESSAGES // 2:
                bots.kill(pid)
                checker.tried.kills += 1
                pid = await bots.start(settings, log)
        checker.tried.inputs["messages"] += MESSAGES
        checker.tried.inputs["edits and deletions"] += 2 * MESSAGES // BURST
        await slack.connection(1, timeout=30)
        slack.clock.forward(timedelta(seconds=61))
        await slack.settled(timeout=30)
        await checker.paid()

        await checker.check()


def _under_way(deliveries: list[Delivery]) -> bool:
    return any(not one.attempts or one.attempts[-1].outcome == "waiting" for one in deliveries)
