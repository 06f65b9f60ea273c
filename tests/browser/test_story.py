"""The told story in the page: each step is read there; it waits where it is paused, goes on when asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from playwright.async_api import expect

from bot.demo.stories import revenue_is_wrong
from tests.browser.house import House
from tests.browser.window import Window

Looks = Callable[..., Awaitable[Window]]


@asynccontextmanager
async def told(here: House) -> AsyncIterator[None]:
    """Tell the story, paused from its first step on."""
    here.stage.player.pause()
    telling = asyncio.create_task(here.stage.play(revenue_is_wrong))
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def test_the_story_is_read_and_stepped_in_the_page(here: House, looks: Looks) -> None:
    ada = await looks()

    async with told(here):
        await expect(ada.at("story")).to_contain_text("linus and the others wonder in #general")
        await expect(ada.row("That is not growth")).to_be_visible()
        await ada.at("story-next").click()
        await expect(ada.at("story")).to_contain_text("types /incident declare")
        await ada.at("story-room").click()
        await expect(ada.card).to_contain_text("SEV2")
        await ada.at("story-next").click()
        await expect(ada.at("story")).to_contain_text("grace comes from #incidents")
        await ada.at("story-resume").click()

        await expect(ada.at("story-pause")).to_be_visible()
        await expect(ada.at("story")).to_contain_text("grace chooses Add an SME")


async def test_what_others_do_in_the_story_ticks_nothing_off(here: House, looks: Looks) -> None:
    ada = await looks()

    async with told(here):
        await expect(ada.at("story")).to_contain_text("linus")
        for words in ("types /incident declare", "grace comes from"):
            await ada.at("story-next").click()
            await expect(ada.at("story")).to_contain_text(words)

        await expect(ada.at("guide-declare")).to_have_attribute("aria-current", "step")
        await ada.says("/incident declare My own is wrong")
        await ada.modal.locator(".name", has_text="SEV2").click()
        await ada.sends()
        await expect(ada.at("guide-commander")).to_have_attribute("aria-current", "step")
        await expect(ada.at("guide")).to_contain_text("#inc-2-my-own-is-wrong")
