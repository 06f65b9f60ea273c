"""The panel shows and moves what is behind the scenes; the guide reads off how far an incident has come."""

import json
from collections.abc import Sequence
from datetime import timedelta

import aiohttp

from bot.demo import guide
from bot.demo.backstage import Backstage, away
from bot.demo.bots import OwedLine, RunningBot
from bot.demo.player import Player
from bot.sandbox import MovableClock, Sandbox
from bot.sandbox.page import Scene, mount
from bot.sandbox.state import Channel
from tests.sandbox.kit import MANIFEST, Bot, section
from tests.sandbox.page.browser import Browser, words


class Nobody:
    """A bot that is not there."""

    about = "nowhere"

    async def idle(self) -> None: ...

    async def plan(self) -> None: ...

    async def owed(self) -> Sequence[OwedLine]:
        return []

    async def kill(self) -> None: ...


class Wings:
    """A backstage that owes two things, and starts nothing but what it knows."""

    def __init__(self, slack: Sandbox) -> None:
        self.slack = slack
        self.bot: RunningBot = Nobody()
        self.player = Player(lambda: None)
        self.started: list[str] = []

    async def owed(self) -> Sequence[OwedLine]:
        now = self.slack.clock.now()
        return [
            OwedLine(due_at=now + timedelta(hours=3), kind="remind_postmortem", key="b", incident="INC-2"),
            OwedLine(due_at=now + timedelta(minutes=20), kind="nudge_report", key="a", incident="INC-1"),
        ]

    async def forward(self, by: timedelta) -> None:
        self.slack.clock.forward(by)

    def is_played(self, room: Channel) -> bool:
        return room.name == "played"

    async def start(self, scenario: str) -> None:
        if scenario != "revenue":
            raise KeyError(scenario)
        self.started.append(scenario)


async def panel(browser: Browser) -> dict[str, str]:
    parts: dict[str, str] = json.loads(await browser.get("/page/panel", **{"as": "ada", "in": "general"}))
    return parts


async def test_trouble_is_switched_on_and_off(slack: Sandbox, browser: Browser) -> None:
    await browser.does("ada", "fault", key="slow")
    await browser.does("ada", "fault", key="down")
    on = await panel(browser)
    await browser.does("ada", "fault", key="down")
    await browser.does("ada", "fault", key="slow")

    assert on["panel-faults"].count('aria-checked="true"') == 2
    assert not slack.faults.down
    assert not slack.faults.faults


async def test_the_traffic_names_each_call_and_delivery_the_newest_first(
    slack: Sandbox, browser: Browser, bot: Bot
) -> None:
    await bot.client.auth_test()
    await bot.client.conversations_join(channel=slack.workspace.channel("general").id)

    traffic = words((await panel(browser))["panel-traffic"])

    assert traffic.index("conversations.join") < traffic.index("auth.test")


async def test_without_a_backstage_the_clock_moves_and_nothing_is_owed(
    slack: Sandbox, browser: Browser
) -> None:
    before = slack.clock.now()

    await browser.does("ada", "clock", to="hour")

    assert slack.clock.now() - before >= timedelta(hours=1)
    assert "panel-owed" not in await panel(browser)


async def test_the_clock_goes_to_the_next_thing_owed() -> None:
    slack = Sandbox(MANIFEST, clock=MovableClock(frozen=True))
    mount(slack, Backstage(slack, Wings(slack)).extension())
    async with slack, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        browser = Browser(url=slack.url, session=session)
        await browser.open()
        before = slack.clock.now()

        owed = words((await panel(browser))["panel-owed"])
        await browser.does("ada", "clock", to="next")

        assert owed.index("nudge report INC-1") < owed.index("remind postmortem INC-2")
        assert "in 20 min" in owed
        assert slack.clock.now() - before == timedelta(minutes=20, seconds=1)


async def test_a_scenario_is_started_by_its_name_and_no_other() -> None:
    slack = Sandbox(MANIFEST)
    wings = Wings(slack)
    mount(slack, Backstage(slack, wings).extension())
    async with slack, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        browser = Browser(url=slack.url, session=session)
        html = await browser.open()

        await browser.does("ada", "start", scenario="revenue")
        status, _ = await browser.do("ada", "start", scenario="nothing")

        assert "the revenue dashboard is wrong" in html
        assert wings.started == ["revenue"]
        assert status == 400


async def test_the_guide_follows_what_happened_and_not_what_was_clicked(slack: Sandbox, bot: Bot) -> None:
    def next_step() -> str | None:
        current = guide.path(slack.person("ada")).current
        return current.key if current else None

    steps = [next_step()]
    room = str((await bot.client.conversations_create(name="inc-1-late"))["channel"]["id"])
    steps.append(next_step())
    for text in ("<@U1> took the role of commander", "*CAN update for INC-1*"):
        await bot.client.chat_postMessage(channel=room, text=text, blocks=[section(text)])
    steps.append(next_step())
    await slack.person("ada").join("inc-1-late")
    await slack.person("ada").say("inc-1-late", "the load ran twice")
    steps.append(next_step())
    await bot.client.chat_postMessage(channel=room, text="<@U1> moved it from fixing to resolved")
    steps.append(next_step())
    slack.clock.forward(timedelta(hours=24))

    assert steps == ["declare", "commander", "say", "resolve", "tomorrow"]
    assert next_step() is None
    shown = Backstage(slack, Wings(slack)).extension().aside(Scene.of(slack, {"as": "ada"}))
    assert "You have lived through one" in shown


def test_how_far_off_something_is_takes_two_units_at_most() -> None:
    assert away(timedelta(seconds=-5)) == "now"
    assert away(timedelta(minutes=59)) == "in 59 min"
    assert away(timedelta(hours=3, minutes=20)) == "in 3 h 20 min"
    assert away(timedelta(days=2, hours=1, minutes=5)) == "in 2 d 1 h"
