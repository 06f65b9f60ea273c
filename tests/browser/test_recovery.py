"""A reload, a lost connection, a second window and a restarted server each recover by themselves."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import expect

from tests.browser.house import House, house
from tests.browser.window import Window
from tests.databases import fresh
from tests.world import free_port

Looks = Callable[..., Awaitable[Window]]
Opens = Callable[..., Awaitable[Window]]


async def test_a_reload_shows_the_same_place_and_keeps_what_was_being_written(looks: Looks) -> None:
    ada = await looks("ada", "incidents")
    await ada.composer.fill("half a senten")
    await ada.at("panel-toggle").click()

    await ada.page.reload()

    await expect(ada.at("title")).to_contain_text("incidents")
    await expect(ada.composer).to_have_value("half a senten")
    await expect(ada.at("clock")).to_be_visible()


async def test_a_modal_is_still_there_after_a_reload(looks: Looks) -> None:
    ada = await looks()
    await ada.says("/incident declare Revenue is wrong")
    await expect(ada.modal).to_be_visible()

    await ada.page.reload()
    await ada.modal.get_by_text("SEV2").click()
    await ada.sends()

    await expect(ada.at("place-inc-1-revenue-is-wrong")).to_be_visible()


async def test_back_and_forward_lead_where_somebody_was(looks: Looks) -> None:
    ada = await looks()
    await ada.enters("incidents")

    await ada.page.go_back()
    await expect(ada.at("title")).to_contain_text("general")
    await ada.page.go_forward()

    await expect(ada.at("title")).to_contain_text("incidents")


async def test_a_lost_connection_says_so_and_brings_what_was_missed(here: House, looks: Looks) -> None:
    ada = await looks()
    ada.tolerated = ("net::ERR_",)
    await ada.page.context.set_offline(True)
    await ada.says("can anybody hear me?")
    await expect(ada.at("composer").get_by_test_id("composer-notice")).to_contain_text("trouble connecting")
    await expect(ada.composer).to_have_value("can anybody hear me?")

    await here.slack.person("grace").say("general", "while ada was away")
    await ada.page.context.set_offline(False)
    await ada.composer.press("Enter")

    await expect(ada.row("while ada was away")).to_be_visible()
    await expect(ada.row("can anybody hear me?")).to_have_count(1)
    await expect(ada.at("connection")).to_be_hidden()


async def test_a_restarted_server_is_noticed_and_its_new_workspace_shown(
    tmp_path: Path, window: Opens
) -> None:
    port = free_port()
    ada = await window()
    ada.tolerated = ("net::ERR_", "status of 403")
    async with fresh("sqlite", tmp_path) as url, house(url, port=port) as first:
        await ada.goes(first.slack.url)
        await ada.says("before the restart")
        await expect(ada.row("before the restart")).to_be_visible()

    await expect(ada.at("connection")).to_be_visible()
    async with fresh("sqlite", tmp_path) as url, house(url, port=port):
        await expect(ada.messages).not_to_contain_text("before the restart")
        await expect(ada.at("connection")).to_be_hidden()
        await ada.says("after the restart")

        await expect(ada.row("after the restart")).to_be_visible()


async def test_a_second_window_of_the_same_browser_acts_for_itself(here: House, looks: Looks) -> None:
    ada = await looks("ada")
    other = Window(page=await ada.page.context.new_page())
    await other.goes(here.slack.url, who="grace")

    await ada.says("from the first")
    await other.says("from the second")

    await expect(ada.row("from the second")).to_contain_text("Grace Example")
    await expect(other.row("from the first")).to_contain_text("Ada Example")
