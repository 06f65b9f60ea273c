"""A sandbox with the page on it, and browsers that look at it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.sandbox.page import mount
from tests.sandbox.kit import CHANNELS, MANIFEST, Bot, bolt
from tests.sandbox.page.browser import Browser


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(MANIFEST, channels=CHANNELS, ack_timeout=0.5)
    mount(sandbox)
    async with sandbox:
        yield sandbox


@pytest.fixture
async def browser(slack: Sandbox) -> AsyncIterator[Browser]:
    # The cookie of an address rather than a name is kept only by an unsafe jar.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        made = Browser(url=slack.url, session=session)
        await made.open()
        yield made


@pytest.fixture
async def bot(slack: Sandbox) -> AsyncIterator[Bot]:
    """Return a Bolt app that is connected over Socket Mode."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    made = bolt(slack, client)
    handler = AsyncSocketModeHandler(made.app, slack.app_token, ping_interval=0.2)
    handler.client.web_client = client
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.connection()
    yield made
    await handler.close_async()  # type: ignore[no-untyped-call]
