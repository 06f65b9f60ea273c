"""Serves health, metrics and Slack's requests over HTTP beside a running bot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import SecretStr
from slack_sdk.signature import SignatureVerifier

from bot.app.wiring import Bot
from bot.clock import monotonic
from bot.settings import SlackAccess
from bot.web.health import Probe

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from bot.web.events import SlackOverHttp


@asynccontextmanager
async def serving(running: Bot, slack: SlackAccess, *, host: str, port: int) -> AsyncIterator[int]:
    """Serve health, metrics and, with a signing secret, Slack's requests; yields the port that was bound."""
    from bot.web.serving import serve  # noqa: PLC0415 - a server takes time that shell commands save

    ready = asyncio.Event()
    bound: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    probe = _probe(running)
    app = _http(running, slack, probe)
    server = asyncio.create_task(serve(app, host=host, port=port, ready=ready, bound=bound.set_result))
    began = asyncio.create_task(ready.wait())
    await asyncio.wait({server, began}, return_when=asyncio.FIRST_COMPLETED)
    began.cancel()
    if server.done():
        await server
    watching = asyncio.create_task(probe.watch(), name="health")
    try:
        yield bound.result()
    finally:
        for one in (server, watching):
            one.cancel()
            with suppress(asyncio.CancelledError):
                await one


def _probe(running: Bot) -> Probe:
    return Probe(
        backlog=lambda: running.ports.reads.backlog(now=running.ports.now()),
        slack=running.slack_health,
        heartbeat_age=lambda: timedelta(seconds=monotonic() - running.worker.heartbeat),
        now=running.ports.now,
        writable=running.database.check_writable,
    )


def _http(running: Bot, slack: SlackAccess, probe: Probe) -> "ASGIApp":
    from bot.web.app import build  # noqa: PLC0415 - as in `serving`

    return build(
        health=probe,
        open_incidents=running.ports.reads.open_by_severity,
        counters=running.counters,
        slack=_slack_over_http(running, slack.signing_secret) if slack.signing_secret else None,
    )


def _slack_over_http(running: Bot, secret: SecretStr) -> "SlackOverHttp":
    from bot.web.events import SlackOverHttp  # noqa: PLC0415 - as in `serving`

    verifier = SignatureVerifier(secret.get_secret_value())
    return SlackOverHttp(verify=verifier.is_valid, receive=running.surface.border.over_http)
