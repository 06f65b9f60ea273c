"""Two people in two windows: what one does, the other sees."""

from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from tests.browser.house import House
from tests.browser.window import Window

Looks = Callable[..., Awaitable[Window]]


async def test_the_command_is_taken_in_one_window_and_handed_over_to_the_other(
    here: House, looks: Looks
) -> None:
    room = await here.world.declare()
    await here.world.join(room, "grace")
    ada, grace = await looks("ada", room), await looks("grace", room)

    await ada.role("Commander").get_by_role("button", name="Take it").click()
    await expect(grace.role("Commander")).to_contain_text("@ada")
    await ada.says("/incident ic @grace")
    await expect(grace.row("Shall command of INC-1 go from @ada to @grace?")).to_be_visible()
    await grace.row("Shall command").get_by_role("button", name="Agree").click()

    await expect(grace.role("Commander")).to_contain_text("@grace")
    await expect(ada.role("Commander")).to_contain_text("@grace")
    await expect(grace.at("place-app")).to_have_class("place unread")


async def test_one_window_acts_as_several_people_in_turn(here: House, looks: Looks) -> None:
    room = await here.world.declare()
    await here.world.join(room, "grace", "linus")
    window = await looks("ada", room)

    for name in ("ada", "grace", "linus"):
        await window.at(f"act-as-{name}").click()
        await expect(window.page.locator("#app")).to_have_attribute("data-as", name)
        await window.says(f"{name} was here")
        await expect(window.row(f"{name} was here")).to_contain_text(f"{name.title()} Example")

    said = [each.user for each in here.world.channel(room).messages.values() if "was here" in each.text]
    assert said == [here.slack.person(name).id for name in ("ada", "grace", "linus")]


async def test_what_one_person_alone_is_told_is_in_no_other_window(here: House, looks: Looks) -> None:
    room = await here.world.declare()
    await here.world.join(room, "grace")
    ada, grace = await looks("ada", room), await looks("grace", room)

    await ada.says("/incident timeline")
    await expect(ada.row("Only visible to you")).to_be_visible()
    await ada.says("did you see that?")
    await expect(grace.row("did you see that?")).to_be_visible()

    await expect(grace.messages).not_to_contain_text("Only visible to you")
