"""Events, commands and clicks reach the app over sockets and over signed HTTP, with Slack's retries."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.sandbox.journal import Delivery
from tests.sandbox.kit import MANIFEST, Bot, Ticker, bolt, button, section


async def joined(slack: Sandbox, client: AsyncWebClient, channel: str = "general") -> str:
    room = slack.workspace.channel(channel).id
    await client.conversations_join(channel=room)
    return room


async def test_messages_reach_the_app_only_where_it_is(slack: Sandbox, bot: Bot) -> None:
    bot.hears("message", "member_joined_channel")
    await joined(slack, bot.client)
    ada = slack.person("ada")

    await ada.say("incidents", "not for you")
    await ada.say("general", "for you")
    await ada.say(await ada.open_dm(), "in private")
    await slack.settled()

    assert [text for text in bot.texts() if text] == ["for you", "in private"]


async def test_the_app_does_not_hear_itself(slack: Sandbox, bot: Bot) -> None:
    bot.hears("message", "member_joined_channel")
    room = await joined(slack, bot.client)

    posted = await bot.client.chat_postMessage(channel=room, text="me")
    await bot.client.chat_update(channel=room, ts=posted["ts"], text="me again")
    await bot.client.chat_delete(channel=room, ts=posted["ts"])
    await slack.settled()

    assert not slack.journal.delivered("message")


async def test_each_thing_people_do_is_one_event(slack: Sandbox, bot: Bot) -> None:
    bot.hears("message", "reaction_added", "reaction_removed", "app_mention", "app_home_opened",
              "member_joined_channel", "member_left_channel", "channel_archive",
              "channel_unarchive")  # fmt: skip
    await joined(slack, bot.client, "incidents")
    ada = slack.person("ada")
    root = await ada.say("incidents", "root @warroom")
    await ada.say("incidents", "reply", thread=root, broadcast=True)
    await ada.edit(root, "edited")
    await ada.react(root, "pushpin")
    await ada.unreact(root, "pushpin")
    await ada.delete(root)
    await ada.leave("incidents")
    await ada.join("incidents")
    await ada.archive("incidents")
    await ada.unarchive("incidents")
    await ada.open_home()
    await slack.settled()

    heard = [(each["event"]["type"], each["event"].get("subtype")) for each in bot.heard][1:]
    assert sorted(heard, key=str) == sorted(
        [
            ("message", None), ("app_mention", None), ("message", "thread_broadcast"), ("message",
            "message_changed"),
            ("reaction_added", None), ("reaction_removed", None), ("message", "message_deleted"),
            ("member_left_channel", None), ("message", "channel_leave"), ("member_joined_channel", None),
            ("message", "channel_join"), ("message", "channel_archive"), ("channel_archive", None),
            ("channel_unarchive", None), ("message", "channel_unarchive"), ("app_home_opened", None),
        ],
        key=str,
    )  # fmt: skip
    changed = next(each["event"] for each in bot.heard if each["event"].get("subtype") == "message_changed")
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == (
        "edited",
        f"root <@{slack.bot_user.id}>",
    )
    assert len({each["event_id"] for each in bot.heard}) == len(bot.heard)


async def test_events_wait_for_a_connection_and_say_they_are_late(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    room = slack.workspace.channel("general")
    room.members.append(slack.bot_user.id)
    await slack.person("ada").say("general", "early")
    await slack.until(lambda: len(slack.journal.delivered("message")[0].attempts) == 2)
    made = bolt(slack, client)
    made.hears("message")
    handler = AsyncSocketModeHandler(made.app, slack.app_token)
    handler.client.web_client = client
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.connection()

    slack.clock.forward(timedelta(minutes=1))
    await slack.settled()
    await handler.close_async()  # type: ignore[no-untyped-call]

    assert made.texts() == ["early"]
    tried = slack.journal.delivered("message")[0].attempts
    assert [each.outcome for each in tried] == ["connection_failed", "connection_failed", "acked"]
    assert [each.number for each in tried] == [0, 1, 2]


def _tried(entry: Delivery, count: int) -> bool:
    return len(entry.attempts) >= count and entry.attempts[-1].outcome != "waiting"


async def test_an_event_nobody_acks_is_sent_four_times(slack: Sandbox, bot: Bot) -> None:
    slack.sockets.ack_timeout = 0.05
    slack.workspace.channel("general").members.append(slack.bot_user.id)
    await slack.person("ada").say("general", "unheard")
    entry = slack.journal.delivered("message")[0]
    for count in (2, 3):
        await slack.until(partial(_tried, entry, count))
        slack.clock.forward(timedelta(minutes=5))

    await slack.settled()

    assert [each.outcome for each in entry.attempts] == ["timeout"] * 4


async def test_a_doubled_event_has_one_id(slack: Sandbox, bot: Bot) -> None:
    bot.hears("message")
    slack.workspace.channel("general").members.append(slack.bot_user.id)
    slack.faults.duplicate(copies=3, times=1)

    await slack.person("ada").say("general", "thrice")
    await slack.person("ada").say("general", "once")
    await slack.settled()

    assert sorted(bot.texts()) == ["once", "thrice", "thrice", "thrice"]
    assert len({each["event_id"] for each in bot.heard}) == 2


async def test_held_deliveries_come_when_released(slack: Sandbox, bot: Bot) -> None:
    bot.hears("message")
    slack.workspace.channel("general").members.append(slack.bot_user.id)
    slack.faults.hold()
    await slack.person("ada").say("general", "later")
    before = bot.texts()

    slack.faults.release()
    await slack.settled()

    assert (before, bot.texts()) == ([], ["later"])


async def test_payloads_are_shared_out_over_connections(
    slack: Sandbox, bot: Bot, client: AsyncWebClient
) -> None:
    second = bolt(slack, client)
    handler = AsyncSocketModeHandler(second.app, slack.app_token)
    handler.client.web_client = client
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.connection(2)
    slack.workspace.channel("general").members.append(slack.bot_user.id)
    for each in (bot, second):
        each.hears("message")

    for number in range(6):
        await slack.person("ada").say("general", str(number))
    await slack.settled()
    await handler.close_async()  # type: ignore[no-untyped-call]

    assert (len(bot.heard), len(second.heard)) == (3, 3)


@pytest.mark.parametrize("fault", ["drop_sockets", "refresh_sockets"])
async def test_a_client_comes_back_after(slack: Sandbox, bot: Bot, fault: str) -> None:
    bot.hears("message")
    slack.workspace.channel("general").members.append(slack.bot_user.id)

    await getattr(slack.faults, fault)()
    await slack.connection()
    await slack.person("ada").say("general", "back")
    await slack.settled()

    assert bot.texts() == ["back"]
    assert len(slack.journal.called("apps.connections.open")) == 2


async def test_a_half_open_socket_swallows_everything_until_it_is_rebuilt(slack: Sandbox, bot: Bot) -> None:
    @bot.app.command("/incident")
    async def _(ack: Any) -> None:
        await ack("here")

    slack.sockets.ack_timeout = 0.05
    slack.faults.half_open()
    swallowed = await slack.person("ada").command("/incident")
    slack.faults.half_open(on=False)
    slack.sockets.ack_timeout = 3.0
    await slack.faults.drop_sockets()
    await slack.connection()
    answered = await slack.person("ada").command("/incident")

    assert not swallowed.acked
    assert answered.text == "here"


# Signed HTTP


class Site:
    """A web server that hands requests to a Bolt app, and can be told to fail."""

    def __init__(self) -> None:
        self.bot: Bot | None = None
        self.statuses: list[int] = []
        self.headers: list[dict[str, str]] = []

    async def serve(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        assert self.bot
        answer = await self.bot.app.async_dispatch(
            AsyncBoltRequest(body=await request.text(), headers=dict(request.headers))
        )
        kind = answer.first_headers().get("content-type", "text/plain").partition(";")[0]
        return web.Response(status=answer.status, text=answer.body, content_type=kind)


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, str]]:
    made = Site()
    app = web.Application()
    app.router.add_post("/slack/events", made.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield made, f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await runner.cleanup()


@pytest.fixture
async def over_http(site: tuple[Site, str], ticker: Ticker) -> AsyncIterator[tuple[Sandbox, Bot, Site]]:
    serving, url = site
    async with Sandbox(MANIFEST, delivery=url, ack_timeout=1.0, monotonic=ticker) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        serving.bot = bolt(slack, client)
        slack.workspace.channel("general").members.append(slack.bot_user.id)
        yield slack, serving.bot, serving


async def test_over_http_all_kinds_arrive_signed(over_http: tuple[Sandbox, Bot, Site]) -> None:
    slack, bot, _ = over_http
    bot.hears("message")
    clicked: list[str] = []

    @bot.app.command("/incident")
    async def command(ack: Any) -> None:
        await ack("hello")

    @bot.app.action("take")
    async def click(ack: Any, body: dict[str, Any]) -> None:
        clicked.append(body["actions"][0]["action_id"])
        await ack()

    ada = slack.person("ada")
    await ada.say("general", "said")
    room = slack.workspace.channel("general").id
    await bot.client.chat_postMessage(channel=room, text="card", blocks=[section("x"), button("take")])
    reply = await ada.command("/incident", "declare")
    clicked_it = await ada.click(ada.sees("general")[-2], "take")
    await slack.settled()

    assert bot.texts() == ["said"]
    assert reply.text == "hello"
    assert (clicked_it.acked, clicked) == (True, ["take"])


async def test_over_http_the_address_is_verified(
    over_http: tuple[Sandbox, Bot, Site], site: tuple[Site, str]
) -> None:
    slack, _, _ = over_http
    line = slack.http(site[1])

    verified = await line.verify()
    await line.close()

    assert verified


async def test_over_http_a_failed_event_is_retried_with_its_number(
    over_http: tuple[Sandbox, Bot, Site],
) -> None:
    slack, bot, serving = over_http
    bot.hears("message")
    serving.statuses = [503]

    await slack.person("ada").say("general", "again")
    await slack.settled()

    assert bot.texts() == ["again"]
    retried = serving.headers[1]
    assert (retried["X-Slack-Retry-Num"], retried["X-Slack-Retry-Reason"]) == ("1", "http_error")


async def test_over_http_a_forged_signature_is_noticed_by_the_app(
    over_http: tuple[Sandbox, Bot, Site],
) -> None:
    slack, bot, _serving = over_http
    bot.hears("message")
    slack.courier.line.secret = "forged"  # type: ignore[union-attr]

    reply = await slack.person("ada").command("/incident")

    assert reply.error == "dispatch_failed"
    assert bot.heard == []


async def test_the_sandbox_leaves_no_task_behind(site: tuple[Site, str]) -> None:
    before = asyncio.all_tasks()

    async with Sandbox(MANIFEST) as slack:
        slack.workspace.channel("general").members.append(slack.bot_user.id)
        await slack.person("ada").say("general", "nobody hears this")

    assert asyncio.all_tasks() == before
