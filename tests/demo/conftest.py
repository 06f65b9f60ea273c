"""A sandbox whose page has a backstage without a bot, and browsers that look at it."""

from collections.abc import AsyncIterator

import pytest

from bot.demo.backstage import Backstage
from bot.sandbox import Sandbox
from bot.sandbox.page import mount
from tests.sandbox.kit import CHANNELS, MANIFEST
from tests.sandbox.page.conftest import bot, browser


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(MANIFEST, channels=CHANNELS, ack_timeout=0.5)
    mount(sandbox, Backstage(sandbox).extension())
    async with sandbox:
        yield sandbox


__all__ = ["bot", "browser", "slack"]
