"""What stands between the network and the app: bounded bodies, bounded work, errors told once."""

import asyncio
from collections import deque
from datetime import timedelta
from uuid import uuid4

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import log

BODY_MAX = 1024 * 1024
"""The most bytes of a body as they come over the wire. Slack's own stay far below; nothing is unpacked."""
LENGTH_DIGITS = 12
"""The most digits of a Content-Length that are worth converting."""
BODY_WITHIN = timedelta(seconds=10)
AT_ONCE = 256
"""The most requests under way, each of which holds a body in memory."""

_log = log.get(__name__)


def refusal(status: int, why: str) -> JSONResponse:
    """Return an answer that says in one sentence why not."""
    return JSONResponse({"error": why}, status_code=status)


class BoundedBody:
    """Reads each body before the app sees it, so that none is larger or slower than it may be."""

    def __init__(self, app: ASGIApp, *, most: int = BODY_MAX, within: timedelta = BODY_WITHIN) -> None:
        """Keep the app and the bounds: bytes, and real time until the last of them."""
        self._app = app
        self._most = most
        self._within = within

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 400, 408 or 413 in the app's place, or hand it the body that was read."""
        refused = self._announced(scope)
        read: deque[Message] = deque()
        if refused is None:
            try:
                async with asyncio.timeout(self._within.total_seconds()):
                    refused = await self._read(receive, read)
            except TimeoutError:
                refused = refusal(408, "The body took too long to arrive.")
        if refused is not None:
            await refused(scope, receive, send)
            return

        async def replay() -> Message:
            return read.popleft() if read else await receive()

        await self._app(scope, replay, send)

    def _announced(self, scope: Scope) -> JSONResponse | None:
        """Refuse by what the headers say, before a byte is read."""
        for name, value in scope["headers"]:
            if name.lower() == b"content-length":
                if not value.isdigit():
                    return refusal(400, "Content-Length is not a number.")
                if len(value) > LENGTH_DIGITS or int(value) > self._most:
                    return self._too_large()
        return None

    async def _read(self, receive: Receive, read: deque[Message]) -> JSONResponse | None:
        size = 0
        while True:
            message = await receive()
            read.append(message)
            size += len(message.get("body", b""))
            if size > self._most:
                return self._too_large()
            if message["type"] != "http.request" or not message.get("more_body", False):
                return None

    def _too_large(self) -> JSONResponse:
        return refusal(413, f"The body is larger than {self._most} bytes.")


class BoundedWork:
    """Lets only so many requests be under way; the one address that says how things stand always is."""

    def __init__(self, app: ASGIApp, *, always: str, most: int = AT_ONCE) -> None:
        """Keep the app, the address that is never refused, and the bound."""
        self._app = app
        self._always = always
        self._most = most
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 503 in the app's place where it has enough to do."""
        if scope["path"] == self._always:
            await self._app(scope, receive, send)
            return
        if self._under_way >= self._most:
            refused = refusal(503, "There are too many requests at once; try again in a moment.")
            refused.headers["Retry-After"] = "1"
            await refused(scope, receive, send)
            return
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1


class RequestBorder:
    """Where an unexpected error of a request ends: logged once, told as a reference."""

    def __init__(self, app: ASGIApp) -> None:
        """Keep the app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 500 with a reference where the app raised, unless it has begun to answer."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:  # noqa: BLE001 - the border of a request
            reference = uuid4().hex[:8]
            _log.exception("request_failed", reference=reference, method=scope["method"], path=scope["path"])
            if not begun:
                told = JSONResponse(
                    {"error": f"Something went wrong, reference {reference}.", "reference": reference},
                    status_code=500,
                )
                await told(scope, receive, send)
