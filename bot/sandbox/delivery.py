"""How the app hears: Socket Mode or signed HTTP, with Slack's three seconds and its retries."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bot.sandbox.clock import MovableClock
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Attempt, Delivery, Journal
from bot.sandbox.wire import Json

CONNECTIONS = 10
EVENT, COMMAND, INTERACTIVE = "events_api", "slash_commands", "interactive"


@dataclass(frozen=True, kw_only=True)
class Ack:
    """How the app answered: ``acked``, ``timeout``, ``connection_failed`` or ``http_error``.

    And what it said.
    """

    outcome: str
    payload: Json | None = None
    retry: bool = True

    @property
    def ok(self) -> bool:
        """Whether the app took it."""
        return self.outcome == "acked"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One sending of one delivery."""

    id: str
    type: str
    payload: Json
    attempt: int = 0
    reason: str = ""


@dataclass(eq=False, kw_only=True)
class Connection:
    """One Socket Mode connection, and the envelopes that wait for an ack over it."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    waiting: dict[str, "asyncio.Future[Ack]"] = field(default_factory=dict)

    def gone(self) -> None:
        """Fail what was waiting: nobody will answer now."""
        for future in self.waiting.values():
            if not future.done():
                future.set_result(Ack(outcome="connection_failed"))


class SocketMode:
    """The server's side of Socket Mode: up to ten connections, each payload to one of them in turn."""

    def __init__(self, faults: Faults, *, ack_timeout: float) -> None:
        """Start without connections; an ack is waited for ``ack_timeout`` seconds of real time."""
        self.faults = faults
        self.ack_timeout = ack_timeout
        self.connections: list[Connection] = []
        self.tickets: set[str] = set()
        self._turn = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection until it ends."""
        ticket = request.query.get("ticket", "")
        if self.faults.down or ticket not in self.tickets or len(self.connections) >= CONNECTIONS:
            return web.Response(status=403)
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False, timeout=0.2)
        await socket.prepare(request)
        connection = Connection(socket=socket, transport=request.transport)
        if not self.faults.sockets.half_open:
            await socket.send_json(self._hello())
        self.connections.append(connection)
        self._told()
        try:
            async for message in socket:
                await self._heard(connection, message)
        finally:
            if connection in self.connections:
                self.connections.remove(connection)
            connection.gone()
            self._told()
        return socket

    def _hello(self) -> Json:
        return {
            "type": "hello", "num_connections": len(self.connections) + 1,
            "connection_info": {"app_id": "A0SANDBOX"},
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
        }  # fmt: skip

    def _told(self) -> None:
        if self.faults.on_change:
            self.faults.on_change()

    async def _heard(self, connection: Connection, message: aiohttp.WSMessage) -> None:
        if self.faults.sockets.half_open:
            return
        if message.type is aiohttp.WSMsgType.PING:
            await connection.socket.pong(message.data)
        elif message.type is aiohttp.WSMsgType.TEXT:
            body = json.loads(message.data)
            future = connection.waiting.pop(body.get("envelope_id", ""), None)
            if future is not None and not future.done():
                future.set_result(Ack(outcome="acked", payload=body.get("payload")))

    async def send(self, envelope: Envelope) -> Ack:
        """Send to the next connection and return its ack."""
        if self.faults.down or not self.connections:
            return Ack(outcome="connection_failed")
        self._turn += 1
        connection = self.connections[self._turn % len(self.connections)]
        future: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope.id] = future
        try:
            if not self.faults.sockets.half_open:
                await connection.socket.send_json(_wrapped(envelope))
            return await asyncio.wait_for(future, self.ack_timeout)
        except TimeoutError:
            return Ack(outcome="timeout")
        except ConnectionError:
            return Ack(outcome="connection_failed")
        finally:
            connection.waiting.pop(envelope.id, None)

    async def drop(self) -> None:
        """Cut every connection without a goodbye."""
        for each in tuple(self.connections):
            self.connections.remove(each)
            each.gone()
            if each.transport is not None:
                each.transport.abort()

    async def refresh(self) -> None:
        """Ask every client to reconnect, then close its old connection."""
        for each in tuple(self.connections):
            self.connections.remove(each)
            await each.socket.send_json(
                {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "sandbox"}}
            )

    async def close(self) -> None:
        """End every connection politely."""
        for each in tuple(self.connections):
            each.gone()
            await each.socket.close()


def _wrapped(envelope: Envelope) -> Json:
    body: Json = {
        "envelope_id": envelope.id, "type": envelope.type, "payload": envelope.payload,
        "accepts_response_payload": envelope.type != EVENT,
    }  # fmt: skip
    if envelope.type == EVENT:
        body |= {"retry_attempt": envelope.attempt, "retry_reason": envelope.reason}
    return body


class SignedHttp:
    """Delivery to a request URL, signed as Slack signs."""

    def __init__(self, url: str, faults: Faults, *, signing_secret: str, ack_timeout: float) -> None:
        """Post to this URL."""
        self.url = url
        self.faults = faults
        self.secret = signing_secret
        self.ack_timeout = ack_timeout
        self._session: aiohttp.ClientSession | None = None

    async def send(self, envelope: Envelope) -> Ack:
        """Post one delivery and return how it was answered."""
        if self.faults.down:
            return Ack(outcome="connection_failed")
        kind, body = self._body(envelope)
        headers = {"Content-Type": kind, **self.signed(body)}
        if envelope.attempt:
            headers |= {"X-Slack-Retry-Num": str(envelope.attempt), "X-Slack-Retry-Reason": envelope.reason}
        if self._session is None:
            self._session = aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=self.ack_timeout)
        try:
            async with self._session.post(self.url, data=body, headers=headers, timeout=limit) as reply:
                return _answered(reply.status, reply.headers.get("X-Slack-No-Retry"), await reply.text())
        except TimeoutError:
            return Ack(outcome="timeout")
        except aiohttp.ClientError:
            return Ack(outcome="connection_failed")

    def signed(self, body: bytes, *, at: int | None = None) -> dict[str, str]:
        """Return the headers that prove a body came from Slack at this epoch second (real time)."""
        stamp = str(at if at is not None else int(time.time()))
        digest = hmac.new(
            self.secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256
        ).hexdigest()
        return {"X-Slack-Signature": f"v0={digest}", "X-Slack-Request-Timestamp": stamp}

    def _body(self, envelope: Envelope) -> tuple[str, bytes]:
        if envelope.type == EVENT:
            return "application/json", json.dumps(envelope.payload).encode()
        fields = envelope.payload if envelope.type == COMMAND else {"payload": json.dumps(envelope.payload)}
        return "application/x-www-form-urlencoded", urlencode(fields).encode()

    async def verify(self) -> bool:
        """Return whether the URL answers Slack's challenge, as the app's settings page asks of it."""
        challenge = {"type": "url_verification", "token": "verification", "challenge": "sandbox-challenge"}
        ack = await self.send(Envelope(id="", type=EVENT, payload=challenge))
        said = ack.payload or {}
        return ack.ok and "sandbox-challenge" in (said.get("challenge"), said.get("text"))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def _answered(status: int, no_retry: str | None, text: str) -> Ack:
    if status != HTTPStatus.OK:
        return Ack(outcome="http_error", retry=no_retry != "1")
    try:
        payload = json.loads(text) if text else None
    except ValueError:
        payload = {"text": text}
    return Ack(outcome="acked", payload=payload if isinstance(payload, dict) else None)


class Courier:
    """Brings events, commands and interactions to the app and writes down how it went."""

    def __init__(
        self, line: SocketMode | SignedHttp, *, faults: Faults, journal: Journal, clock: MovableClock,
        retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0),
    ) -> None:  # fmt: skip
        """Deliver over this line.

        Retry delays are seconds of the business clock, so a move of it brings them on.
        """
        self.line = line
        self.faults = faults
        self.journal = journal
        self.clock = clock
        self.retry_delays = retry_delays
        self.on_done: Callable[[], None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ids = 0

    async def ask(self, kind: str, type_: str, payload: Json) -> Ack:
        """Deliver something a person waits for: one try, and the first answer counts."""
        delivery = self._noted(kind, payload)
        copies = self.faults.copies()
        await self._held()
        for _ in range(copies - 1):
            self._spawn(self._extra(delivery, type_, payload))
        return await self._try(delivery, type_, payload, 0, "")

    def event(self, kind: str, payload: Json) -> None:
        """Deliver an event in the background, with Slack's retries until it is acknowledged."""
        delivery = self._noted(kind, payload)
        for _ in range(self.faults.copies()):
            self._spawn(self._event(delivery, payload))

    async def _event(self, delivery: Delivery, payload: Json) -> None:
        await self._held()
        ack = await self._try(delivery, EVENT, payload, 0, "")
        for number, delay in enumerate(self.retry_delays, start=1):
            if ack.ok or not ack.retry:
                return
            await self.clock.sleep(delay)
            await self._held()
            ack = await self._try(delivery, EVENT, payload, number, ack.outcome)

    async def _extra(self, delivery: Delivery, type_: str, payload: Json) -> None:
        await self._try(delivery, type_, payload, 0, "")

    async def _held(self) -> None:
        await self.faults.flowing.wait()
        if self.faults.sockets.delay:
            await asyncio.sleep(self.faults.sockets.delay)

    def _noted(self, kind: str, payload: Json) -> Delivery:
        delivery = Delivery(
            number=len(self.journal.deliveries) + 1, kind=kind, payload=payload, at=self.clock.now()
        )
        self.journal.opened(delivery)
        return delivery

    async def _try(self, delivery: Delivery, type_: str, payload: Json, number: int, reason: str) -> Ack:
        attempt = Attempt(at=self.clock.now(), number=number, reason=reason or None)
        delivery.attempts.append(attempt)
        self._ids += 1
        started = time.monotonic()
        ack = await self.line.send(
            Envelope(id=f"envelope-{self._ids}", type=type_, payload=payload, attempt=number, reason=reason)
        )
        attempt.outcome, attempt.seconds = ack.outcome, time.monotonic() - started
        if ack.ok and delivery.ack is None:
            delivery.ack = ack.payload or {}
        self.journal.changed(delivery)
        return ack

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self.on_done:
            self.on_done()

    @property
    def idle(self) -> bool:
        """Whether no delivery is under way or waits for a retry."""
        return not self._tasks

    async def close(self) -> None:
        """Stop all deliveries."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.line.close()
