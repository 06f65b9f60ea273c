"""A Slack of our own for what speaks with Slack: the sandbox, its calls and its gateway."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.resources import manifest_path
from bot.sandbox import MovableClock, Sandbox
from bot.slack.client.calls import Calls
from bot.slack.client.gateway import Gateway


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox(manifest_path(), channels=("general", "incidents"), clock=MovableClock()) as sandbox:
        yield sandbox


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def client(slack: Sandbox, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


@pytest.fixture
def call(client: AsyncWebClient) -> Calls:
    return Calls(client, pace=False)


@pytest.fixture
def gateway(call: Calls) -> Gateway:
    return Gateway(call, incidents="incidents")
