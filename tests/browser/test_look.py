"""Dark and light, small and large: the page renders, and what is chosen stays."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import expect

from bot.demo.stories import revenue_under_way
from tests.browser.house import House
from tests.browser.window import Window

Looks = Callable[..., Awaitable[Window]]
BACKGROUND = "getComputedStyle(document.querySelector('main')).backgroundColor"
BRIGHTNESS = f"{BACKGROUND}.match(/[\\d.]+/g).slice(0, 3).reduce((sum, each) => sum + Number(each), 0)"
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
CUT = """() => [...document.querySelectorAll('button, .button, summary')]
  .filter((each) => each.checkVisibility() && !each.matches('.unseen') && !each.closest('.topic, .place')
                    && each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.textContent.trim()).filter(Boolean)"""
NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, textarea, select')]
  .filter((each) => each.checkVisibility() && each.type !== 'hidden')
  .filter((each) => !(each.getAttribute('aria-label') || each.textContent.trim() || each.labels?.length
                      || each.title))
  .map((each) => each.outerHTML)"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_page_follows_the_system_and_the_button_overrules_it(looks: Looks, *, dark: bool) -> None:
    ada = await looks(dark=dark)
    as_asked = await ada.page.evaluate(BRIGHTNESS)

    await ada.at("theme").click()
    other = await ada.page.evaluate(BRIGHTNESS)
    await ada.page.reload()
    await expect(ada.composer).to_be_visible()
    kept = await ada.page.evaluate(BRIGHTNESS)

    bright = 3 * 128
    assert (as_asked > bright, other > bright, kept > bright) == (not dark, dark, dark)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_nothing_is_cut_off_or_nameless_while_an_incident_is_under_way(
    here: House, looks: Looks, *, dark: bool
) -> None:
    async for _ in revenue_under_way(here.stage):
        pass
    (room,) = here.world.rooms()
    grace = await looks("grace", room, dark=dark)
    await grace.at("panel-toggle").click()
    await expect(grace.at("traffic")).to_be_visible()

    cut = await grace.page.evaluate(CUT)
    overflows = await grace.page.evaluate(OVERFLOW)
    nameless = await grace.page.evaluate(NAMELESS)

    assert (cut, overflows, nameless) == ([], False, [])


async def test_nothing_is_loaded_from_outside(here: House, looks: Looks) -> None:
    asked: list[str] = []
    room = await here.world.declare()
    ada = await looks("ada", room)
    ada.page.on("request", lambda request: asked.append(request.url))

    await ada.page.reload()
    await expect(ada.card).to_be_visible()

    assert asked
    assert [url for url in asked if not url.startswith((here.slack.url, "data:"))] == []
