"""Modals in the browser: errors stand in their fields, and nothing that was entered is lost."""

from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from tests.browser.house import House
from tests.browser.window import Window

Looks = Callable[..., Awaitable[Window]]


async def test_an_error_is_mended_without_losing_what_was_entered(here: House, looks: Looks) -> None:
    ada = await looks()
    await ada.says("/incident declare")
    title = ada.modal.get_by_label("What is wrong?")
    await title.fill("\u200b\u200d")
    await ada.modal.get_by_text("SEV3").click()
    await ada.modal.get_by_label("What do you know so far?").fill("Since two o'clock")

    await ada.modal.get_by_test_id("modal-submit").click()
    await expect(ada.modal.get_by_role("alert").filter(has_text="The title is empty.")).to_be_visible()
    await expect(title).to_be_focused()
    kept = ada.modal.get_by_label("What do you know so far?")
    await expect(kept).to_have_value("Since two o'clock")
    await expect(ada.modal.get_by_role("radio", name="SEV3")).to_be_checked()
    await title.fill("The loader is stuck")
    await ada.sends()
    await ada.enters("inc-1-the-loader-is-stuck")

    await expect(ada.card).to_contain_text("Since two o'clock")
    await expect(ada.card).to_contain_text("SEV3")
    assert here.world.rooms() == ["inc-1-the-loader-is-stuck"]


async def test_what_has_to_be_there_is_asked_for_before_the_app_hears_of_it(
    here: House, looks: Looks
) -> None:
    ada = await looks()
    await ada.says("/incident declare Revenue is wrong")

    await ada.modal.get_by_test_id("modal-submit").click()

    await expect(ada.modal.get_by_role("alert").first).to_be_visible()
    await expect(ada.modal.get_by_label("What is wrong?")).to_have_value("Revenue is wrong")
    assert here.slack.journal.delivered("view_submission") == []


async def test_a_double_click_on_send_declares_once(here: House, looks: Looks) -> None:
    ada = await looks()
    await ada.says("/incident declare Revenue is wrong")
    await ada.modal.get_by_text("SEV2").click()

    await ada.modal.get_by_test_id("modal-submit").dblclick()
    await expect(ada.at("place-inc-1-revenue-is-wrong")).to_be_visible()
    await here.world.settle()

    assert here.world.rooms() == ["inc-1-revenue-is-wrong"]
    await expect(ada.modal).to_have_count(0)


async def test_a_closed_modal_declares_nothing(here: House, looks: Looks) -> None:
    ada = await looks()
    await ada.says("/incident declare Revenue is wrong")
    await ada.modal.get_by_text("SEV2").click()

    await ada.modal.get_by_test_id("modal-close").click()
    await expect(ada.modal).to_have_count(0)
    await here.world.settle()

    assert here.slack.person("ada").modal is None
    assert here.world.rooms() == []
