"""Socket Mode: one connection kept alive, rebuilt when it is silent, its state told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.sandbox.delivery import Envelope
from bot.slack import socket
from bot.slack.border import Border
from bot.slack.models import Event
from bot.slack.socket import Socket


class Line:
    """A socket under test, what it told and what its app heard."""

    def __init__(self, slack: Sandbox, client: AsyncWebClient, *, token: str) -> None:
        self.slack = slack
        self.connections = 0
        self.fails = False
        self.heard: list[str] = []
        self.broken: Exception | None = None
        self.border = border = Border(say=self._said, dispatch=self._dispatched, identity=lambda: None)
        self.socket = Socket(
            border, app_token=token, client=client, connected=self._connected, ping_every=0.1
        )

    async def _said(self, event: Event) -> None:
        if self.broken:
            broken, self.broken = self.broken, None
            raise broken
        self.heard.append(str(event.text))

    async def _dispatched(self, body: dict[str, object]) -> BoltResponse:
        del body
        return BoltResponse(status=200, body={"text": "listed"})

    def _connected(self) -> None:
        self.connections += 1
        if self.fails:
            self.fails = False
            msg = "of which nobody thought"
            raise RuntimeError(msg)

    async def until_up(self, times: int) -> None:
        await self.slack.until(
            lambda: self.connections >= times and self.socket.since, 15, what=f"{times} connections"
        )


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look and give up within fractions of a second, where production waits up to 30."""
    monkeypatch.setattr(socket, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(socket, "SILENT_FOR", 0.6)
    monkeypatch.setattr(socket, "RETRY_MOST", 0.1)


@asynccontextmanager
async def running(slack: Sandbox, client: AsyncWebClient, token: str = "") -> AsyncIterator[Line]:
    line = Line(slack, client, token=token or slack.app_token)
    task = asyncio.create_task(line.socket.run())
    ringing = asyncio.create_task(_ring(slack))
    try:
        yield line
    finally:
        for one in (ringing, task):
            one.cancel()
            with suppress(asyncio.CancelledError):
                await one


async def _ring(slack: Sandbox) -> None:
    """Have conditions on our side looked at again too, which the sandbox knows nothing of."""
    while True:
        slack.signal.notify()
        await asyncio.sleep(0.02)


async def hears(line: Line, text: str) -> None:
    """Say something in a channel we are in, and return when the app heard it."""
    general = line.slack.person("ada").channel("general").id
    line.slack.workspace.channels.join(general, by=line.slack.bot_user.id)
    await line.slack.person("ada").say("general", text)
    await line.slack.until(lambda: text in line.heard, 10, what=f"{text} to be heard")


async def test_it_tells_when_it_is_connected_and_events_arrive(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    async with running(slack, client) as line:
        before = line.socket.problem
        await line.until_up(1)

        await hears(line, "rows are missing")

        assert before == "not connected yet"
        assert line.socket.problem is None


async def test_a_dropped_socket_is_connected_again_and_said_to_be_new(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    async with running(slack, client) as line:
        await line.until_up(1)

        await slack.faults.drop_sockets()
        await line.until_up(2)

        await hears(line, "still here")


async def test_an_error_that_nobody_expected_does_not_end_listening(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    async with running(slack, client) as line:
        line.fails = True

        await line.until_up(2)

        await hears(line, "listening again")


async def test_slack_asking_for_a_new_connection_loses_nothing(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    async with running(slack, client) as line:
        await line.until_up(1)

        await slack.faults.refresh_sockets()
        await line.until_up(2)

        await hears(line, "moved over")


async def test_a_half_open_socket_is_rebuilt(slack: Sandbox, client: AsyncWebClient) -> None:
    async with running(slack, client) as line:
        await line.until_up(1)

        slack.faults.half_open()
        await slack.until(lambda: line.socket.problem, 15, what="the silence to be noticed")
        noticed = line.socket.problem
        slack.faults.half_open(on=False)
        await line.until_up(2)

        assert noticed
        await hears(line, "awake again")


async def test_a_refused_app_token_is_told_in_slacks_words(slack: Sandbox, client: AsyncWebClient) -> None:
    async with running(slack, client, token="xapp-1-wrong") as line:
        await slack.until(
            lambda: line.socket.problem and "refuses" in line.socket.problem, 10, what="the refusal"
        )

        assert line.socket.problem == "Slack refuses the app token: invalid_auth"
        assert line.socket.since is None


async def test_slack_being_away_is_told_and_ends(slack: Sandbox, client: AsyncWebClient) -> None:
    await slack.faults.slack_down()
    async with running(slack, client) as line:
        await slack.until(
            lambda: line.socket.problem and "cannot be reached" in line.socket.problem, 10, what="the outage"
        )

        slack.faults.slack_up()
        await line.until_up(1)

        assert line.socket.problem is None


async def test_stopping_closes_the_connection(
    slack: Sandbox, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    async with running(slack, client) as line:
        await line.until_up(1)

    await slack.until(lambda: slack.connected == 0, 5, what="the connection to close")
    assert not session.closed


async def test_what_slack_asks_is_answered_with_its_ack(slack: Sandbox, client: AsyncWebClient) -> None:
    async with running(slack, client) as line:
        await line.until_up(1)

        reply = await slack.person("ada").command("/incident", "list")

        assert (reply.acked, reply.text) == (True, "listed")


@pytest.mark.parametrize("payload", [None, "text", [], {}, {"type": 5}, {"deep": "[" * 9}, {"a": "\ud800"}])
async def test_nonsense_is_acked_without_an_answer(
    slack: Sandbox, client: AsyncWebClient, payload: object
) -> None:
    async with running(slack, client) as line:
        await line.until_up(1)

        ack = await slack.sockets.send(Envelope(id='odd "1"', type="interactive", payload=payload))  # type: ignore[arg-type]

        assert (ack.ok, ack.payload) == (True, None)


async def test_an_envelope_too_deep_to_be_read_is_acked(slack: Sandbox, client: AsyncWebClient) -> None:
    deep: dict[str, object] = {}
    for _ in range(400):
        deep = {"event": deep}
    async with running(slack, client) as line:
        await line.until_up(1)

        ack = await slack.sockets.send(Envelope(id="deep-1", type="events_api", payload=deep))

        assert ack.ok


async def test_a_message_that_was_not_recorded_is_not_acked_and_comes_again(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    slack.sockets.ack_timeout = 0.5
    async with running(slack, client) as line:
        await line.until_up(1)
        line.broken = OSError("disk full")

        await hears(line, "keep me")
        sent = slack.journal.delivered("message")[-1]
        await slack.until(lambda: sent.acked, 15, what="its ack")

        assert sent.attempts[0].outcome == "timeout"
        assert line.heard == ["keep me"]


async def test_the_socket_says_which_app_it_is_for(slack: Sandbox, client: AsyncWebClient) -> None:
    async with running(slack, client) as line:
        await line.until_up(1)

        await hears(line, "hello")

        assert line.border.app == slack.workspace.ground.app
