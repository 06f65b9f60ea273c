"""The HTTP application: which address answers what."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.responses import Response

from bot import log
from bot.web.border import BoundedBody, RequestBorder
from bot.web.events import SlackOverHttp
from bot.web.health import DATABASE_WITHIN, Health, Verdict
from bot.web.metrics import CONTENT_TYPE, Counters, Figures

_log = log.get(__name__)

OpenIncidents = Callable[[], Awaitable[Mapping[str, int]]]
"""Counts open incidents by severity. Private ones and drills are not among them."""


def build(
    *,
    health: Callable[[], Awaitable[Health]],
    open_incidents: OpenIncidents,
    counters: Callable[[], Counters] = Counters,
    slack: SlackOverHttp | None = None,
) -> FastAPI:
    """Return the application; ``/slack/events`` is there only with ``slack``: it needs a secret."""
    app = FastAPI(title="Warroom", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(BoundedBody)
    # Added last is outermost.
    app.add_middleware(RequestBorder)

    @app.get("/health")
    async def _health() -> JSONResponse:
        found = await health()
        return JSONResponse(found.as_json(), status_code=503 if found.verdict is Verdict.DEAD else 200)

    @app.get("/metrics")
    async def _metrics() -> Response:
        found = await health()
        incidents = await _counted(open_incidents) if found.backlog is not None else None
        figures = Figures(health=found, open_incidents=incidents, counters=counters())
        return Response(figures.text(), media_type=CONTENT_TYPE)

    if slack is not None:
        # As a plain route: FastAPI would read and judge the body before the signature is checked.
        app.router.add_route("/slack/events", slack.respond, methods=["POST"])
    return app


async def _counted(open_incidents: OpenIncidents) -> Mapping[str, int] | None:
    try:
        async with asyncio.timeout(DATABASE_WITHIN.total_seconds()):
            return await open_incidents()
    except TimeoutError:
        _log.warning("metrics_without_incidents")
        return None
