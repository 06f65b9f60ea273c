"""Socket Mode: one connection kept alive, rebuilt when it is silent, its state told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.slack import socket
from bot.slack.socket import Socket


class Line:
    """A socket under test, what it told and what its app heard."""

    def __init__(self, slack: Sandbox, client: AsyncWebClient, *, token: str) -> None:
        self.slack = slack
        self.connections = 0
        self.fails = False
        self.heard: list[str] = []
        ground = slack.workspace.ground

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None, team_id=ground.team, bot_token=slack.bot_token,
                bot_id=ground.bot_id, bot_user_id=slack.bot_user.id,
            )  # fmt: skip

        app = AsyncApp(
            client=client, authorize=authorize, process_before_response=True,
            request_verification_enabled=False,
        )  # fmt: skip

        async def message(ack: AsyncAck, event: dict[str, object]) -> None:
            self.heard.append(str(event.get("text")))
            await ack()

        app.event("message")(message)
        self.socket = Socket(app, app_token=token, client=client, connected=self._connected, ping_every=0.1)

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
        slack.bell.ring()
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
