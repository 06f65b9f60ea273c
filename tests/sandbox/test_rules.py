"""Slack's rules as tables: what the Web API refuses, with which code."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from tests.sandbox.kit import Ticker, button, modal, plain, section


async def refusal(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call
    code: str = raised.value.response["error"]
    return code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "invalid_name_required"),
        ("a" * 81, "invalid_name_maxlength"),
        ("Upper", "invalid_name_specials"),
        ("two words", "invalid_name_specials"),
        ("dot.ted", "invalid_name_specials"),
        ("---", "invalid_name_punctuation"),
        ("incidents", "name_taken"),
    ],
)
async def test_a_channel_name_is_refused(client: AsyncWebClient, name: str, code: str) -> None:
    assert await refusal(client.conversations_create(name=name)) == code


async def test_a_name_stays_taken_when_its_channel_is_archived(client: AsyncWebClient) -> None:
    made = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    await client.conversations_archive(channel=made)

    assert await refusal(client.conversations_create(name="inc-1")) == "name_taken"
    assert await refusal(client.conversations_archive(channel=made)) == "already_archived"
    assert await refusal(client.chat_postMessage(channel=made, text="x")) == "is_archived"


Case = Callable[[AsyncWebClient, str, str, Sandbox], Awaitable[Any]]
OWN: dict[str, tuple[str, Case]] = {
    "a topic over 250": ("too_long", lambda c, room, ts, s: c.conversations_setTopic(channel=room,
    topic="x" * 251)),
    "the bot itself": ("cant_invite_self", lambda c, room, ts, s: c.conversations_invite(channel=room,
    users=s.bot_user.id)),
    "a stranger": ("user_not_found", lambda c, room, ts, s: c.conversations_invite(channel=room,
    users="U404")),
    "nobody": ("no_user", lambda c, room, ts, s: c.conversations_invite(channel=room, users="")),
    "a hundred and one": (
        "invalid_arguments",
        lambda c, room, ts, s: c.conversations_invite(channel=room, users=[f"U{n}" for n in range(101)]),
    ),
    "somebody inside": (
        "already_in_channel",
        lambda c, room, ts, s: c.conversations_invite(channel=room, users=s.person("grace").id),
    ),
    "no text": ("no_text", lambda c, room, ts, s: c.api_call("chat.postMessage", json={"channel": room})),
    "two kinds of text": (
        "markdown_text_conflict", lambda c, room, ts, s: c.chat_postMessage(channel=room, text="a",
        markdown_text="b"),
    ),
    "a thread that is not": (
        "cannot_reply_to_message", lambda c, room, ts, s: c.chat_postMessage(channel=room, text="a",
        thread_ts="1.2"),
    ),
    "51 blocks": (
        "invalid_blocks", lambda c, room, ts, s: c.chat_postMessage(channel=room, text="a",
        blocks=[section("x")] * 51),
    ),
    "too much in blocks": (
        "msg_blocks_too_long",
        lambda c, room, ts, s: c.chat_postMessage(channel=room, text="a", blocks=[section("x" * 2900)] * 4),
    ),
    "metadata without a payload": (
        "invalid_metadata_format",
        lambda c, room, ts, s: c.chat_postMessage(channel=room, text="a", metadata={"event_type": "job"}),
    ),
    "metadata over 16 kB": (
        "metadata_too_large",
        lambda c, room, ts, s: c.chat_postMessage(
            channel=room, text="a", metadata={"event_type": "job", "event_payload": {"x": "y" * 17_000}}
        ),
    ),
    "an update over 4,000": ("msg_too_long", lambda c, room, ts, s: c.chat_update(channel=room, ts=ts,
    text="x" * 4001)),
    "an update of nothing": ("message_not_found", lambda c, room, ts, s: c.chat_update(channel=room,
    ts="1.2", text="x")),
    "a deletion of nothing": ("message_not_found", lambda c, room, ts, s: c.chat_delete(channel=room,
    ts="1.2")),
    "an ephemeral to an outsider": (
        "user_not_in_channel", lambda c, room, ts, s: c.chat_postEphemeral(channel=room, user="U404",
        text="x"),
    ),
    "a pin of nothing": (
        "message_not_found", lambda c, room, ts, s: c.pins_add(channel=room, timestamp="1000000000.000000"),
    ),
    "a pin without a message": ("no_item_specified", lambda c, room, ts, s: c.pins_add(channel=room)),
    "a bookmark of no address": (
        "invalid_link", lambda c, room, ts, s: c.bookmarks_add(channel_id=room, title="a", type="link",
        link="nowhere"),
    ),
    "a bookmark of another kind": (
        "invalid_bookmark_type",
        lambda c, room, ts, s: c.bookmarks_add(channel_id=room, title="a", type="file",
        link="https://x.test"),
    ),
    "a channel that is not": ("channel_not_found", lambda c, room, ts,
    s: c.conversations_info(channel="C404")),
    "a cursor of no page": ("invalid_cursor", lambda c, room, ts, s: c.conversations_members(channel=room,
    cursor="zz!")),
    "a limit over a thousand": ("invalid_limit", lambda c, room, ts, s: c.conversations_members(channel=room,
    limit=1001)),
    "a type of channel that is not": ("invalid_types", lambda c, room, ts,
    s: c.conversations_list(types="secret")),
    "an oldest that is no ts": ("invalid_ts_oldest", lambda c, room, ts,
    s: c.conversations_history(channel=room, oldest="x")),
    "a thread that has gone": ("thread_not_found", lambda c, room, ts,
    s: c.conversations_replies(channel=room, ts="1.2")),
    "a direct talk with nobody": ("users_list_not_supplied", lambda c, room, ts,
    s: c.conversations_open(users="")),
    "a person unknown": ("user_not_found", lambda c, room, ts, s: c.users_info(user="U404")),
    "an unknown argument": (
        "invalid_arguments", lambda c, room, ts, s: c.api_call("chat.delete", params={"channel": room,
        "ts": ts, "why": 1}),
    ),
    "a missing argument": ("invalid_arguments", lambda c, room, ts, s: c.api_call("chat.delete",
    params={"channel": room})),
    "an unknown method": ("unknown_method", lambda c, room, ts, s: c.api_call("chat.explode")),
    "a wrong token": ("invalid_auth", lambda c, room, ts, s: AsyncWebClient("xoxb-no",
    base_url=s.api_url).auth_test()),
    "no token": ("not_authed", lambda c, room, ts, s: AsyncWebClient(base_url=s.api_url).auth_test()),
    "the app's token": (
        "not_allowed_token_type", lambda c, room, ts, s: AsyncWebClient(s.app_token,
        base_url=s.api_url).auth_test(),
    ),
    "a view that is not open": ("not_found", lambda c, room, ts, s: c.views_update(view_id="V404",
    view=modal())),
    "a trigger that never was": ("invalid_trigger_id", lambda c, room, ts, s: c.views_open(trigger_id="1.2",
    view=modal())),
}  # fmt: skip


@pytest.mark.parametrize("case", OWN)
async def test_in_its_own_channel_the_bot_is_refused(
    slack: Sandbox, client: AsyncWebClient, case: str
) -> None:
    room = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    await client.conversations_invite(channel=room, users=slack.person("grace").id)
    ts = (await client.chat_postMessage(channel=room, text="card"))["ts"]
    code, call = OWN[case]

    assert await refusal(call(client, room, ts, slack)) == code


async def test_outside_a_channel_the_bot_may_little(slack: Sandbox, client: AsyncWebClient) -> None:
    ada = slack.person("ada")
    public = slack.workspace.channel("incidents").id
    private = (await ada.create_channel("secret", private=True)).id
    said = await ada.say("incidents", "hello")

    assert await refusal(client.chat_postMessage(channel=public, text="x")) == "not_in_channel"
    assert await refusal(client.conversations_history(channel=public)) == "not_in_channel"
    assert await refusal(client.conversations_setTopic(channel=public, topic="x")) == "not_in_channel"
    assert await refusal(client.conversations_archive(channel=public)) == "not_in_channel"
    assert await refusal(client.chat_postMessage(channel=private, text="x")) == "channel_not_found"
    assert await refusal(client.conversations_info(channel=private)) == "channel_not_found"
    assert await refusal(client.conversations_join(channel=private)) == "channel_not_found"
    assert await refusal(client.chat_update(channel=public, ts=said.ts, text="x")) == "cant_update_message"
    assert await refusal(client.chat_delete(channel=public, ts=said.ts)) == "cant_delete_message"


async def test_a_refusal_for_scope_names_what_is_needed(slack: Sandbox, client: AsyncWebClient) -> None:
    slack.api.manifest = replace(slack.manifest, scopes=slack.manifest.scopes - {"users:read"})

    with pytest.raises(SlackApiError) as raised:
        await client.users_list()

    assert raised.value.response["needed"] == "users:read"
    assert "chat:write" in raised.value.response["provided"]
    assert "chat:write" in raised.value.response.headers["x-oauth-scopes"]


FAULTY: dict[str, tuple[list[dict[str, Any]], str]] = {
    "a section of 3,001": ([section("x" * 3001)], "/blocks/0/text/text"),
    "an empty text": ([section("")], "/blocks/0/text/text"),
    "a header of markdown": ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "/blocks/0/text"),
    "a header of 151": ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
    "eleven in a context": ([{"type": "context", "elements": [plain("x")] * 11}], "/blocks/0/elements"),
    "twenty-six actions": (
        [{"type": "actions", "elements": [{"type": "button", "text": plain("x")}] * 26}],
        "/blocks/0/elements",
    ),
    "a button of 76": ([button("a", "x" * 76)], "/blocks/0/elements/0/text/text"),
    "a button value of 2,001": ([button("a", value="x" * 2001)], "/blocks/0/elements/0/value"),
    "an unknown style": ([button("a", style="loud")], "/blocks/0/elements/0/style"),
    "an unknown block": ([{"type": "carousel"}], "/blocks/0/type"),
    "an unknown field": ([{"type": "divider", "text": "x"}], "/blocks/0/text"),
    "a text input among actions": (
        [{"type": "actions", "elements": [{"type": "plain_text_input", "action_id": "a"}]}],
        "/blocks/0/elements/0/type",
    ),
    "one block_id twice": (
        [{**section("x"), "block_id": "same"}, {**section("y"), "block_id": "same"}], "/blocks/1/block_id",
    ),
    "one action_id twice": ([{"type": "actions", "elements": button("a")["elements"] * 2}], "/blocks/0"),
    "a select without options": (
        [{"type": "actions", "elements": [{"type": "static_select", "action_id": "a"}]}],
        "/blocks/0/elements/0",
    ),
    "an option of 76": (
        [{"type": "actions", "elements": [{"type": "static_select", "options": [{"text": plain("x" * 76),
        "value": "v"}]}]}],
        "/blocks/0/elements/0/options/0/text/text",
    ),
    "an overflow of six": (
        [{"type": "actions", "elements": [{"type": "overflow", "options": [{"text": plain("x"),
        "value": "v"}] * 6}]}],
        "/blocks/0/elements/0/options",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTY)
async def test_faulty_blocks_are_refused_with_their_path(
    slack: Sandbox, client: AsyncWebClient, case: str
) -> None:
    room = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    blocks, path = FAULTY[case]

    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=room, text="x", blocks=blocks)

    assert raised.value.response["error"] == "invalid_blocks"
    assert f"[json-pointer:{path}]" in " ".join(raised.value.response["response_metadata"]["messages"])
    assert not [each for each in slack.workspace.channel("inc-1").messages.values() if not each.subtype]


MODALS: dict[str, tuple[dict[str, Any], str]] = {
    "a title of 25": (modal(title=plain("x" * 25)), "/view/title/text"),
    "a submit of 25": (modal(submit=plain("x" * 25)), "/view/submit/text"),
    "private metadata of 3,001": (modal(private_metadata="x" * 3001), "/view/private_metadata"),
    "inputs without submit": ({k: v for k, v in modal().items() if k != "submit"}, "/view/submit"),
    "101 blocks": (modal(*[section("x")] * 101), "/view/blocks"),
    "no blocks": ({k: v for k, v in modal().items() if k != "blocks"}, "/view/blocks"),
    "a markdown block": (modal({"type": "markdown", "text": "x"}), "/view/blocks/0/type"),
    "a home": ({"type": "home", "blocks": []}, "/view/type"),
}


@pytest.mark.parametrize("case", MODALS)
async def test_a_faulty_modal_is_refused_with_its_path(
    slack: Sandbox, client: AsyncWebClient, case: str
) -> None:
    view, path = MODALS[case]
    trigger = slack.workspace.views.trigger(slack.person("ada").id)

    with pytest.raises(SlackApiError) as raised:
        await client.views_open(trigger_id=trigger, view=view)

    assert raised.value.response["error"] == "invalid_arguments"
    assert f"[json-pointer:{path}]" in " ".join(raised.value.response["response_metadata"]["messages"])


async def test_a_modal_over_250_kb_is_too_large(slack: Sandbox, client: AsyncWebClient) -> None:
    trigger = slack.workspace.views.trigger(slack.person("ada").id)
    blocks = [section("x" * 2990) for _ in range(90)]

    assert await refusal(client.views_open(trigger_id=trigger, view=modal(*blocks))) == "view_too_large"


async def test_a_trigger_works_once(slack: Sandbox, client: AsyncWebClient) -> None:
    trigger = slack.workspace.views.trigger(slack.person("ada").id)
    await client.views_open(trigger_id=trigger, view=modal())

    assert await refusal(client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"


async def test_a_trigger_is_gone_after_three_real_seconds(
    slack: Sandbox, client: AsyncWebClient, ticker: Ticker
) -> None:
    ada = slack.person("ada")
    first, second = slack.workspace.views.trigger(ada.id), slack.workspace.views.trigger(ada.id)
    slack.clock.forward(timedelta(days=1))
    await client.views_open(trigger_id=first, view=modal())
    ticker.value += 3.01

    assert await refusal(client.views_open(trigger_id=second, view=modal())) == "expired_trigger_id"


async def test_modals_stack_to_three(slack: Sandbox, client: AsyncWebClient) -> None:
    ada = slack.person("ada")

    def trigger() -> str:
        return slack.workspace.views.trigger(ada.id)

    await client.views_open(trigger_id=trigger(), view=modal())
    await client.views_push(trigger_id=trigger(), view=modal())
    await client.views_push(trigger_id=trigger(), view=modal(title=plain("Third")))

    assert await refusal(client.views_push(trigger_id=trigger(), view=modal())) == "push_limit_reached"
    assert ada.modal
    assert ada.modal.title == "Third"


async def test_an_update_with_an_old_hash_is_refused(slack: Sandbox, client: AsyncWebClient) -> None:
    opened = await client.views_open(
        trigger_id=slack.workspace.views.trigger(slack.person("ada").id), view=modal()
    )
    view = opened["view"]
    await client.views_update(view_id=view["id"], view=modal(), hash=view["hash"])

    assert (
        await refusal(client.views_update(view_id=view["id"], view=modal(), hash=view["hash"]))
        == "hash_conflict"
    )


async def test_an_external_id_is_not_used_twice_at_once(slack: Sandbox, client: AsyncWebClient) -> None:
    ada, grace = slack.person("ada"), slack.person("grace")
    await client.views_open(trigger_id=slack.workspace.views.trigger(ada.id), view=modal(external_id="one"))

    second = client.views_open(
        trigger_id=slack.workspace.views.trigger(grace.id), view=modal(external_id="one")
    )

    assert await refusal(second) == "duplicate_external_id"


async def test_what_was_entered_stays_where_ids_stay(slack: Sandbox, client: AsyncWebClient) -> None:
    ada = slack.person("ada")
    await client.views_open(trigger_id=slack.workspace.views.trigger(ada.id), view=modal())
    view = await ada.wait_for_modal()
    await ada.enter(view, {"words": "stale table"})

    updated = await client.views_update(view_id=view.id, view=modal(title=plain("Again")))

    assert updated["view"]["state"]["values"]["what"]["words"]["value"] == "stale table"


async def test_pages_lead_to_the_end(slack: Sandbox, client: AsyncWebClient) -> None:
    room = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    for number in range(7):
        await client.chat_postMessage(channel=room, text=f"m{number}")

    pages = [page["messages"] async for page in await client.conversations_history(channel=room, limit=3)]

    words = [each["text"] for page in pages for each in page if "subtype" not in each]
    assert words == [f"m{number}" for number in reversed(range(7))]
    assert len(pages) == 3


async def test_metadata_comes_back_in_full_only_when_asked_for(client: AsyncWebClient) -> None:
    room = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    metadata = {"event_type": "job", "event_payload": {"key": "k1"}}
    await client.chat_postMessage(channel=room, text="x", metadata=metadata)

    full = await client.conversations_history(channel=room, limit=1, include_all_metadata=True)
    bare = await client.conversations_history(channel=room, limit=1)

    assert full["messages"][0]["metadata"] == metadata
    assert "event_payload" not in bare["messages"][0]["metadata"]


async def test_stamps_are_unique_and_follow_the_clock(slack: Sandbox, client: AsyncWebClient) -> None:
    room = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    stamps = [(await client.chat_postMessage(channel=room, text="x"))["ts"] for _ in range(20)]

    slack.clock.forward(timedelta(days=1))
    later = (await client.chat_postMessage(channel=room, text="x"))["ts"]

    assert len(set(stamps)) == 20
    assert float(later) - float(stamps[-1]) >= 86_400


async def test_a_long_text_is_cut_with_a_warning(client: AsyncWebClient) -> None:
    room = (await client.conversations_create(name="inc-1"))["channel"]["id"]

    posted = await client.chat_postMessage(channel=room, text="x" * 40_001)

    assert len(posted["message"]["text"]) == 40_000
    assert posted["warning"] == "message_truncated"


async def test_pins_bookmarks_and_threads_can_be_read_back(slack: Sandbox, client: AsyncWebClient) -> None:
    room = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    root = (await client.chat_postMessage(channel=room, text="root"))["ts"]
    await client.chat_postMessage(channel=room, text="reply", thread_ts=root)
    await client.pins_add(channel=room, timestamp=root)
    await client.bookmarks_add(channel_id=room, title="Book", type="link", link="https://example.com")

    assert await refusal(client.pins_add(channel=room, timestamp=root)) == "already_pinned"
    assert list(slack.workspace.channel("inc-1").pins) == [root]
    assert [each["title"] for each in (await client.bookmarks_list(channel_id=room))["bookmarks"]] == ["Book"]
    thread = (await client.conversations_replies(channel=room, ts=root))["messages"]
    assert [each["text"] for each in thread] == ["root", "reply"]
    history = (await client.conversations_history(channel=room))["messages"]
    assert [each["text"] for each in history if "subtype" not in each] == ["root"]


async def test_a_channel_that_is_made_private_keeps_its_id_and_is_hidden_from_who_is_not_in_it(
    client: AsyncWebClient, slack: Sandbox
) -> None:
    room = await slack.person("ada").create_channel("inc-1")
    await slack.person("ada").invite(room, "warroom")

    await slack.person("ada").make_private(room)
    described = (await client.conversations_info(channel=room.id))["channel"]
    said = [message.subtype for message in room.messages.values()]

    assert (described["id"], described["is_private"]) == (room.id, True)
    assert said[-1] == "channel_convert_to_private"
    assert not slack.person("grace").sees(room)


async def test_who_is_deactivated_is_out_of_every_channel_and_stays_in_the_list(
    client: AsyncWebClient, slack: Sandbox
) -> None:
    grace = slack.person("grace")

    slack.workspace.deactivate("grace")
    listed = {each["id"]: each["deleted"] for each in (await client.users_list())["members"]}

    assert listed[grace.id]
    assert grace.id not in slack.workspace.channel("general").members


async def test_who_comes_and_goes_within_a_moment_is_told_in_stamps_that_tell_which_was_last(
    slack: Sandbox,
) -> None:
    stamps: list[str] = []
    slack.workspace.ground.watchers.append(
        lambda change: (
            stamps.append(str(change.event["event_ts"]))
            if change.event and change.kind.startswith("member_")
            else None
        )
    )

    room = await slack.person("ada").create_channel("inc-1")
    for _ in range(3):
        await slack.person("grace").join(room.name)
        await slack.person("grace").leave(room)

    assert len(stamps) == 7
    assert stamps == sorted(set(stamps))
