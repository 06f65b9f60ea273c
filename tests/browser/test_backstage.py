"""The panel: time is moved, trouble is switched on and off, and nothing is lost by it."""

from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from bot.domain.incident.aggregate import ReportDraft
from bot.domain.shared.vocabulary import SHELL, ConditionType, IncidentId, Status
from bot.usecases.incident import report, status
from tests.browser.house import House
from tests.browser.window import Window

Looks = Callable[..., Awaitable[Window]]
ONE = IncidentId(1)


async def test_the_clock_moves_on_to_the_next_thing_that_is_owed(here: House, looks: Looks) -> None:
    room = await here.world.declare()
    ada = await looks("ada", room)
    await ada.at("panel-toggle").click()
    await expect(ada.at("owed")).to_contain_text("in 5 min")

    await ada.at("clock-next").click()

    await expect(ada.row("has had no commander since")).to_be_visible()
    await expect(ada.at("clock")).to_contain_text("10:05")
    await expect(ada.at("owed")).to_contain_text("in 15 min")


async def test_an_hour_later_the_update_is_asked_for(here: House, looks: Looks) -> None:
    room = await here.world.declare()
    await here.world.types("ada", "ic", channel=room)
    ada = await looks("ada", room)
    await ada.at("panel-toggle").click()

    await ada.at("clock-hour").click()

    await expect(ada.row("a CAN update of INC-1 was due")).to_be_visible()
    await expect(ada.at("clock")).to_contain_text("11:00")


async def test_with_slack_down_and_back_nothing_is_lost_and_nothing_comes_twice(
    here: House, looks: Looks
) -> None:
    room = await here.world.declare()
    ada = await looks("ada", room)
    ada.tolerated = ("status of 502",)
    await ada.at("panel-toggle").click()
    await ada.at("fault-down").click()
    await expect(ada.at("fault-down")).to_have_attribute("aria-checked", "true")

    await ada.says("/incident fixing")
    await expect(ada.at("composer").get_by_test_id("composer-notice")).to_contain_text("/incident failed")
    ports = here.world.bot.ports
    draft = ReportDraft(condition=ConditionType.WRONG, conditions="Twice as high", actions="Rolling back")
    await report.post(report.PostReport(actor=SHELL, incident=ONE, draft=draft), ports)
    await status.move(status.Move(actor=SHELL, incident=ONE, to=Status.FIXING), ports)
    await expect(ada.at("owed")).to_contain_text("INC-1")
    before = here.world.said(room)[1:]
    await ada.at("fault-down").click()
    await here.slack.connection(1, timeout=20)
    await ada.at("clock-hour").click()

    await expect(ada.row("moved it from investigating to fixing")).to_be_visible()
    await expect(ada.row("CAN update for INC-1").first).to_be_visible()
    await expect(ada.card).to_contain_text("Fixing")
    await here.world.settle()
    after = [line for line in here.world.said(room)[1:] if "CAN update for" in line or "moved it" in line]
    assert before == []
    assert after == [
        "CAN update for INC-1 · SEV2 · investigating: Twice as high",
        "Someone in the shell moved it from investigating to fixing",
    ]


async def test_every_switch_goes_on_and_off_and_the_traffic_shows_what_it_did(
    here: House, looks: Looks
) -> None:
    room = await here.world.declare()
    ada = await looks("ada", room)
    await ada.at("panel-toggle").click()

    for key in ("slow", "limited", "failing", "lost", "down"):
        await ada.at(f"fault-{key}").click()
        await expect(ada.at(f"fault-{key}")).to_have_attribute("aria-checked", "true")
        await ada.at(f"fault-{key}").click()
        await expect(ada.at(f"fault-{key}")).to_have_attribute("aria-checked", "false")
    await here.slack.connection(1, timeout=20)
    await ada.says("/incident note the vendor confirmed it")

    await expect(ada.row("noted: the vendor confirmed it")).to_be_visible()
    await expect(ada.at("traffic")).to_contain_text("chat.postMessage")
    await expect(ada.at("traffic")).to_contain_text("/incident")
    await here.world.settle()


async def test_the_clock_above_follows_a_move_made_in_another_window(here: House, looks: Looks) -> None:
    ada, linus = await looks("ada"), await looks("linus")
    await ada.at("panel-toggle").click()
    await expect(linus.at("top-clock")).to_have_text("Mon 12:00")

    await ada.at("clock-hour").click()

    await expect(linus.at("top-clock")).to_have_text("Mon 13:00")
    await expect(ada.at("top-clock")).to_have_text("Mon 11:00")


async def test_who_kills_a_bot_that_cannot_be_killed_alone_is_told_so(here: House, looks: Looks) -> None:
    ada = await looks()
    ada.tolerated = ("status of 502",)
    await ada.at("panel-toggle").click()

    await ada.at("kill").click()

    await expect(ada.page.locator(".toast")).to_contain_text("cannot be killed alone")
    await here.world.settle()
