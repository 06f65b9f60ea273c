"""Trouble comes when it is asked for, and goes when it is cleared."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from tests.sandbox.kit import Ticker


async def room_of(slack: Sandbox) -> str:
    room = slack.workspace.channel("general")
    room.members.append(slack.bot_user.id)
    return room.id


def texts(slack: Sandbox) -> list[str]:
    return [each.text for each in slack.person("ada").sees("general")]


@pytest.mark.parametrize("retry_after", [None, "30", "-1", "soon", "86400"])
async def test_a_limited_call_has_no_effect(
    slack: Sandbox, client: AsyncWebClient, retry_after: str | None
) -> None:
    room = await room_of(slack)
    slack.faults.limit("chat.postMessage", retry_after=retry_after)

    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=room, text="first")
    await client.chat_postMessage(channel=room, text="second")

    assert raised.value.response.status_code == 429
    assert raised.value.response.headers.get("Retry-After") == retry_after
    assert texts(slack) == ["second"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_failing_call_has_no_effect(slack: Sandbox, client: AsyncWebClient, status: int) -> None:
    room = await room_of(slack)
    slack.faults.fail("chat.*", status=status)

    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=room, text="lost")

    assert raised.value.response.status_code == status
    assert texts(slack) == []


async def test_html_comes_with_a_200(slack: Sandbox) -> None:
    slack.faults.html("auth.test")

    async with aiohttp.ClientSession() as session, session.post(f"{slack.api_url}auth.test") as reply:
        body = await reply.text()

    assert (reply.status, reply.content_type) == (200, "text/html")
    assert "DOCTYPE" in body


async def test_a_lost_reply_has_had_its_effect(slack: Sandbox, client: AsyncWebClient) -> None:
    room = await room_of(slack)
    slack.faults.lose_reply("chat.postMessage")

    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=room, text="there")

    call = slack.journal.called("chat.postMessage")[0]
    assert texts(slack) == ["there"]
    assert (call.ok, call.reached) == (True, False)


async def test_a_cut_call_has_not(slack: Sandbox, client: AsyncWebClient) -> None:
    room = await room_of(slack)
    slack.faults.cut("*")

    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=room, text="gone")

    assert texts(slack) == []


async def test_a_slow_call_can_be_overtaken(slack: Sandbox, client: AsyncWebClient) -> None:
    room = await room_of(slack)
    slack.faults.slow("chat.postMessage", seconds=0.05, times=1)

    first = asyncio.create_task(client.chat_postMessage(channel=room, text="first"))
    await slack.until(lambda: slack.journal.called("chat.postMessage"))
    await client.chat_postMessage(channel=room, text="second")
    await first

    assert texts(slack) == ["second", "first"]


async def test_tiers_are_enforced_on_demand(slack: Sandbox, client: AsyncWebClient, ticker: Ticker) -> None:
    slack.faults.enforce_tiers()
    for _ in range(20):
        await client.conversations_list()

    with pytest.raises(SlackApiError) as raised:
        await client.conversations_list()
    ticker.value += 61
    await client.conversations_list()

    assert raised.value.response.headers["Retry-After"] == "60"


async def test_posting_is_limited_to_one_a_second_a_channel(
    slack: Sandbox, client: AsyncWebClient, ticker: Ticker
) -> None:
    room, other = await room_of(slack), (await client.conversations_create(name="inc-1"))["channel"]["id"]
    slack.faults.enforce_tiers()
    await client.chat_postMessage(channel=room, text="1")
    await client.chat_postMessage(channel=other, text="1")

    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel=room, text="2")
    ticker.value += 1
    await client.chat_postMessage(channel=room, text="3")

    assert texts(slack) == ["1", "3"]


async def test_slack_can_be_away_and_come_back(slack: Sandbox, client: AsyncWebClient, bot: Any) -> None:
    await slack.faults.slack_down()
    with pytest.raises(aiohttp.ClientError):
        await client.auth_test()
    refused = await slack.person("ada").command("/incident")
    slack.faults.slack_up()
    await slack.connection()

    assert refused.error == "dispatch_failed"
    assert (await client.auth_test())["ok"]


async def test_the_journal_keeps_no_token(slack: Sandbox, client: AsyncWebClient) -> None:
    await client.api_call("auth.test", params={"token": slack.bot_token})
    await client.apps_connections_open(app_token=slack.app_token)

    assert slack.bot_token not in repr(slack.journal.calls)
    assert slack.app_token not in repr(slack.journal.calls)
    assert "ticket" not in repr(slack.journal.calls)


async def test_changes_can_be_followed(slack: Sandbox) -> None:
    changes = slack.changes()

    said = await slack.person("ada").say("general", "x")
    await slack.person("ada").react(said, "eyes")
    followed = [await anext(changes), await anext(changes)]

    assert [getattr(each, "kind", "") for each in followed] == ["message", "reaction_added"]
