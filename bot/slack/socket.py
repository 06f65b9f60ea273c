"""Socket Mode: one connection kept alive, rebuilt when it is silent, its state told to whoever asks."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot import log

logger = log.get(__name__)

SILENT_FOR = 30.0
"""Seconds without a sign of life after which client and session are rebuilt."""
PING_EVERY = 5.0
"""Seconds between two pings: enough of them fit into `SILENT_FOR` that one lost answer rebuilds nothing."""
LOOK_EVERY = 1.0
RETRY_FIRST, RETRY_MOST = 0.5, 30.0
"""Seconds between two attempts to connect: the first, doubled up to the most."""
OPEN_WITHIN = 15.0
"""Seconds in which a connection has to be open; Slack opens one in well under a second."""
ACKED_WITHIN = 3.0
"""Seconds that requests under way have at the end: Slack waits no longer for an ack."""

# The SDK logs every failed attempt with a traceback; what matters of it is said here, once.
_quiet = logging.getLogger("warroom.socket")
_quiet.setLevel(logging.CRITICAL)


class Socket:
    """Keeps one Socket Mode connection. ``connected`` is called each time it is newly established."""

    def __init__(
        self,
        app: AsyncApp,
        *,
        app_token: str,
        client: AsyncWebClient,
        connected: Callable[[], None],
        ping_every: float = PING_EVERY,
    ) -> None:
        """Connect nothing yet; `run` does."""
        self._app = app
        self._token = app_token
        self._client = client
        self._connected = connected
        self._ping_every = ping_every
        self._socket: SocketModeClient | None = None
        self._alive_at = time.monotonic()
        self._session: object = None
        self._requests: set[asyncio.Task[None]] = set()
        self.since: datetime | None = None
        self.problem: str | None = "not connected yet"
        self.established = asyncio.Event()

    async def run(self) -> None:
        """Keep connected until cancelled: connect, watch, rebuild."""
        wait = RETRY_FIRST
        while True:
            try:
                if await self._one_connection():
                    wait = RETRY_FIRST
            except Exception:
                # The border of the process: a bot that no longer listens would look alive.
                logger.exception("socket mode failed")
                self._down("the connection failed unexpectedly; rebuilding")
            await asyncio.sleep(wait)
            wait = min(wait * 2, RETRY_MOST)

    async def _one_connection(self) -> bool:
        """Return once a connection is lost and closed: whether there ever was one."""
        try:
            connected = await self._connect()
            if connected:
                await self._watch()
            return connected
        finally:
            await self._close()

    async def _connect(self) -> bool:
        self._socket = SocketModeClient(
            app_token=self._token,
            web_client=self._client,
            ping_interval=self._ping_every,
            logger=_quiet,
            on_message_listeners=[self._heard],
        )
        self._socket.socket_mode_request_listeners.append(self._request)
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await self._socket.connect_to_new_endpoint(force=True)
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError, AttributeError) as error:
            # The last is how the SDK trips over an answer that is no JSON.
            self._down(_reason(error))
            return False
        self._alive_at = time.monotonic()
        return True

    async def _watch(self) -> None:
        """Return when the connection has been silent for too long, or lost for good."""
        while self._socket and time.monotonic() - self._alive_at < SILENT_FOR:
            if await self._socket.is_connected():
                self._up()
                self._note_pong()
            elif self.since:
                self._down("the socket was closed; reconnecting")
            await asyncio.sleep(LOOK_EVERY)
        self._down(f"silent for {SILENT_FOR:.0f} s; rebuilding")

    def _note_pong(self) -> None:
        """Take the answer to our ping for a sign of life: a quiet night has no messages."""
        pong = self._socket.last_ping_pong_time if self._socket else None
        if pong is not None:
            self._alive_at = max(self._alive_at, time.monotonic() - max(time.time() - pong, 0.0))

    def _up(self) -> None:
        """Tell of each new session: something may have been missed before it."""
        session = self._socket.current_session if self._socket else None
        if session is not None and session is not self._session:
            self._session, self.since, self.problem = session, datetime.now(UTC), None
            self.established.set()
            logger.info("socket mode is connected")
            self._connected()

    def _down(self, why: str) -> None:
        if self.since or self.problem != why:
            logger.warning("socket mode is not connected", why=why)
        self._session, self.since, self.problem = None, None, why

    async def _heard(self, message: aiohttp.WSMessage) -> None:
        del message
        self._alive_at = time.monotonic()

    async def _request(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Hand a request to the app and send its answer; what is not acked is sent again by Slack."""
        task = asyncio.current_task()
        if task:
            self._requests.add(task)
            task.add_done_callback(self._requests.discard)
        response = await run_async_bolt_app(self._app, request)
        await send_async_response(client, request, response, time.time())

    async def _close(self) -> None:
        """Close, once the requests under way have had a moment to be acked."""
        if self._requests:
            await asyncio.wait(self._requests, timeout=ACKED_WITHIN)
        if self._socket:
            socket, self._socket = self._socket, None
            await socket.close()  # type: ignore[no-untyped-call]  # the SDK gives it no types


def _reason(error: BaseException) -> str:
    """Return why connecting failed, in Slack's own word where it has one."""
    response = getattr(error, "response", None)
    if response is not None and hasattr(response, "get"):
        return f"Slack refuses the app token: {response.get('error')}"
    return f"Slack cannot be reached: {type(error).__name__}"
