"""Starts a bot, greets Slack, and stops it so that nothing is lost."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import aiohttp

from bot import log
from bot.app.database import opened
from bot.app.serving import serving
from bot.app.wiring import Bot, Now, wired
from bot.clock import utc_now
from bot.settings import Settings, SlackAccess
from bot.slack.client.calls import TIMEOUT
from bot.slack.socket import PING_EVERY
from bot.usecases.incident import catching_up, membership
from bot.usecases.policy import Policy
from bot.usecases.ports import OutsideError

logger = log.get(__name__)

GREETING_MOST = 30.0
"""Seconds between two attempts to learn from Slack who we are."""
STOP_TRIES, STOP_WITHIN = 5, 1.0
"""How often, and for how many seconds each, what runs beside the worker is told to stop."""
HEARING_MOST = 5.0
"""Seconds to wait for the socket before joining a channel all the same."""


@asynccontextmanager
async def bot(
    *,
    database_url: str,
    policy: Policy,
    slack: SlackAccess,
    now: Now = utc_now,
    pace: bool = True,
    ping_every: float = PING_EVERY,
) -> AsyncIterator[Bot]:
    """Run a bot until the context is left; then it finishes what is under way and gives the rest back."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(opened(database_url, create=True))
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=TIMEOUT))
        running = wired(database, session, policy=policy, slack=slack, now=now, pace=pace, ping=ping_every)
        tasks = await _started(running)
        try:
            yield running
        finally:
            await _stopped(running, tasks)


async def _started(running: Bot) -> list[asyncio.Task[None]]:
    # Before anything is heard or answered: who is in the private rooms may have changed while we were away.
    await membership.forget_after_gap(running.ports)
    await running.worker.start()
    await running.calendar.start()
    tasks = [asyncio.create_task(_greet(running), name="greeting")]
    if running.socket:
        tasks.append(asyncio.create_task(running.socket.run(), name="socket"))
    return tasks


async def _stopped(running: Bot, tasks: Collection[asyncio.Task[None]]) -> None:
    """Hear no more, write what was heard, answer what was asked, give the rest back."""
    for _ in range(STOP_TRIES):
        # More than once: a library that waits with a timeout may swallow a cancellation.
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=STOP_WITHIN) if tasks else (set(), set())
    await running.surface.drain()
    running.surface.responder.stop()
    await running.calendar.stop()
    await running.worker.stop()


async def _greet(running: Bot) -> None:
    """Learn who we are and join where incidents are announced; Slack may be away for a while."""
    wait = 0.5
    while True:
        try:
            await running.gateway.who()
            await _hearing(running)
            await running.gateway.incidents_channel()
        except OutsideError as failure:
            logger.warning("slack does not answer yet", why=str(failure))
            await asyncio.sleep(wait)
            wait = min(wait * 2, GREETING_MOST)
            continue
        running.greeted.set()
        if running.socket is None:
            running.surface.responder.soon(catching_up.enqueue_catch_up(running.ports))
        with suppress(OutsideError):
            await running.gateway.learn_people()
        return


async def _hearing(running: Bot) -> None:
    """Wait a moment for the socket: joining a channel makes an event that somebody should hear."""
    if running.socket:
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARING_MOST):
                await running.socket.established.wait()


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    slack = settings.require_slack()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, stop.set)
    url = settings.database_url.get_secret_value()
    async with (
        bot(database_url=url, policy=settings.policy, slack=slack) as running,
        serving(running, slack, host=settings.host, port=settings.port) as port,
    ):
        # What was made until now stays, and the collector never looks at it: this is what shortens the tail.
        # Looking once more before would take a tenth of the start, and what it finds weighs nothing.
        gc.freeze()
        gc.enable()
        logger.info("ready", host=settings.host, port=port, slack="socket" if running.socket else "http")
        await stop.wait()
        logger.info("stopping")
