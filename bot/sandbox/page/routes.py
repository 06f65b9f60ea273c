"""The page's addresses: what is looked at, done and pushed; on loopback, for its own pages alone."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from importlib.resources import files

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from bot.sandbox.elements import NotThere
from bot.sandbox.page.actions import Actions
from bot.sandbox.page.completion import completion
from bot.sandbox.page.draw import Drawing
from bot.sandbox.page.extension import Extension, Form, Outcome, Trouble
from bot.sandbox.page.live import Live
from bot.sandbox.page.session import ACTING, HEADER, Sessions
from bot.sandbox.page.where import Scene
from bot.sandbox.page.words import sentence
from bot.sandbox.server import Sandbox
from bot.sandbox.wire import SlackError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STATIC = {"style.css": "text/css", "page.js": "text/javascript", "htmx.min.js": "text/javascript"}


def mount(slack: Sandbox, extension: Extension | None = None) -> None:
    """Put the page on a sandbox that has not started yet, with what is added to it."""
    slack.serve_also(*Page(slack, extension or Extension()).routes())


class Page:
    """The page of one workspace."""

    def __init__(self, slack: Sandbox, extension: Extension) -> None:
        """Show a workspace."""
        self._slack = slack
        self._sessions = Sessions()
        self._drawing = Drawing(extension)
        self._live = Live(slack, self._drawing, boot=self._sessions.boot)
        self._actions = Actions(drawing=self._drawing).table()

    def routes(self) -> Sequence[web.RouteDef]:
        """Return all addresses."""
        looked: dict[str, Handler] = {
            "/": self._page, "/page/app": self._app, "/page/older": self._older, "/page/panel": self._panel,
            "/page/complete": self._complete, "/page/live": self._live.stream,
            "/page/static/{name}": self._static,
        }  # fmt: skip
        done: dict[str, Handler] = {"/page/click": self._click, "/page/do/{action}": self._do}
        return [
            *(web.get(path, _guarded(handler)) for path, handler in looked.items()),
            *(web.post(path, _guarded(handler)) for path, handler in done.items()),
        ]

    # What is looked at

    async def _page(self, request: web.Request) -> web.Response:
        cookie = self._sessions.cookie(request)
        scene = Scene.of(self._slack, request.query)
        html = self._drawing.page(
            scene, token=self._sessions.token(cookie), boot=self._sessions.boot, number=self._live.number
        )
        response = _html(html)
        self._sessions.keep(response, cookie)
        return response

    async def _app(self, request: web.Request) -> web.Response:
        return _html(self._drawing.app(Scene.of(self._slack, request.query), number=self._live.number))

    async def _older(self, request: web.Request) -> web.Response:
        scene = Scene.of(self._slack, request.query)
        return _html(self._drawing.older(scene, request.query.get("before", "")))

    async def _panel(self, request: web.Request) -> web.Response:
        return web.json_response(await self._drawing.panel(Scene.of(self._slack, request.query)))

    async def _complete(self, request: web.Request) -> web.Response:
        scene = Scene.of(self._slack, request.query)
        found = completion(scene.person, request.query.get("q", ""))
        return web.json_response({"start": found.start, "offers": [vars(each) for each in found.offers]})

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        added = self._drawing.extension.style
        if name == "added.css" and added is not None:
            return _file(added.read_bytes(), "text/css")
        if name not in STATIC:
            raise web.HTTPNotFound
        return _file((files("bot.sandbox.page") / "static" / name).read_bytes(), STATIC[name])

    # What is done

    async def _click(self, request: web.Request) -> web.Response:
        return await self._done(request, "click")

    async def _do(self, request: web.Request) -> web.Response:
        return await self._done(request, request.match_info["action"])

    async def _done(self, request: web.Request, name: str) -> web.Response:
        form = await _form(request)
        self._sessions.check_form(request, request.headers.get(HEADER) or form.get("token") or "")
        action = self._actions.get(name)
        if action is None:
            raise web.HTTPNotFound
        asked = {**request.query, **{each: form[each] for each in ("in",) if each in form}}
        acting = request.headers.get(ACTING) or form.get("as") or request.query.get("as", "")
        try:
            outcome = await action(Scene.of(self._slack, {**asked, "as": acting}), form)
        except Trouble as trouble:
            return _words(str(trouble), HTTPStatus.BAD_GATEWAY)
        return _answer(outcome)


def _file(body: bytes, kind: str) -> web.Response:
    return web.Response(body=body, content_type=kind, charset="utf-8", headers={"Cache-Control": "no-cache"})


async def _form(request: web.Request) -> Form:
    raw = await request.post()
    words = MultiDict[str]()
    for name, value in raw.items():
        words.add(name, value if isinstance(value, str) else getattr(value, "filename", ""))
    return MultiDictProxy(words)


def _answer(outcome: Outcome | None) -> web.Response:
    if outcome is None:
        return web.Response(status=HTTPStatus.NO_CONTENT)
    if outcome.go:
        return web.json_response({"go": outcome.go})
    return _html(outcome.html)


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


def _words(text: str, status: HTTPStatus) -> web.Response:
    return web.Response(text=text, status=status)


def _guarded(handler: Handler) -> Handler:
    """Return the handler behind the checks every address has, with refusals as sentences."""

    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            response = await handler(request)
        except SlackError as refused:
            response = _words(sentence(refused), HTTPStatus.CONFLICT)
        except NotThere as gone:
            response = _words(str(gone), HTTPStatus.CONFLICT)
        except KeyError as missing:
            response = _words(f"Something is missing: {missing.args[0]}", HTTPStatus.BAD_REQUEST)
        except ValueError as unreadable:
            response = _words(f"That cannot be read: {unreadable}", HTTPStatus.BAD_REQUEST)
        except web.HTTPException as refused:
            response = _words(refused.text or "", HTTPStatus(refused.status))
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    return answered
