"""What the shell commands need: an existing database, and a way to speak with Slack."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from bot.app.database import opened
from bot.app.wiring import Wakeup, ports_over, slack_client
from bot.clock import utc_now
from bot.settings import Settings
from bot.slack.client.calls import TIMEOUT, Calls
from bot.slack.client.gateway import Gateway
from bot.usecases.ports import Ports


@asynccontextmanager
async def shell(settings: Settings, *, include_private: bool = False) -> AsyncIterator[Ports]:
    """Open an existing database for a shell command; effects are owed, and a running bot does them."""
    async with AsyncExitStack() as stack:
        url = settings.database_url.get_secret_value()
        database = await stack.enter_async_context(opened(url, create=False))
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=TIMEOUT))
        token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
        client = slack_client(session, token=token, api_url=settings.slack_api_url)
        chat = Gateway(Calls(client), incidents=settings.policy.incidents_channel)
        yield ports_over(
            database,
            Wakeup(),
            policy=settings.policy,
            chat=chat,
            now=utc_now,
            include_private=include_private,
        )


async def retry_job(settings: Settings, job: int) -> bool:
    """Put a dead job back among the due ones; False when it is not dead."""
    async with shell(settings) as ports:
        return await ports.queue.revive(job)
