"""Everything by keyboard: going somewhere, saying something, opening, filling in and closing a modal."""

from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from tests.browser.house import House
from tests.browser.window import Window

Looks = Callable[..., Awaitable[Window]]


async def test_an_incident_is_declared_without_a_mouse(here: House, looks: Looks) -> None:
    ada = await looks()
    keys = ada.page.keyboard

    await keys.press("Control+k")
    await keys.type("incid")
    await keys.press("Enter")
    await expect(ada.at("title")).to_contain_text("incidents")
    await keys.type("hello")
    await keys.press("Enter")
    await expect(ada.row("hello")).to_be_visible()
    await keys.type("/incident declare")
    await keys.press("Enter")
    await expect(ada.modal.get_by_label("What is wrong?")).to_be_focused()
    await keys.type("Revenue is wrong")
    await keys.press("Tab")
    await keys.press("Space")
    await keys.press("Shift+Tab")
    await keys.press("Enter")

    await expect(ada.at("place-inc-1-revenue-is-wrong")).to_be_visible()
    await here.world.settle()
    assert "SEV1" in here.world.shows(here.world.card("inc-1-revenue-is-wrong"))


async def test_escape_closes_a_modal_and_the_focus_is_back_where_one_types(here: House, looks: Looks) -> None:
    ada = await looks()
    await ada.says("/incident declare")
    await expect(ada.modal).to_be_visible()

    await ada.page.keyboard.press("Escape")
    await expect(ada.modal).to_have_count(0)
    await ada.page.keyboard.type("never mind")
    await ada.page.keyboard.press("Enter")

    await expect(ada.row("never mind")).to_be_visible()
    assert here.slack.person("ada").modal is None


async def test_a_half_typed_command_and_a_name_are_completed(looks: Looks) -> None:
    ada = await looks()
    keys, offers = ada.page.keyboard, ada.page.get_by_role("listbox", name="Suggestions")

    await keys.type("/inc")
    await expect(offers).to_contain_text("/incident")
    await keys.press("Tab")
    await expect(ada.composer).to_have_value("/incident ")
    await ada.composer.fill("")
    await keys.type("ask @gr")
    await expect(offers).to_contain_text("grace")
    await keys.press("Enter")
    await keys.press("Enter")

    await expect(ada.row("ask @grace")).to_be_visible()


async def test_arrows_walk_over_messages_and_letters_use_their_tools(looks: Looks) -> None:
    ada = await looks()
    await ada.says("first")
    await expect(ada.row("first")).to_be_visible()
    await ada.says("second")
    await expect(ada.row("second")).to_be_visible()

    await ada.row("second").focus()
    await ada.page.keyboard.press("ArrowUp")
    await expect(ada.row("first")).to_be_focused()
    await ada.page.keyboard.press("e")
    await ada.page.keyboard.press("Control+a")
    await ada.page.keyboard.type("mended")
    await ada.page.keyboard.press("Enter")

    await expect(ada.row("mended")).to_contain_text("(edited)")


async def test_a_number_changes_who_acts(looks: Looks) -> None:
    ada = await looks()

    await ada.page.keyboard.press("Alt+2")

    await expect(ada.page.locator("#app")).to_have_attribute("data-as", "grace")
