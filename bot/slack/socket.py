"""Socket Mode: one connection kept alive, rebuilt when it is silent, its state told to whoever asks."""

import asyncio
import json
import logging
import re
from collections.abc import Callable
from datetime import datetime

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot import log
from bot.clock import monotonic, utc_now
from bot.slack.border import OK, Border, Reply
from bot.slack.models import Malformed, parsed

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


# What an envelope is acked by, where the rest of it cannot be read.
_ENVELOPE = re.compile(r'"envelope_id"\s*:\s*"([!#-\[\]-~]{1,255})"')


class _Line(SocketModeClient):
    """The SDK's connection: what arrives is handed on at once, not queued to be parsed a second time."""

    def __init__(
        self, take: Callable[["_Line", str], bool], *, token: str, client: AsyncWebClient, ping: float
    ) -> None:
        super().__init__(app_token=token, web_client=client, ping_interval=ping, logger=_quiet)
        self._take = take

    async def enqueue_message(self, message: str) -> None:
        """Hand an envelope on; what is the connection's own business stays with the SDK."""
        if not self._take(self, message):
            await super().enqueue_message(message)


class Socket:
    """Keeps one Socket Mode connection. ``connected`` is called each time it is newly established."""

    def __init__(
        self,
        border: Border,
        *,
        app_token: str,
        client: AsyncWebClient,
        connected: Callable[[], None],
        ping_every: float = PING_EVERY,
        clock: Callable[[], float] = monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Connect nothing yet; `run` does. ``clock`` and ``now`` are real time."""
        self._border = border
        self._token = app_token
        self._client = client
        self._connected = connected
        self._ping_every = ping_every
        self._socket: _Line | None = None
        self._clock, self._now = clock, now
        self._alive_at = clock()
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
        self._socket = _Line(self._take, token=self._token, client=self._client, ping=self._ping_every)
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await self._socket.connect_to_new_endpoint(force=True)
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError, AttributeError) as error:
            # The last is how the SDK trips over an answer that is no JSON.
            self._down(_reason(error))
            return False
        self._alive_at = self._clock()
        return True

    async def _watch(self) -> None:
        """Return when the connection has been silent for too long, or lost for good."""
        while self._socket and self._clock() - self._alive_at < SILENT_FOR:
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
            self._alive_at = max(self._alive_at, self._clock() - max(self._now().timestamp() - pong, 0.0))

    def _up(self) -> None:
        """Tell of each new session: something may have been missed before it."""
        session = self._socket.current_session if self._socket else None
        if session is not None and session is not self._session:
            self._session, self.since, self.problem = session, self._now(), None
            self.established.set()
            logger.info("socket mode is connected")
            self._connected()

    def _down(self, why: str) -> None:
        if self.since or self.problem != why:
            logger.warning("socket mode is not connected", why=why)
        self._session, self.since, self.problem = None, None, why

    def _take(self, line: _Line, message: str) -> bool:
        """Begin to answer an envelope; False where it is none, but the connection's own business."""
        self._alive_at = self._clock()
        try:
            found = parsed(message)
        except Malformed:
            torn = _ENVELOPE.search(message)
            found = {"envelope_id": torn.group(1)} if torn else None
        envelope = found if isinstance(found, dict) else {}
        name = envelope.get("envelope_id")
        if not isinstance(name, str):
            self._note_hello(envelope)
            return False
        task = asyncio.create_task(self._answer(line, name, envelope.get("payload")))
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)
        return True

    def _note_hello(self, message: dict[str, object]) -> None:
        """Learn from Slack's greeting which app this connection is for."""
        about = message.get("connection_info")
        app = about.get("app_id") if message.get("type") == "hello" and isinstance(about, dict) else None
        if isinstance(app, str):
            self._border.app = app

    async def _answer(self, line: _Line, envelope: str, payload: object) -> None:
        """Have an envelope answered; what is not acked is sent again by Slack."""
        try:
            reply = await self._border.take(payload)
            if reply.is_ack:
                await line.send_message(_ack(envelope, reply))
        except (ConnectionError, aiohttp.ClientError):
            logger.info("an ack was lost with its connection")
        except Exception:
            # The border of a request: it was not done, and comes again.
            logger.exception("an envelope could not be answered")

    async def _close(self) -> None:
        """Close, once the requests under way have had a moment to be acked."""
        if self._requests:
            await asyncio.wait(self._requests, timeout=ACKED_WITHIN)
        if self._socket:
            socket, self._socket = self._socket, None
            await socket.close()  # type: ignore[no-untyped-call]  # the SDK gives it no types


def _ack(envelope: str, reply: Reply) -> str:
    """Return the ack, with the answer where Slack expects one; a refusal is no answer."""
    answer = f',"payload":{reply.body}' if reply.body and reply.status == OK.status else ""
    return f'{{"envelope_id":{json.dumps(envelope)}{answer}}}'


def _reason(error: BaseException) -> str:
    """Return why connecting failed, in Slack's own word where it has one."""
    response = getattr(error, "response", None)
    if response is not None and hasattr(response, "get"):
        return f"Slack refuses the app token: {response.get('error')}"
    return f"Slack cannot be reached: {type(error).__name__}"
