"""A person with curl can live in the workspace, and everything they see reads as text."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.control import Control
from bot.sandbox import MovableClock, Sandbox
from tests.sandbox.kit import CHANNELS, MANIFEST, Bot, button, modal, plain, section
from tests.sandbox.test_gate import bearing, post

TOKENS: WeakKeyDictionary[Sandbox, str] = WeakKeyDictionary()


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(MANIFEST, channels=CHANNELS)
    TOKENS[sandbox] = Control(sandbox).mount().token
    async with sandbox:
        yield sandbox


@pytest.fixture
def client(slack: Sandbox) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


async def ask(
    slack: Sandbox, path: str, body: dict[str, Any] | None = None, **headers: str
) -> dict[str, Any]:
    verb = "POST" if body is not None else "GET"
    headers = {"Authorization": f"Bearer {TOKENS[slack]}"} | headers
    async with aiohttp.ClientSession() as session:
        address = f"{slack.url}/control{path}"
        async with session.request(verb, address, json=body, headers=headers) as reply:
            answer: dict[str, Any] = await reply.json()
            return answer


async def test_an_incident_can_be_lived_through_with_curl(slack: Sandbox, bot: Bot) -> None:
    @bot.app.command("/incident")
    async def _(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack("opening")
        await client.views_open(trigger_id=body["trigger_id"], view=modal())

    @bot.app.view("declare")
    async def _(ack: Any) -> None:
        await ack()

    reply = await ask(
        slack, "/act", {"as": "ada", "do": "command", "command": "/incident", "channel": "general"}
    )
    await slack.person("ada").wait_for_modal()
    shown = await ask(slack, "/modal?as=ada")
    submitted = await ask(slack, "/act", {"as": "ada", "do": "submit", "values": {"words": "late orders"}})
    seen = await ask(slack, "/see?as=ada&channel=general")

    assert reply["result"]["text"] == "opening"
    assert "== Declare ==" in shown["view"]["rendered"]
    assert submitted["result"]["acked"]
    assert "warroom (only you):\n  opening" in seen["text"]


async def test_people_can_do_everything_by_name(slack: Sandbox) -> None:
    said = (await ask(slack, "/act", {"do": "say", "channel": "general", "text": "hello"}))["result"]
    at = {"as": "grace", "channel": "general", "ts": said["ts"]}
    await ask(slack, "/act", {"do": "react", "name": "eyes", **at})
    await ask(slack, "/act", {**at, "as": "ada", "do": "edit", "text": "hello all"})
    await ask(slack, "/act", {"do": "create_channel", "name": "side", "private": True})
    await ask(slack, "/act", {"do": "invite", "channel": "side", "name": "grace"})
    await ask(slack, "/people", {"name": "edsger"})

    message = slack.person("edsger").sees("general")[0]
    assert (message.text, list(message.reactions)) == ("hello all", ["eyes"])
    assert slack.person("grace").id in slack.workspace.channel("side").members


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/act", {"do": "explode"}, "no action"),
        ("/act", {"as": "nobody", "do": "say"}, "nobody named"),
        ("/act", {"do": "say", "channel": "gone", "text": "x"}, "channel_not_found"),
        ("/act", {"do": "click", "in": "modal", "action_id": "x"}, "no modal open"),
        ("/act", {"do": "delete", "channel": "general", "ts": "1.2"}, "sees no message"),
        ("/faults", {"do": "explode"}, "no fault"),
        ("/clock", {"forward_seconds": -1}, "does not go back"),
    ],
)
async def test_a_wrong_request_says_what_is_wrong(
    slack: Sandbox, path: str, body: dict[str, Any], words: str
) -> None:
    answer = await ask(slack, path, body)

    assert words in answer["error"]


async def test_the_endpoints_list_themselves_and_are_closed_to_other_sites(slack: Sandbox) -> None:
    listed = await ask(slack, "")
    other = await ask(slack, "", Host="evil.example")

    assert "POST /control/act" in listed["endpoints"]
    assert "command" in listed["actions"]
    assert "loopback only" in other["error"]


async def test_the_clock_and_faults_are_at_hand(slack: Sandbox) -> None:
    before = slack.clock.now()

    await ask(slack, "/clock", {"forward_seconds": 3600})
    await ask(slack, "/faults", {"do": "limit", "pattern": "chat.*", "retry_after": 5})

    assert slack.clock.now() - before >= timedelta(hours=1)
    assert slack.faults.faults[0].retry_after == "5"
    assert (await ask(slack, "/journal"))["calls"] == []


async def test_a_card_reads_as_text(slack: Sandbox, client: AsyncWebClient) -> None:
    room = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    ada = slack.person("ada")
    blocks = [
        {"type": "header", "text": plain("INC-1")},
        section(
            f"Led by {ada.mention} since <!date^1795305600^{{time}}|08:00>, <https://x.test|log> &lt;b&gt;"
        ),
        button("take"),
        {"type": "context", "elements": [plain("small")]},
    ]
    await client.conversations_invite(channel=room, users=ada.id)

    await client.chat_postMessage(channel=room, text="card", blocks=blocks)

    lines = ada.reads("inc-1").splitlines()[-4:]
    assert [each.strip() for each in lines] == [
        "**INC-1**", "Led by @ada since 08:00, log (https://x.test) <b>", "[ Take it ]", "small",
    ]  # fmt: skip


async def test_the_clock_moves_by_hand_and_wakes_sleepers() -> None:
    clock = MovableClock(datetime(2026, 11, 22, tzinfo=UTC), frozen=True)

    clock.forward(timedelta(hours=1))

    assert clock.now() == datetime(2026, 11, 22, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="time zone"):
        MovableClock(datetime(2026, 11, 22))  # noqa: DTZ001


SAY = {"as": "ada", "do": "say", "channel": "general", "text": "not from here"}


@pytest.mark.parametrize("foreign", [{"Origin": "https://evil.example"}, {"Host": "rebound.example"}])
async def test_another_site_is_refused_even_with_the_token(slack: Sandbox, foreign: dict[str, str]) -> None:
    status = await post(slack, "/control/act", bearing(TOKENS[slack]) | foreign, json=SAY)

    assert status == 403
    assert not slack.person("ada").sees("general")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_the_control_takes_nothing_that_a_form_of_another_site_could_send(
    slack: Sandbox, kind: str
) -> None:
    body = '{"as": "ada", "do": "say", "channel": "general", "text": "not from here"}'
    headers = bearing(TOKENS[slack]) | {"Content-Type": kind}

    status = await post(slack, "/control/act", headers, data=body.encode())

    assert status == 415
    assert not slack.person("ada").sees("general")


@pytest.mark.parametrize("token", ["", "Bearer", "guessed"])
async def test_the_control_wants_the_token_of_this_start(slack: Sandbox, token: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{slack.url}/control/journal", headers=bearing(token)) as reply:
            looked, why = reply.status, await reply.json()
        acted = await post(slack, "/control/act", bearing(token), json=SAY)

    assert (looked, acted) == (401, 401)
    assert "token of this start" in why["error"]
