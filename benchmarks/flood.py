"""A Slack that does nothing but send messages and time their acks, so that it is not what is measured."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web
from slack_sdk.signature import SignatureVerifier

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105 - opens nothing
TEAM, APP = "T00000001", "A0WARROOM"
LINES = 128
"""Requests under way at saturation, over HTTP as over the socket."""


def message(number: int, channel: str) -> str:
    """Return the outer body of one message, as Slack writes it."""
    ts = f"{1790000000 + number // 1000}.{number % 1000:03d}100"
    event = {
        "type": "message", "channel": channel, "user": "U00000001", "ts": ts, "event_ts": ts, "team": TEAM,
        "text": f"message {number}: rows of the orders table since midnight", "channel_type": "channel",
        "client_msg_id": f"b5b1e2a0-0000-4000-8000-{number:012d}",
        "blocks": [{"type": "rich_text", "block_id": "x", "elements": []}],
    }  # fmt: skip
    authorization = {
        "enterprise_id": None, "team_id": TEAM, "user_id": "UBOT", "is_bot": True,
        "is_enterprise_install": False,
    }  # fmt: skip
    return json.dumps(
        {
            "token": "verification", "team_id": TEAM, "context_team_id": TEAM, "api_app_id": APP,
            "event": event, "type": "event_callback", "event_id": f"Ev{number}", "event_time": 1790000000,
            "authorizations": [authorization], "is_ext_shared_channel": False, "event_context": "ctx",
        }
    )  # fmt: skip


@dataclass(kw_only=True)
class Taken:
    """What one flood came to: seconds from sending to ack, each, and in all."""

    each: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Return the acks a second."""
        return len(self.each) / self.seconds


class BareSlack:
    """Enough of the Web API that an app starts, and the server's side of Socket Mode."""

    def __init__(self) -> None:
        """Wait for nobody yet."""
        self.connected = asyncio.Event()
        self.url = ""
        self._socket: web.WebSocketResponse | None = None
        self._acked: dict[str, asyncio.Future[None]] = {}

    async def call(self, request: web.Request) -> web.Response:
        """Answer any method as if it had worked."""
        method = request.match_info["method"]
        answer: dict[str, object] = {"ok": True, "channels": [], "members": [], "messages": []}
        if method == "auth.test":
            answer |= {"team_id": TEAM, "user_id": "UBOT", "bot_id": "BBOT", "url": "https://x.slack.com/"}
        if method == "apps.connections.open":
            answer["url"] = self.url.replace("http", "ws", 1) + "/link"
        return web.json_response(answer)

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        """Hold the connection, and note acks."""
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "connection_info": {"app_id": APP}})
        self._socket = socket
        self.connected.set()
        async for one in socket:
            if one.type is WSMsgType.TEXT:
                self._acked.pop(json.loads(one.data)["envelope_id"]).set_result(None)
        return socket

    async def send(self, number: int, body: str) -> None:
        """Send one envelope, and return when it is acked."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._acked[f"e{number}"] = done
        if self._socket:
            await self._socket.send_str(
                f'{{"envelope_id":"e{number}","payload":{body},"type":"events_api",'
                '"accepts_response_payload":false,"retry_attempt":0,"retry_reason":""}'
            )
        await done


@asynccontextmanager
async def bare_slack() -> AsyncIterator[BareSlack]:
    """Serve a bare Slack on loopback."""
    slack = BareSlack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.call)
    app.router.add_get("/link", slack.link)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield slack
    finally:
        await runner.cleanup()


@asynccontextmanager
async def posting(port: int) -> AsyncIterator[Callable[[bytes], Awaitable[None]]]:
    """Yield what posts a request over one of `LINES` kept-alive connections; it returns after a 200."""
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    writers = []
    for _ in range(LINES):
        reader, writer = await _connected(port)
        writers.append(writer)
        idle.put_nowait((reader, writer))

    async def post(request: bytes) -> None:
        reader, writer = await idle.get()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length or 0))
        idle.put_nowait((reader, writer))
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(head.decode())

    try:
        yield post
    finally:
        for writer in writers:
            writer.close()


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            # Another process rings no bell when it listens.
            await asyncio.sleep(0.02)


def signed(body: str) -> bytes:
    """Return a whole request."""
    raw, stamp = body.encode(), str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=raw)
    head = (
        "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: {signature}\r\n"
        f"Content-Length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


Send = Callable[[int], Awaitable[None]]
"""Sends the message of a number, and returns when it is acked."""


async def saturate(send: Send, numbers: range) -> Taken:
    """Keep `LINES` messages under way until all are acked."""
    taken, left = Taken(), iter(numbers)

    async def one() -> None:
        for number in left:
            began = time.perf_counter()
            await send(number)
            taken.each.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(LINES)))
    taken.seconds = time.perf_counter() - began
    return taken


async def pace(send: Send, numbers: range, *, per_second: int) -> Taken:
    """Send so many a second, whether the ones before are acked or not."""
    taken, began = Taken(), time.perf_counter()

    async def one(number: int) -> None:
        sent = time.perf_counter()
        await send(number)
        taken.each.append(time.perf_counter() - sent)

    async with asyncio.TaskGroup() as group:
        for at, number in enumerate(numbers):
            if (wait := began + at / per_second - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            group.create_task(one(number))
    taken.seconds = time.perf_counter() - began
    return taken
