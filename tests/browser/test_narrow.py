"""A window of 420 pixels: nothing is cut off, and channels have their names."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import expect

from bot.demo.stories import revenue_under_way
from tests.browser.house import House
from tests.browser.test_look import CUT, NAMELESS, OVERFLOW
from tests.browser.window import Window

Looks = Callable[..., Awaitable[Window]]
NARROW = {"width": 420, "height": 860}
OUTSIDE = """() => [...document.querySelectorAll('#app *, .top *')]
  .filter((each) => each.checkVisibility({visibilityProperty: true}))
  .filter((each) => !each.closest('.unseen, svg, [aria-hidden]'))
  .filter((each) => { const at = each.getBoundingClientRect();
                      return at.width && (at.right > innerWidth + 1 || at.left < -1); })
  .map((each) => each.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_nothing_of_a_war_room_is_cut_off(here: House, looks: Looks, *, dark: bool) -> None:
    async for _ in revenue_under_way(here.stage):
        pass
    (room,) = here.world.rooms()
    grace = await looks("grace", room, dark=dark)

    await grace.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    await expect(grace.at("sidebar-button")).to_be_visible()
    await expect(grace.at("title")).to_contain_text(room)

    found = [await grace.page.evaluate(each) for each in (OUTSIDE, CUT, OVERFLOW, NAMELESS)]
    assert found == [[], [], False, []]


async def test_channels_are_chosen_by_their_names(here: House, looks: Looks) -> None:
    ada = await looks()
    await ada.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    await expect(ada.at("place-incidents")).to_be_hidden()

    await ada.at("sidebar-button").click()
    await expect(ada.at("place-incidents")).to_contain_text("incidents")
    await ada.at("place-incidents").click()

    await expect(ada.at("title")).to_contain_text("incidents")
    await expect(ada.at("place-incidents")).to_be_hidden()
    await here.world.settle()
