"""A Bolt app that does nothing with messages, to measure beside: ``python -m benchmarks.noop http|socket``.

As its documentation says to build it, on the same loop, parser and server as ours. Prints its port.
"""

import logging
import os
import sys

import aiohttp
import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from bot.cli.border import await_


async def _authorize() -> AuthorizeResult:
    token = os.environ["SLACK_BOT_TOKEN"]
    return AuthorizeResult(
        enterprise_id=None, team_id="T00000001", bot_user_id="UBOT", bot_id="BBOT", bot_token=token
    )


async def _nothing() -> None:
    return


def _app(client: AsyncWebClient) -> AsyncApp:
    secret = os.environ["SLACK_SIGNING_SECRET"]
    app = AsyncApp(client=client, signing_secret=secret, authorize=_authorize)
    app.event("message")(_nothing)
    return app


async def _over_http(app: AsyncApp) -> None:
    handler = AsyncSlackRequestHandler(app)

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        response = await handler.handle(Request(scope, receive))
        await response(scope, receive, send)

    config = uvicorn.Config(
        asgi, port=int(os.environ["WARROOM_PORT"]), lifespan="off", access_log=False, log_level="warning"
    )
    await uvicorn.Server(config).serve()


async def main(transport: str) -> None:
    """Serve until killed."""
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"], session=session
        )
        app = _app(client)
        if transport == "http":
            await _over_http(app)
        else:
            await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start_async()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    await_(main(sys.argv[1]), serving=True)
