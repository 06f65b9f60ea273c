"""What changes is pushed to every window, in the eyes of its person."""

from datetime import timedelta

from bot.sandbox import Sandbox
from tests.sandbox.page.browser import Browser


async def test_a_message_appears_in_an_open_window(slack: Sandbox, browser: Browser) -> None:
    async with browser.live(**{"as": "grace", "in": "general", "since": "0"}) as window:
        await slack.person("ada").say("general", "the load <ran> twice")

        rows = await window.until("rows", "twice")

    assert "the load &lt;ran&gt; twice" in str(rows)


async def test_an_edit_a_reaction_and_a_deletion_change_the_row(slack: Sandbox, browser: Browser) -> None:
    ada = slack.person("ada")
    message = await ada.say("general", "laod")

    async with browser.live(**{"as": "grace", "in": "general", "since": "1"}) as window:
        await ada.edit(message, "load")
        await window.until("rows", "(edited)")
        await ada.react(message, "eyes")
        await window.until("rows", ":eyes:")
        await ada.delete(message)
        gone = await window.until("rows", "null")

    assert gone["rows"] == [[message.ts, None]]


async def test_a_reply_reaches_the_thread_and_the_count_under_its_root(
    slack: Sandbox, browser: Browser
) -> None:
    root = await slack.person("ada").say("general", "root")

    async with browser.live(**{"as": "grace", "in": "general", "thread": root.ts, "since": "1"}) as window:
        await slack.person("ada").say("general", "since Friday?", thread=root)
        main = await window.until("rows", '"main"')
        thread = await window.until("rows", '"thread"')

    assert "<strong>1 reply</strong>" in str(main)
    assert "since Friday?" not in str(main)
    assert "since Friday?" in str(thread)


async def test_another_channel_changes_only_the_sidebar(slack: Sandbox, browser: Browser) -> None:
    async with browser.live(**{"as": "grace", "in": "general", "since": "0"}) as window:
        await slack.person("ada").say("incidents", "elsewhere")

        part = await window.until("part", "unread")
        await window.until("drawn")

    assert part["name"] == "sidebar"
    assert "elsewhere" not in str(window.heard)


async def test_nothing_of_a_private_channel_reaches_those_outside(slack: Sandbox, browser: Browser) -> None:
    room = await slack.person("ada").create_channel("secret-plans", private=True)

    async with browser.live(**{"as": "grace", "in": room.id}) as window:
        await slack.person("ada").say(room, "the plan")
        await slack.person("ada").say("general", "to all")
        await window.until("rows", "to all")

    assert "the plan" not in str(window.heard)
    assert "secret-plans" not in str(window.heard)


async def test_a_window_that_was_away_is_told_what_it_missed(slack: Sandbox, browser: Browser) -> None:
    ada = slack.person("ada")
    await ada.say("general", "before")

    async with browser.live(**{"as": "grace", "in": "general", "since": "0"}) as window:
        missed = await window.until("rows", "before")

    assert "before" in str(missed)


async def test_a_window_that_was_away_too_long_looks_anew(slack: Sandbox, browser: Browser) -> None:
    for number in range(80):
        await slack.person("ada").say("general", f"message {number}")

    async with browser.live(**{"as": "grace", "in": "general", "since": "0"}) as window:
        await window.until("refresh")


async def test_a_person_put_out_of_a_private_channel_is_shown_another(
    slack: Sandbox, browser: Browser
) -> None:
    room = await slack.person("ada").create_channel("secret-plans", private=True)
    await slack.person("ada").invite(room, "grace")

    async with browser.live(**{"as": "grace", "in": room.id}) as window:
        await slack.person("ada").kick(room, "grace")
        await window.until("refresh")

    assert "secret-plans" not in await browser.get("/page/app", **{"as": "grace", "in": room.id})


async def test_the_stream_ends_with_the_sandbox(slack: Sandbox, browser: Browser) -> None:
    async with browser.live(**{"as": "grace", "in": "general"}) as window:
        await slack.__aexit__(None, None, None)
        assert window._response is not None  # noqa: SLF001 - the test's own

        left = await window._response.content.read()  # noqa: SLF001 - the test's own

    assert b"the plan" not in left


async def test_every_window_hears_that_the_clock_was_moved_elsewhere(
    slack: Sandbox, browser: Browser
) -> None:
    async with browser.live(**{"as": "grace", "in": "general"}) as window:
        moved = slack.clock.forward(timedelta(hours=5))

        told = await window.until("clock")

    assert float(str(told["now"])) >= moved.timestamp()
