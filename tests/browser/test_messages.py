"""Messages in the browser: threads, edits, deletions, reactions, and what of it the timeline keeps."""

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import FilePayload, expect

from tests.browser.house import House
from tests.browser.window import Window

Looks = Callable[..., Awaitable[Window]]


async def test_a_thread_is_opened_answered_and_shown_beside_the_channel(here: House, looks: Looks) -> None:
    ada, grace = await looks("ada"), await looks("grace")
    await ada.says("Who knows the loader?")

    await grace.hovers(grace.row("Who knows"), "Reply in thread")
    await grace.at("thread-input").fill("I wrote it")
    await grace.at("thread-input").press("Enter")
    await expect(grace.at("thread-messages")).to_contain_text("I wrote it")
    await ada.row("Who knows").get_by_test_id("replies").click()

    await expect(ada.at("thread-messages")).to_contain_text("I wrote it")
    await expect(ada.messages).not_to_contain_text("I wrote it")
    await expect(ada.row("Who knows")).to_contain_text("1 reply")
    await ada.at("close-thread").click()
    await expect(ada.at("thread")).to_have_count(0)
    await here.world.settle()


async def test_an_edit_and_a_deletion_reach_the_timeline(here: House, looks: Looks) -> None:
    room = await here.world.declare()
    ada = await looks("ada", room)
    await ada.says("I am pausing the laod")
    await ada.says("the password is xyzzy")

    await ada.chooses(ada.row("I am pausing"), "Edit message")
    await ada.at("edit-input").fill("I am pausing the load")
    await ada.at("edit-input").press("Enter")
    await expect(ada.row("I am pausing the load")).to_contain_text("(edited)")
    await ada.chooses(ada.row("xyzzy"), "Delete message")
    await ada.page.locator("#confirm-yes").click()
    await expect(ada.messages).not_to_contain_text("xyzzy")
    await here.world.settle()
    await ada.says("/incident timeline")

    shown = ada.row("Only visible to you")
    await expect(shown).to_contain_text("I am pausing the load")
    await expect(shown).to_contain_text("(deleted)")
    await expect(shown).not_to_contain_text(re.compile("laod|xyzzy"))


async def test_a_pin_reaction_marks_a_key_moment(here: House, looks: Looks) -> None:
    room = await here.world.declare()
    ada = await looks("ada", room)
    await ada.says("Numbers are right again")

    await ada.hovers(ada.row("Numbers are right"), "React with :pushpin:")
    await expect(ada.row("Numbers are right").locator(".reaction.mine")).to_contain_text("1")
    await here.world.settle()

    (moment,) = (await here.world.incident()).state.moments
    assert moment[1] == await ada.row("Numbers are right").get_attribute("data-ts")


async def test_a_shortcut_on_a_message_answers_who_used_it(here: House, looks: Looks) -> None:
    room = await here.world.declare()
    ada = await looks("ada", room)
    await ada.says("Numbers are right again")
    name = next(each.name for each in here.slack.manifest.shortcuts.values() if each.on_message
                and each.callback_id == "mark_from_message")  # fmt: skip

    await ada.chooses(ada.row("Numbers are right"), name)

    await expect(ada.row("Only visible to you")).to_contain_text("Marked as a key moment of the timeline.")


async def test_an_uploaded_file_is_in_the_channel_and_in_the_record(here: House, looks: Looks) -> None:
    room = await here.world.declare()
    ada = await looks("ada", room)

    trace: FilePayload = {"name": "trace.txt", "mimeType": "text/plain", "buffer": b"no byte of it is read"}
    await ada.at("attach").first.set_input_files(trace)
    await ada.says("the trace")

    await expect(ada.row("the trace").get_by_test_id("file")).to_contain_text("trace.txt")
    await here.world.settle()


async def test_unread_channels_are_marked_until_somebody_reads_them(looks: Looks) -> None:
    ada, grace = await looks("ada", "incidents"), await looks("grace")

    await grace.says("look at this, @ada")
    await expect(ada.at("place-general")).to_contain_text("1")
    await ada.enters("general")

    await expect(ada.row("look at this")).to_be_visible()
    await expect(ada.at("place-general")).not_to_contain_text("1")


async def test_channels_are_created_joined_and_left(looks: Looks) -> None:
    ada, grace = await looks("ada"), await looks("grace")
    await ada.at("create-channel").click()
    await ada.page.get_by_label("Name", exact=True).fill("data-quality")
    await ada.page.get_by_role("button", name="Create", exact=True).click()
    await expect(ada.at("title")).to_contain_text("data-quality")

    await grace.enters("data-quality")
    await grace.at("join").click()
    await grace.says("hello")
    await expect(ada.row("hello")).to_be_visible()
    await grace.at("members").click()
    await grace.at("leave").click()

    await expect(grace.at("join")).to_be_visible()
    await expect(ada.row("left")).to_be_visible()


async def test_a_menu_in_the_last_message_opens_above_the_composer(here: House, looks: Looks) -> None:
    room = await here.world.declare()
    ada = await looks("ada", room)

    await ada.card.locator("details.overflow > summary").click()

    menu = await ada.card.locator("details.overflow > .menu").bounding_box()
    composer = await ada.at("composer").bounding_box()
    assert menu is not None
    assert composer is not None
    assert menu["y"] + menu["height"] <= composer["y"]
    await ada.card.locator("details.overflow .choice").last.click()
    await expect(ada.modal).to_be_visible()
