"""A sandbox, a real client and a real Bolt app for each test; every refusal is held to Slack's reference."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.sandbox.manifest import Manifest
from tests.sandbox.kit import CHANNELS, GENERAL, MANIFEST, SPECS, Bot, Ticker, bolt


@pytest.fixture
def ticker() -> Ticker:
    return Ticker()


@pytest.fixture
async def slack(ticker: Ticker) -> AsyncIterator[Sandbox]:
    ours = Manifest.read(MANIFEST)
    # Rules are tried with one scope more than the bot needs, so that what stands pinned can be read back.
    granted = replace(ours, scopes=ours.scopes | {"pins:read"})
    async with Sandbox(granted, channels=CHANNELS, monotonic=ticker) as sandbox:
        yield sandbox
    if not SPECS.exists():
        return
    reference = json.loads(SPECS.read_text(encoding="utf-8"))
    for call in sandbox.journal.calls:
        if (
            call.error
            and call.status == 200
            and call.method in reference
            and call.method != "api.test"
            and call.result
        ):
            assert call.error in {*reference[call.method]["errors"], *GENERAL}, (
                f"{call.method} cannot answer {call.error}"
            )


@pytest.fixture
def client(slack: Sandbox) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
async def bot(slack: Sandbox, client: AsyncWebClient) -> AsyncIterator[Bot]:
    """Return a Bolt app that is connected over Socket Mode."""
    made = bolt(slack, client)
    handler = AsyncSocketModeHandler(made.app, slack.app_token, ping_interval=0.2)
    handler.client.web_client = client
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.connection()
    yield made
    await handler.close_async()  # type: ignore[no-untyped-call]
