"""What a person does on the page goes through the same doors as everything else."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.sandbox.people import TROUBLE
from bot.sandbox.state import Message
from tests.sandbox.kit import Bot, button, modal, plain, section
from tests.sandbox.page.browser import Browser


def at(message: Message) -> str:
    return f"m/{message.channel}/{message.ts}"


def offering(bot: Bot, view: dict[str, Any]) -> None:
    @bot.app.command("/incident")
    async def _(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)


async def test_what_is_typed_is_said_in_the_channel_or_its_thread(slack: Sandbox, browser: Browser) -> None:
    await browser.does("ada", "say", room="general", text="the load ran twice", thread="")
    [root] = slack.person("ada").sees("general")

    await browser.does("grace", "say", room="general", text="since Friday?", thread=root.ts)

    assert [each.text for each in slack.person("linus").sees("general")] == [
        "the load ran twice",
        "since Friday?",
    ]
    assert len(root.replies) == 1


async def test_a_file_is_shared_by_its_name(slack: Sandbox, browser: Browser) -> None:
    await browser.does("ada", "say", room="general", text="", file="orders.csv")

    [said] = slack.person("grace").sees("general")
    assert said.files[0]["name"] == "orders.csv"
    assert "orders.csv" in await browser.open(**{"as": "grace", "in": "general"})


async def test_a_command_in_a_thread_gets_slacks_own_refusal(slack: Sandbox, browser: Browser) -> None:
    root = await slack.person("ada").say("general", "hello")

    status, text = await browser.do("ada", "say", room="general", text="/incident help", thread=root.ts)

    assert (status, text) == (502, "/incident is not supported in threads. Sorry!")


async def test_a_command_that_reaches_nobody_says_so(slack: Sandbox, browser: Browser) -> None:
    _, unknown = await browser.do("ada", "say", room="general", text="/nothing at all")
    _, failed = await browser.do("ada", "say", room="general", text="/incident help")

    assert unknown == "/nothing is not a valid command."
    assert failed == f"/incident failed with the error “dispatch_failed”. {TROUBLE}"
    assert not slack.person("ada").sees("general")


async def test_own_messages_are_edited_and_deleted_and_others_are_not(
    slack: Sandbox, browser: Browser
) -> None:
    message = await slack.person("ada").say("general", "laod")

    refused, why = await browser.do("grace", "edit", where=at(message), text="mine now")
    await browser.does("ada", "edit", where=at(message), text="load")

    assert (refused, why) == (409, "Only its author can edit a message.")
    assert message.text == "load"
    await browser.does("ada", "delete", where=at(message))
    assert not slack.person("ada").sees("general")


async def test_a_reaction_and_a_pin_are_put_on_and_taken_off_by_the_same_click(
    slack: Sandbox, browser: Browser
) -> None:
    message = await slack.person("ada").say("general", "found it")
    room = slack.workspace.channel("general")

    for name in ("react", "pin"):
        await browser.does("grace", name, where=at(message), name="pushpin")
    assert message.reactions == {"pushpin": [slack.person("grace").id]}
    assert list(room.pins) == [message.ts]
    for name in ("react", "pin"):
        await browser.does("grace", name, where=at(message), name="pushpin")

    assert not message.reactions
    assert not room.pins


async def test_people_create_join_and_leave_channels(slack: Sandbox, browser: Browser) -> None:
    answer = await browser.does("ada", "create", name="#Data Quality")
    await browser.does("grace", "join", room="data-quality")
    await browser.does("linus", "join", room="data-quality")
    await browser.does("linus", "leave", room="data-quality")

    room = slack.workspace.channel("data-quality")
    assert room.id in answer
    assert room.members == [slack.person("ada").id, slack.person("grace").id]
    assert await browser.do("ada", "create", name="general") == (
        409,
        "That name is already taken by a channel.",
    )


async def test_opening_the_home_tells_the_app(slack: Sandbox, browser: Browser, bot: Bot) -> None:
    bot.hears("app_home_opened")

    await browser.does("ada", "home", room="home")

    await slack.settled()
    assert [body["event"]["user"] for body in bot.heard] == [slack.person("ada").id]


async def test_a_direct_conversation_opens_where_there_was_none(slack: Sandbox, browser: Browser) -> None:
    answer = await browser.does("ada", "direct", name="grace")

    [room] = [each for each in slack.person("grace").channels() if each.id.startswith("D")]
    assert room.id in answer


async def test_a_command_opens_a_modal_and_its_errors_stand_in_their_fields(
    slack: Sandbox, browser: Browser, bot: Bot
) -> None:
    offering(bot, modal())

    @bot.app.view("declare")
    async def _(ack: Any, view: dict[str, Any]) -> None:
        typed = view["state"]["values"]["what"]["words"]["value"]
        if len(typed) < 5:
            await ack(response_action="errors", errors={"what": "Say a little more."})
        else:
            await ack()

    await browser.does("ada", "say", room="general", text="/incident")
    view = await slack.person("ada").wait_for_modal()
    assert f'id="modal-{view.id}"' in await browser.open(**{"as": "ada", "in": "general"})
    empty = await browser.does("ada", "submit", view=view.id, **{"what/words": ""})
    short = await browser.does("ada", "submit", view=view.id, **{"what/words": "hm"})
    done = await browser.does("ada", "submit", view=view.id, **{"what/words": "The load ran twice"})

    assert "Please complete this required field." in empty
    assert "Say a little more." in short
    assert 'value="hm"' in short
    assert "<dialog" not in done
    assert slack.person("ada").modal is None


async def test_a_pushed_modal_lies_on_the_first_and_closing_it_shows_the_first_again(
    slack: Sandbox, browser: Browser, bot: Bot
) -> None:
    offering(bot, modal())

    @bot.app.view("declare")
    async def _(ack: Any) -> None:
        await ack(response_action="push", view=modal(title=plain("Second"), callback_id="second"))

    await browser.does("ada", "say", room="general", text="/incident")
    first = await slack.person("ada").wait_for_modal()
    both = await browser.does("ada", "submit", view=first.id, **{"what/words": "something"})
    second = slack.person("ada").modal
    assert second is not None

    await browser.does("ada", "close", view=second.id)

    assert both.count("<dialog") == 2
    assert slack.person("ada").modal is first


async def test_closing_the_stack_tells_the_app_where_a_view_asks_for_it(
    slack: Sandbox, browser: Browser, bot: Bot
) -> None:
    offering(bot, modal(notify_on_close=True))
    await browser.does("ada", "say", room="general", text="/incident")
    view = await slack.person("ada").wait_for_modal()

    await browser.does("ada", "close", view=view.id, whole="on")

    assert slack.person("ada").modal is None
    [told] = slack.journal.delivered("view_closed")
    assert told.payload["is_cleared"] is True


async def test_a_button_reaches_the_app_and_a_lost_one_is_said_beside_it(
    slack: Sandbox, browser: Browser, bot: Bot
) -> None:
    pressed: list[str] = []

    @bot.app.action("take")
    async def _(ack: Any, body: dict[str, Any]) -> None:
        pressed.append(body["user"]["id"])
        await ack()

    room = slack.workspace.channel("general").id
    await bot.client.conversations_join(channel=room)
    posted = await bot.client.chat_postMessage(
        channel=room, text="card", blocks=[section("Card"), button("take")]
    )
    message = slack.workspace.channel("general").messages[str(posted["ts"])]
    fields = {"where": at(message), "block_id": message.blocks[1]["block_id"], "action_id": "take"}

    await browser.does("grace", "click", **fields)
    await slack.faults.slack_down()
    status, why = await browser.do("grace", "click", **fields)

    assert pressed == [slack.person("grace").id]
    assert (status, why) == (502, TROUBLE)


async def test_what_is_not_on_somebodys_screen_cannot_be_clicked(slack: Sandbox, browser: Browser) -> None:
    room = await slack.person("ada").create_channel("secret-plans", private=True)
    message = await slack.person("ada").say(room, "the plan")

    seen = await browser.do("grace", "react", where=at(message), name="eyes")
    modal_ = await browser.do("grace", "submit", view="V00000001")
    nonsense = await browser.do("grace", "click", where="x/y", block_id="b", action_id="a")

    assert seen == (409, "That message is no longer there.")
    assert modal_[0] == 409
    assert nonsense[0] == 409


async def test_a_message_shortcut_takes_its_message_along(slack: Sandbox, browser: Browser, bot: Bot) -> None:
    taken: list[str] = []

    @bot.app.shortcut("mark_from_message")
    async def _(ack: Any, body: dict[str, Any]) -> None:
        taken.append(body["message"]["text"])
        await ack()

    message = await slack.person("ada").say("general", "the moment")

    await browser.does("ada", "shortcut", callback_id="mark_from_message", where=at(message))

    assert taken == ["the moment"]
