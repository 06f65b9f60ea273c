"""The guided path: from an empty workspace to the reminder of the postmortem, with nothing but the page."""

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from tests.browser.window import Window

Looks = Callable[..., Awaitable[Window]]
DONE = re.compile(r"\bdone\b")


async def ticked(window: Window, step: str) -> None:
    """Return once the guide shows a step as done."""
    await expect(window.at(f"guide-{step}")).to_have_class(DONE)


async def test_who_opens_it_cold_is_led_from_the_command_to_the_reminder(looks: Looks) -> None:
    ada = await looks()
    await expect(ada.at("guide-declare")).to_have_attribute("aria-current", "step")

    await ada.says("/incident declare Revenue is wrong")
    await expect(ada.modal.get_by_label("What is wrong?")).to_have_value("Revenue is wrong")
    await ada.modal.get_by_text("SEV2").click()
    await ada.sends()
    await ticked(ada, "declare")
    await ada.at("guide").get_by_role("link", name="Open #inc-1-revenue-is-wrong").click()
    await ada.role("Commander").get_by_role("button", name="Take it").click()
    await ticked(ada, "commander")
    await ada.says("The load of two o'clock ran twice")
    await ticked(ada, "say")
    await ada.card.get_by_role("button", name="Post CAN update").click()
    await ada.modal.get_by_label("Conditions: what is happening?").fill("Yesterday counts twice")
    await ada.modal.get_by_label("What is wrong with the data").select_option("duplicated")
    await ada.modal.get_by_label("Actions: what is being done").fill("Removing the second load")
    await ada.sends()
    await ticked(ada, "update")
    await ada.card.get_by_role("button", name="Resolve …").click()
    await ada.sends()
    await ticked(ada, "resolve")
    await ada.at("panel-toggle").click()
    await ada.at("clock-tomorrow").click()

    await ticked(ada, "tomorrow")
    await expect(ada.row("The postmortem of INC-1 is due")).to_be_visible()
    await expect(ada.at("guide")).to_have_attribute("data-done", "yes")
    await expect(ada.at("guide")).to_contain_text("You have lived through one")


async def test_the_guide_is_out_of_the_way_once_it_was_put_away(looks: Looks) -> None:
    ada = await looks()

    await ada.at("guide-dismiss").click()
    await ada.page.reload()

    await expect(ada.composer).to_be_visible()
    await expect(ada.at("guide")).to_be_hidden()
