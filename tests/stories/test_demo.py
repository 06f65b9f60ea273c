"""The demo: a story played through the real bot, which fails where Slack does not show what it should."""

from collections.abc import AsyncIterator

import pytest

from bot.demo.bots import InProcess
from bot.demo.runner import SCENARIOS, Runner
from bot.demo.shows import access, played
from bot.demo.stories import Stage, Step, revenue_under_way, shows
from bot.resources import manifest_path
from bot.sandbox import MovableClock, Sandbox
from tests.world import World


async def test_the_story_shows_all_it_has_to_show() -> None:
    lines: list[str] = []

    code = await played(lines.append)

    assert code == 0, lines[-1]
    text = "\n".join(lines)
    for words in ("types `/incident declare", "Who writes it?", "4 hours before", "steps, each with what"):
        assert words in text


async def test_what_is_missing_ends_the_story_and_is_named() -> None:
    lines: list[str] = []

    async def wrong(stage: Stage) -> AsyncIterator[Step]:
        yield Step(who="ada", what="looks at #general")
        shows(stage.person("ada").reads("general"), "the postmortem", where="#general")

    code = await played(lines.append, wrong)

    assert code == 1
    assert "MISSING: #general does not show ['the postmortem']" in lines[-1]


async def test_an_incident_under_way_has_four_people_in_its_room(here: World) -> None:
    runner = Runner(here.slack, lambda _line: None)
    runner.runs(InProcess(here.bot))

    steps = [step async for step in revenue_under_way(runner)]

    room = next(one for one in here.slack.person("ada").channels() if one.name.startswith("inc-1-"))
    assert len(steps) > 5
    assert len(room.members) == 5
    assert {line.incident for line in await runner.owed()} == {"INC-1"}


async def test_a_second_telling_is_another_incident(here: World) -> None:
    runner = Runner(here.slack, lambda _line: None)
    runner.runs(InProcess(here.bot))

    await runner.start("revenue")
    await runner.start("revenue")

    assert {line.incident for line in await runner.owed()} == {"INC-1", "INC-2"}


async def test_an_unknown_scenario_is_none() -> None:
    runner = Runner(Sandbox(manifest_path(), clock=MovableClock()), lambda _line: None)

    with pytest.raises(KeyError):
        await runner.start("atlantis")

    assert "atlantis" not in SCENARIOS


async def test_the_demo_knows_its_own_tokens_alone() -> None:
    slack = Sandbox(manifest_path(), clock=MovableClock())

    tokens = access(slack)

    assert tokens.bot_token.get_secret_value() == slack.bot_token
    assert slack.bot_token not in repr(tokens)
