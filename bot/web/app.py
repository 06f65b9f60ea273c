"""The HTTP application: which address answers what."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import log
from bot.web.border import BoundedBody, BoundedWork, RequestBorder, refusal
from bot.web.counters import Counters
from bot.web.events import SlackOverHttp
from bot.web.health import DATABASE_WITHIN, Health, Verdict

_log = log.get(__name__)

OpenIncidents = Callable[[], Awaitable[Mapping[str, int]]]
"""Counts open incidents by severity. Private ones and drills are not among them."""
Answer = Callable[[Request], Awaitable[Response]]
Routes = Mapping[str, tuple[str, Answer]]
"""The method and what answers it, by path."""

HEALTH = "/health"
_ALSO = {"GET": "HEAD"}


def build(
    *,
    health: Callable[[], Awaitable[Health]],
    open_incidents: OpenIncidents,
    counters: Callable[[], Counters] = Counters,
    slack: SlackOverHttp | None = None,
) -> ASGIApp:
    """Return the application; ``/slack/events`` is there only with ``slack``: it needs a secret."""

    async def answer_health(_request: Request) -> Response:
        found = await health()
        return JSONResponse(found.as_json(), status_code=503 if found.verdict is Verdict.DEAD else 200)

    async def answer_metrics(_request: Request) -> Response:
        from bot.web.metrics import CONTENT_TYPE, Figures  # noqa: PLC0415 - most bots are never scraped

        found = await health()
        incidents = await _counted(open_incidents) if found.backlog is not None else None
        figures = Figures(health=found, open_incidents=incidents, counters=counters())
        return Response(figures.text(), media_type=CONTENT_TYPE)

    routes: dict[str, tuple[str, Answer]] = {
        HEALTH: ("GET", answer_health),
        "/metrics": ("GET", answer_metrics),
    }
    if slack is not None:
        routes["/slack/events"] = ("POST", slack.respond)
    return RequestBorder(BoundedWork(BoundedBody(_routed(routes)), always=HEALTH))


def _routed(routes: Routes) -> ASGIApp:
    """Return what looks an address up; three of them need no framework."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await _answered(routes, Request(scope, receive))
        await response(scope, receive, send)

    return app


async def _answered(routes: Routes, request: Request) -> Response:
    method, answer = routes.get(request.scope["path"], ("", None))
    if answer is None:
        return refusal(404, "There is nothing at this address.")
    if request.method not in {method, _ALSO.get(method)}:
        refused = refusal(405, f"This address takes {method} alone.")
        refused.headers["Allow"] = method
        return refused
    return await answer(request)


async def _counted(open_incidents: OpenIncidents) -> Mapping[str, int] | None:
    try:
        async with asyncio.timeout(DATABASE_WITHIN.total_seconds()):
            return await open_incidents()
    except TimeoutError:
        _log.warning("metrics_without_incidents")
        return None
