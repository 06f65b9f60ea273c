"""Whose page a request comes from: a cookie of this browser, and the form token that is bound to it."""

import hashlib
import hmac
import re
import secrets

from aiohttp import web

COOKIE = "workspace_page"
HEADER = "X-Page-Token"
ACTING = "X-Acting-As"
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


class Sessions:
    """Gives browsers their cookie and pages their form token; both die with the process."""

    def __init__(self) -> None:
        """Make a key that nobody else has."""
        self._key = secrets.token_bytes(32)
        self.boot = secrets.token_urlsafe(9)
        """Names this run of the server, so that a page notices a new one and loads itself again."""

    def cookie(self, request: web.Request) -> str:
        """Return the browser's cookie, or a new one where it has none of ours."""
        held = request.cookies.get(COOKIE, "")
        return held if _SHAPE.fullmatch(held) else secrets.token_urlsafe(32)

    def token(self, cookie: str) -> str:
        """Return the form token that belongs to a cookie."""
        return hmac.new(self._key, cookie.encode(), hashlib.sha256).hexdigest()

    def keep(self, response: web.StreamResponse, cookie: str) -> None:
        """Hand the cookie out: for this site alone, and not for scripts."""
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="Strict", path="/")

    def check_form(self, request: web.Request, token: str) -> None:
        """Refuse (403) a form that did not come from a page of this browser and this run."""
        expected = self.token(request.cookies.get(COOKIE, ""))
        if not hmac.compare_digest(expected.encode(), token.encode()):
            raise web.HTTPForbidden(text="This page is from another session. Reload it.")
