"""People act and see through the doors, and a real Bolt app over Socket Mode answers them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox import Sandbox, SlackError
from bot.sandbox.elements import NotThere
from tests.sandbox.kit import MANIFEST, Bot, button, modal, plain, section


def select(kind: str, **more: Any) -> dict[str, Any]:
    element = {"type": kind, "action_id": "pick", **more}
    return {"type": "input", "block_id": "choice", "label": plain("Choice"), "element": element}


OPTIONS = [{"text": plain("One"), "value": "1"}, {"text": plain("Two"), "value": "2"}]


async def test_a_command_is_answered_to_its_sender_alone(slack: Sandbox, bot: Bot) -> None:
    @bot.app.command("/incident")
    async def _(ack: Any, body: dict[str, Any]) -> None:
        await ack(f"{body['text']} in {body['channel_name']}")

    reply = await slack.person("ada").command("/incident", "ic @grace & <x> #incidents")

    assert reply.acked
    grace, room = slack.person("grace").id, slack.workspace.channel("incidents").id
    assert reply.text == f"ic <@{grace}|grace> &amp; &lt;x&gt; <#{room}|incidents> in general"
    assert reply.message in slack.person("ada").sees("general")
    assert reply.message not in slack.person("linus").sees("general")


async def test_a_command_may_be_answered_to_all(slack: Sandbox, bot: Bot) -> None:
    @bot.app.command("/incident")
    async def _(ack: Any) -> None:
        await ack(text="for all", response_type="in_channel")

    await slack.person("ada").command("/incident")

    assert [each.text for each in slack.person("linus").sees("general")] == ["for all"]


async def test_slack_refuses_what_it_does_not_ask_the_app(slack: Sandbox) -> None:
    ada = slack.person("ada")
    root = await ada.say("general", "hello")

    threaded = await ada.command("/incident", thread=root.ts)
    unknown = await ada.command("/page")

    assert threaded.error == "/incident is not supported in threads. Sorry!"
    assert unknown.error == "/page is not a valid command."
    assert not slack.journal.deliveries


async def test_without_a_connection_a_command_fails_in_the_face(slack: Sandbox) -> None:
    reply = await slack.person("ada").command("/incident")

    assert (reply.acked, reply.error) == (False, "dispatch_failed")


async def test_a_command_that_is_not_acked_times_out(slack: Sandbox, bot: Bot) -> None:
    slack.sockets.ack_timeout = 0.05

    reply = await slack.person("ada").command("/incident")

    assert reply.error == "timeout"


async def test_a_modal_is_opened_refused_and_taken(slack: Sandbox, bot: Bot) -> None:
    given: list[dict[str, Any]] = []

    @bot.app.command("/incident")
    async def _(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(private_metadata="m"))

    @bot.app.view("declare")
    async def _(ack: Any, view: dict[str, Any]) -> None:
        given.append(view)
        words = view["state"]["values"]["what"]["words"]["value"]
        await (ack() if words == "right" else ack(response_action="errors", errors={"what": "Say it right."}))

    ada = slack.person("ada")
    await ada.command("/incident")
    view = await ada.wait_for_modal(title="Declare")
    empty = await ada.submit(view, {})
    wrong = await ada.submit(view, {"words": "wrong"})
    right = await ada.submit(view, {"what": "right"})

    assert empty.errors == {"what": "Please complete this required field."}
    assert wrong.errors == {"what": "Say it right."}
    assert right.ok
    assert [each["id"] for each in given] == [view.id, view.id]
    assert given[0]["private_metadata"] == "m"
    assert ada.modal is None


@pytest.mark.parametrize(
    ("action", "titles"), [("update", ["Next"]), ("push", ["Declare", "Next"]), ("clear", [])]
)
async def test_a_submission_may_lead_on(slack: Sandbox, bot: Bot, action: str, titles: list[str]) -> None:
    ada = slack.person("ada")
    await bot.client.views_open(trigger_id=slack.workspace.views.trigger(ada.id), view=modal())

    @bot.app.view("declare")
    async def _(ack: Any) -> None:
        more = {} if action == "clear" else {"view": modal(title=plain("Next"))}
        await ack(response_action=action, **more)

    submitted = await ada.submit(given={"words": "x"})

    assert submitted.ok
    assert [each.title for each in slack.workspace.views.stacks[ada.id]] == titles


async def test_an_answer_slack_cannot_show_keeps_the_modal(slack: Sandbox, bot: Bot) -> None:
    ada = slack.person("ada")
    await bot.client.views_open(trigger_id=slack.workspace.views.trigger(ada.id), view=modal())

    @bot.app.view("declare")
    async def _(ack: Any) -> None:
        await ack(response_action="errors", errors={"elsewhere": "no such block"})

    submitted = await ada.submit(given={"words": "x"})

    assert submitted.error
    assert "trouble connecting" in submitted.error
    assert ada.modal


async def test_a_closed_modal_is_told_where_it_asks_for_it(slack: Sandbox, bot: Bot) -> None:
    ada = slack.person("ada")
    closed: list[str] = []
    await bot.client.views_open(
        trigger_id=slack.workspace.views.trigger(ada.id), view=modal(notify_on_close=True)
    )

    @bot.app.view_closed("declare")
    async def _(ack: Any, view: dict[str, Any]) -> None:
        closed.append(view["callback_id"])
        await ack()

    await ada.close()

    assert closed == ["declare"]
    assert ada.modal is None


@pytest.mark.parametrize(
    ("element", "value", "state"),
    [
        (select("static_select", options=OPTIONS), "Two", {"selected_option": OPTIONS[1]}),
        (
            select("static_select", options=OPTIONS, initial_option=OPTIONS[0]),
            ...,
            {"selected_option": OPTIONS[0]},
        ),
        (select("multi_static_select", options=OPTIONS), ["1", "2"], {"selected_options": OPTIONS}),
        (select("radio_buttons", options=OPTIONS), "1", {"selected_option": OPTIONS[0]}),
        (select("checkboxes", options=OPTIONS), ["2"], {"selected_options": [OPTIONS[1]]}),
        (select("users_select"), "grace", {"selected_user": "U00000002"}),
        (select("datetimepicker"), datetime(2026, 11, 22, tzinfo=UTC), {"selected_date_time": 1795305600}),
        (select("plain_text_input", initial_value="start"), ..., {"value": "start"}),
        (select("url_text_input"), "https://a.test", {"value": "https://a.test"}),
    ],
)
async def test_each_kind_of_input_has_its_state(
    slack: Sandbox, bot: Bot, element: dict[str, Any], value: object, state: dict[str, Any]
) -> None:
    ada = slack.person("ada")
    states: list[dict[str, Any]] = []
    await bot.client.views_open(trigger_id=slack.workspace.views.trigger(ada.id), view=modal(element))

    @bot.app.view("declare")
    async def _(ack: Any, view: dict[str, Any]) -> None:
        states.append(view["state"]["values"]["choice"]["pick"])
        await ack()

    submitted = await ada.submit(given={} if value is ... else {"pick": value})

    assert submitted.ok
    assert states == [{"type": element["element"]["type"], **state}]


@pytest.mark.parametrize(
    ("element", "value", "words"),
    [
        (select("plain_text_input", max_length=3), "long", "no more than 3"),
        (select("plain_text_input", min_length=3), "x", "at least 3"),
        (select("url_text_input"), "nowhere", "valid value"),
        (select("multi_static_select", options=OPTIONS, max_selected_items=1), ["1", "2"], "1 at most"),
        (select("users_select"), None, "complete this required field"),
    ],
)
async def test_the_client_refuses_before_the_app_is_asked(
    slack: Sandbox, client: AsyncWebClient, element: dict[str, Any], value: object, words: str
) -> None:
    ada = slack.person("ada")
    await client.views_open(trigger_id=slack.workspace.views.trigger(ada.id), view=modal(element))

    submitted = await ada.submit(given={"pick": value})

    assert words in submitted.errors["choice"]
    assert not slack.journal.delivered("view_submission")


async def test_a_click_on_a_message_may_change_it(slack: Sandbox, bot: Bot) -> None:
    room = (await bot.client.conversations_create(name="inc-1"))["channel"]["id"]
    await bot.client.conversations_invite(channel=room, users=slack.person("ada").id)
    await bot.client.chat_postMessage(
        channel=room, text="card", blocks=[section("Open"), button("take", value="v1")]
    )

    @bot.app.action("take")
    async def _(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        assert body["message"]["text"] == "card"
        await respond(text=f"taken {body['actions'][0]['value']}", replace_original=True)

    ada = slack.person("ada")
    card = await ada.wait_for_message("inc-1", containing="[ Take it ]")
    clicked = await ada.click(card, "Take it")

    assert clicked.acked
    assert card.text == "taken v1"
    assert card.blocks == []


async def test_an_ephemeral_changes_and_goes_through_its_response_url(slack: Sandbox, bot: Bot) -> None:
    ada = slack.person("ada")
    await bot.client.conversations_join(channel=slack.workspace.channel("general").id)
    await bot.client.chat_postEphemeral(
        channel=slack.workspace.channel("general").id,
        user=ada.id,
        text="ask",
        blocks=[button("yes"), button("no")],
    )

    @bot.app.action("yes")
    async def _(ack: Any, respond: Any, body: dict[str, Any]) -> None:
        await ack()
        assert "message" not in body
        await respond(text="sure?", blocks=[button("no")], replace_original=True)

    @bot.app.action("no")
    async def _(ack: Any, respond: Any) -> None:
        await ack()
        await respond(delete_original=True)

    asked = ada.sees("general")[-1]
    await ada.click(asked, "yes")
    changed = (asked.text, asked in ada.sees("general"))
    await ada.click(asked, "no")

    assert changed == ("sure?", True)
    assert asked not in ada.sees("general")


async def test_a_response_url_works_five_times_within_half_an_hour(slack: Sandbox, bot: Bot) -> None:
    @bot.app.command("/incident")
    async def _(ack: Any) -> None:
        await ack()

    ada = slack.person("ada")
    await ada.command("/incident")
    await ada.command("/incident")
    first, second = (
        AsyncWebhookClient(each.payload["response_url"]) for each in slack.journal.delivered("command")
    )
    statuses = [(await first.send(text=f"{n}")).status_code for n in range(6)]
    slack.clock.forward(timedelta(minutes=31))
    late = await second.send(text="late")

    assert statuses == [200] * 5 + [404]
    assert (late.status_code, "expired_url" in late.body) == (404, True)


@pytest.mark.parametrize(
    ("element", "selected", "action"),
    [
        ({"type": "static_select", "options": OPTIONS}, "Two", {"selected_option": OPTIONS[1]}),
        ({"type": "overflow", "options": OPTIONS}, "One", {"selected_option": OPTIONS[0]}),
        ({"type": "users_select"}, "grace", {"selected_user": "U00000002"}),
        ({"type": "datetimepicker"}, 1795305600, {"selected_date_time": 1795305600}),
    ],
)
async def test_a_choice_in_a_home_reaches_the_app(
    slack: Sandbox, bot: Bot, element: dict[str, Any], selected: object, action: dict[str, Any]
) -> None:
    ada = slack.person("ada")
    actions: list[dict[str, Any]] = []
    row = {"type": "actions", "elements": [{"action_id": "pick", **element}]}
    await bot.client.views_publish(user_id=ada.id, view={"type": "home", "blocks": [row]})

    @bot.app.action("pick")
    async def _(ack: Any, body: dict[str, Any]) -> None:
        actions.extend(body["actions"])
        await ack()

    home = await ada.wait_for_home()
    await ada.click(home, "pick", selected=selected)

    assert actions[0].items() >= action.items()


async def test_what_is_not_on_the_screen_cannot_be_used(slack: Sandbox, client: AsyncWebClient) -> None:
    ada, grace = slack.person("ada"), slack.person("grace")
    room = (await client.conversations_create(name="inc-1", is_private=True))["channel"]["id"]
    await client.chat_postMessage(channel=room, text="card", blocks=[button("take")])
    hidden = slack.workspace.seen_by(slack.bot_user.id, slack.workspace.channel("inc-1"))[-1]
    await client.views_open(trigger_id=slack.workspace.views.trigger(ada.id), view=modal())

    with pytest.raises(NotThere):
        await ada.click(hidden, "take")
    with pytest.raises(NotThere, match="there is plain_text_input 'words'"):
        await ada.click(ada.modal or pytest.fail("no modal"), "gone")
    with pytest.raises(NotThere):
        await grace.submit(ada.modal, {"words": "x"})
    with pytest.raises(NotThere, match="no message shortcut"):
        await ada.shortcut("declare_anywhere", message=hidden)


async def test_shortcuts_reach_the_app(slack: Sandbox, bot: Bot) -> None:
    heard: list[tuple[str, str]] = []

    @bot.app.shortcut("declare_anywhere")
    @bot.app.shortcut("declare_from_message")
    async def _(ack: Any, body: dict[str, Any]) -> None:
        heard.append((body["type"], body.get("message", {}).get("text", "")))
        await ack()

    ada = slack.person("ada")
    said = await ada.say("general", "it broke")
    await ada.shortcut("declare_anywhere")
    await ada.shortcut("declare_from_message", message=said)

    assert heard == [("shortcut", ""), ("message_action", "it broke")]


async def test_typed_markup_is_inert_and_names_are_mentions(slack: Sandbox) -> None:
    ada, grace = slack.person("ada"), slack.person("grace")

    said = await ada.say("general", "<!channel> @grace & #incidents <@U00000003> @nobody")

    assert said.text == (
        f"&lt;!channel&gt; {grace.mention} &amp; <#C00000002|incidents> &lt;@U00000003&gt; @nobody"
    )
    assert "<!channel> @grace & #incidents <@U00000003> @nobody" in ada.reads("general")


async def test_private_rooms_and_ephemerals_stay_hidden(slack: Sandbox, client: AsyncWebClient) -> None:
    ada, grace = slack.person("ada"), slack.person("grace")
    room = await ada.create_channel("secret", private=True)
    await ada.say(room, "hush")

    assert [each.text for each in ada.sees("secret")][-1] == "hush"
    assert grace.sees("secret") == []
    assert room in ada.channels()
    with pytest.raises(SlackError, match="channel_not_found"):
        await grace.say("secret", "hello")


async def test_direct_messages_are_seen_by_their_person(slack: Sandbox, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=slack.person("ada").id, text="a nudge")

    message = await slack.person("ada").wait_for_dm(containing="nudge")

    assert message.user == slack.bot_user.id
    assert slack.person("grace").dms() == []


async def test_waiting_in_vain_says_what_there_was(slack: Sandbox) -> None:
    ada = slack.person("ada")
    await ada.say("general", "only this")

    with pytest.raises(AssertionError, match="only this"):
        await ada.wait_for_message("general", containing="something else", timeout=0.01)


async def test_a_sandbox_starts_for_a_manifest_and_leaves_nothing_behind() -> None:
    async with Sandbox(MANIFEST) as slack:
        address = slack.url
        await slack.person("ada").say("general", "x")

    async with Sandbox(MANIFEST, port=int(address.rpartition(":")[2])) as again:
        assert again.url == address
