"""The sandbox itself: one HTTP server on loopback that is Slack to the app.

And the people who look and act inside.
"""

import asyncio
import errno
import json
import secrets
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from bot.sandbox.api import Api
from bot.sandbox.clock import MovableClock
from bot.sandbox.delivery import Courier, SignedHttp, SocketMode
from bot.sandbox.faults import HTML, Drop, Fault, Faults
from bot.sandbox.gate import gate
from bot.sandbox.journal import Call, Delivery, Feed, Journal, Signal
from bot.sandbox.kept import Keeper
from bot.sandbox.manifest import Manifest
from bot.sandbox.methods import TABLE
from bot.sandbox.payloads import Payloads
from bot.sandbox.people import Person
from bot.sandbox.render import Screen
from bot.sandbox.state import Change, User
from bot.sandbox.wire import Json, SlackError
from bot.sandbox.workspace import Workspace

HOST = "127.0.0.1"
LIMIT = 4 * 1024 * 1024
SHORT = 160
"""How much of a call's arguments a failing test prints."""


@lru_cache(maxsize=8)
def _manifest(path: Path, _changed: int) -> Manifest:
    return Manifest.read(path)


class PortTaken(OSError):  # noqa: N818 - what it is, not what kind of thing
    """Another program listens at the port."""

    def __init__(self, port: int) -> None:
        """Name the port."""
        super().__init__(f"port {port} is taken")
        self.port = port


class Sandbox:
    """A Slack of our own; use it as an async context manager.

    ``delivery`` is ``"socket"`` or the app's events URL. The clock is business time (``ts``, response URLs,
    retries of events); acks, triggers and rate limits run on real time.
    """

    def __init__(
        self, manifest: Path | Manifest, *, clock: MovableClock | None = None, port: int = 0,
        delivery: str = "socket",
        ack_timeout: float = 3.0, retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0),
        channels: tuple[str, ...] = ("general",),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """Prepare a workspace for the app of this manifest; nothing listens before the context is entered.

        All four people are in its ``channels``.
        """
        if isinstance(manifest, Path):
            manifest = _manifest(manifest, manifest.stat().st_mtime_ns)
        self.manifest = manifest
        self.clock = clock or MovableClock()
        self.workspace = Workspace(clock=self.clock, bot_name=self.manifest.bot_name, monotonic=monotonic)
        self._channels = channels
        self._keeper: Keeper | None = None
        self.workspace.seed(channels)
        self.journal, self.signal = Journal(), Signal()
        self.faults = Faults(monotonic=monotonic)
        self.screen = Screen(self.workspace)
        self.payloads = Payloads(self.workspace, self.manifest)
        self.api = Api(self.workspace, self.manifest, TABLE)
        self.signing_secret = secrets.token_hex(16)
        self.sockets = SocketMode(self.faults, ack_timeout=ack_timeout)
        line = self.sockets if delivery == "socket" else self.http(delivery, ack_timeout=ack_timeout)
        self.courier = Courier(
            line, faults=self.faults, journal=self.journal, clock=self.clock, retry_delays=retry_delays
        )
        self._port = port
        self._people: dict[str, Person] = {}
        self._feed: Feed[Change | Call | Delivery] = Feed()
        self._runner: web.AppRunner | None = None
        self._calls = 0
        self._routes: list[web.RouteDef] = []
        self._wire()

    def _wire(self) -> None:
        self.workspace.ground.watchers.append(self._changed)
        self.journal.watchers.append(self._written)
        self.faults.on_drop, self.faults.on_refresh = self.sockets.drop, self.sockets.refresh
        self.faults.on_change = self.courier.on_done = self.signal.notify

    def http(self, url: str, *, ack_timeout: float = 3.0) -> SignedHttp:
        """Return a line that posts signed requests to an events URL."""
        return SignedHttp(url, self.faults, signing_secret=self.signing_secret, ack_timeout=ack_timeout)

    # Its addresses and keys

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self._port}"

    @property
    def api_url(self) -> str:
        """The base of the Web API, for ``AsyncWebClient(base_url=...)``."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        """The bot's token."""
        return self.api.bot_token

    @property
    def app_token(self) -> str:
        """The app's token, for Socket Mode."""
        return self.api.app_token

    @property
    def bot_user(self) -> User:
        """The bot's user."""
        return self.workspace.bot

    @property
    def connected(self) -> int:
        """How many Socket Mode connections there are."""
        return len(self.sockets.connections)

    # Its life

    def keep_in(self, path: Path) -> None:
        """Keep the workspace in a file, and go on from what was kept there; to be said before it starts."""
        self._keeper = Keeper(self.workspace, path, saved=self.signal.notify)
        self._keeper.load()

    def serve_also(self, *routes: web.RouteDef) -> None:
        """Add routes before it starts, such as a page that shows the workspace."""
        self._routes.extend(routes)

    async def __aenter__(self) -> Self:
        """Listen on loopback."""
        app = web.Application(client_max_size=LIMIT, middlewares=[gate])
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/link/", self.sockets.serve)
        app.router.add_post("/response/{id}", self._respond)
        app.add_routes(self._routes)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.05)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self._port).start()
        except OSError as failed:
            await self._runner.cleanup()
            if failed.errno == errno.EADDRINUSE:
                raise PortTaken(self._port) from failed
            raise
        self._port = self._runner.addresses[0][1]
        self.payloads.at(self.url)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        """Stop delivering, cut what is connected, free the port."""
        if self._keeper is not None:
            self._keeper.close()
        self._feed.end()
        self.faults.release()
        await self.courier.close()
        await self.sockets.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # Who is in it

    def person(self, name: str) -> Person:
        """Return a person who can look and act, by name or id; an unknown one is a KeyError."""
        user = self.workspace.person(name)
        return self._people.setdefault(user.id, Person(self, user))

    def add_person(
        self,
        name: str,
        *,
        channels: tuple[str, ...] | None = None,
        **about: Any,
    ) -> Person:
        """Add somebody (``real_name``, ``email``, ``tz``, ``is_admin``), by default where all others are."""
        rooms = self._channels if channels is None else channels
        return self.person(self.workspace.add_person(name, channels=rooms, **about).id)

    # What happens in it

    def _changed(self, change: Change) -> None:
        if self.payloads.wanted(change) and change.event is not None:
            self.courier.event(str(change.event["type"]), self.payloads.event(change.event))
        self._feed.give(change)
        self.signal.notify()

    def _written(self, entry: Call | Delivery) -> None:
        self._feed.give(entry)
        self.signal.notify()

    def changes(self) -> AsyncIterator[Change | Call | Delivery]:
        """Yield every change of the workspace, call and delivery from now on.

        A call or delivery also as it goes on.
        """
        return self._feed.items()

    async def until(self, predicate: Callable[[], Any], timeout: float = 5.0, *, what: str = "") -> Any:  # noqa: ASYNC109
        """Return the predicate's first true value, looked at again at every change.

        After ``timeout`` real seconds in vain an AssertionError shows what there was instead.
        """
        value = await self.signal.until(predicate, timeout=timeout)
        if value is None:
            message = f"waited {timeout} s for {what or 'something'} in vain.\n{self.describe()}"
            raise AssertionError(message)
        return value

    async def connection(self, count: int = 1, *, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Return once the app has this many Socket Mode connections."""
        await self.until(lambda: self.connected >= count, timeout, what=f"{count} socket connections")

    async def settled(self, *, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Return once no event is under way or waits for a retry."""
        await self.until(lambda: self.courier.idle, timeout, what="all events to be acknowledged")

    def describe(self, *, last: int = 12) -> str:
        """Return what is on every screen, and the last calls and deliveries.

        For failing tests and transcripts.
        """
        rooms = [
            self._room(each.id)
            for each in self.workspace.channels.all.values()
            if each.messages or each.ephemerals
        ]
        modals = [
            f"before {self.screen.name(owner)}: {self.screen.view(stack[-1])}"
            for owner, stack in self.workspace.views.stacks.items()
            if stack
        ]
        calls = [
            f"{each.method} {_short(each.args)} -> {each.error or each.status}"
            for each in self.journal.calls[-last:]
        ]
        heard = [
            f"{each.kind} {', '.join(tried.outcome for tried in each.attempts)} {_short(each.ack)}"
            for each in self.journal.deliveries[-last:]
        ]
        return "\n".join([*rooms, *modals, "-- calls", *calls, "-- deliveries", *heard])

    def _room(self, channel: str) -> str:
        room = self.workspace.channels.all[channel]
        lines = sorted([*room.messages.values(), *room.ephemerals], key=lambda each: each.ts)
        return "\n".join([f"# {room.name or room.id}", *(self.screen.message(each) for each in lines)])

    # What the app asks of it

    async def _call(self, request: web.Request) -> web.StreamResponse:
        args, token = await _arguments(request)
        return await self._troubled(
            request, request.match_info["method"], args, lambda entry: self._answer(entry, args, token)
        )

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        body, url = await _body(request), request.match_info["id"]
        return await self._troubled(
            request, "response_url", body, lambda entry: self._responded(entry, url, body)
        )

    async def _troubled(
        self, request: web.Request, method: str, args: Json, answer: Callable[[Call], web.Response]
    ) -> web.StreamResponse:
        """Answer a call, or let happen to it what was switched on."""
        self._calls += 1
        started = time.monotonic()
        entry = Call(number=self._calls, method=method, args=args, at=self.clock.now(), monotonic=started)
        self.journal.opened(entry)
        trouble = self.faults.trouble(method)
        if trouble.latency:
            await asyncio.sleep(trouble.latency)
        if trouble.drop is Drop.BEFORE:
            entry.error = "connection_cut"
            reply = web.Response()
        else:
            reply = answer(entry) if trouble.status is None else self._trouble(entry, trouble)
        entry.reached, entry.seconds = trouble.drop is None, time.monotonic() - started
        self.journal.changed(entry)
        if trouble.drop is not None and request.transport is not None:
            request.transport.abort()
        return reply

    def _answer(self, entry: Call, args: Json, token: str | None) -> web.Response:
        method = TABLE.get(entry.method)
        channel = str(args.get("channel", ""))
        wait = self.faults.over_tier(entry.method, method.tier if method else "t3", channel)
        if wait is not None:
            return _limited(entry, str(wait))
        try:
            result = self.api.run(entry.method, args, token)
        except SlackError as refused:
            entry.error, entry.result, entry.status = refused.code, refused.reply(), 200
            return self._json(refused.reply())
        if entry.method == "apps.connections.open":
            result["url"] = self._ticket()
        entry.ok, entry.status = True, 200
        entry.result = {**result, "url": "(redacted)"} if entry.method == "apps.connections.open" else result
        return self._json(result)

    def _ticket(self) -> str:
        ticket = secrets.token_urlsafe(16)
        self.sockets.tickets.add(ticket)
        return f"ws://{HOST}:{self._port}/link/?ticket={ticket}&app_id={self.workspace.ground.app}"

    def _json(self, body: Json) -> web.Response:
        return web.json_response(body, headers={"x-oauth-scopes": self.api.granted})

    def _trouble(self, entry: Call, trouble: Fault) -> web.Response:
        if trouble.status == HTTPStatus.TOO_MANY_REQUESTS:
            return _limited(entry, trouble.retry_after)
        entry.status = trouble.status or 200
        entry.error = trouble.error or f"http_{entry.status}{'_html' if trouble.html else ''}"
        if trouble.html:
            return web.Response(status=entry.status, text=HTML, content_type="text/html")
        return self._json({"ok": False, "error": entry.error})

    def _responded(self, entry: Call, url: str, body: Json) -> web.Response:
        try:
            self.workspace.urls.use(url, body)
        except SlackError as refused:
            entry.error, entry.status = refused.code, 404
            return web.json_response(refused.reply(), status=404 if refused.code.endswith("_url") else 400)
        entry.ok, entry.status = True, 200
        return web.Response(text="ok")


def _limited(entry: Call, retry_after: str | None) -> web.Response:
    entry.status, entry.error, entry.retry_after = 429, "ratelimited", retry_after
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


def _short(value: object) -> str:
    text = json.dumps(value, default=str)
    return textwrap.shorten(text, SHORT, placeholder="...")


async def _body(request: web.Request) -> Json:
    if request.content_type == "application/json":
        try:
            raw = json.loads(await request.text() or "{}")
        except ValueError:
            return {}
        return raw if isinstance(raw, dict) else {}
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


async def _arguments(request: web.Request) -> tuple[Json, str | None]:
    args: Json = {**request.query, **(await _body(request))}
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    given = args.pop("token", None)
    return args, bearer if scheme.lower() == "bearer" and bearer else given
