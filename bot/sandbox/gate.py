"""Who may knock: programs of this machine and the sandbox's own pages, never a page of another site."""

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
BODIES = frozenset({"application/json", "application/x-www-form-urlencoded", "multipart/form-data"})
SAFE = frozenset({"GET", "HEAD"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def stranger(request: web.Request) -> str | None:
    """Return why a request is not answered: another name for this machine, or a page of another site."""
    if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
        return "loopback only: ask 127.0.0.1 or localhost by its name"
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        return "pages of other sites are not answered"
    if request.method not in SAFE and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return "pages of other sites are not answered"
    return None


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse strangers (403), and bodies that a form of another site could send without being asked (415)."""
    if why := stranger(request):
        return refusal(why, HTTPStatus.FORBIDDEN)
    if request.can_read_body and request.content_type not in BODIES:
        return refusal("send JSON or a form, and say so in Content-Type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return await handler(request)


def refusal(why: str, status: HTTPStatus) -> web.Response:
    """Return an answer that says why there is no other."""
    return web.json_response({"ok": False, "error": why}, status=status)


def bears(request: web.Request, token: str) -> bool:
    """Return whether a request brings this token in its ``Authorization`` header."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())
