"""Slack over HTTP: who is not Slack is turned away at the door; the rest is for the border to judge."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from bot import log
from bot.web.border import refusal

Verify = Callable[[bytes, str, str], bool]
"""Whether a body carries Slack's signature of the last five minutes: the body, the time, the signature."""

_log = log.get(__name__)


class Answered(Protocol):
    """What Slack is answered: a status, and JSON or nothing."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def body(self) -> str:
        """The JSON."""


Receive = Callable[[bytes, str], Awaitable[Answered]]
"""Takes a body that Slack signed, and its content type."""


@dataclass(frozen=True, kw_only=True)
class SlackOverHttp:
    """What it takes to answer Slack's requests: how to know them, and who answers."""

    verify: Verify
    receive: Receive

    async def respond(self, request: Request) -> Response:
        """Return Slack's answer; 401 for a bad signature."""
        body, headers = await request.body(), request.headers
        stamp = headers.get("x-slack-request-timestamp", "")
        if not self._is_signed(body, stamp, headers.get("x-slack-signature", "")):
            _log.warning("slack_signature_refused", size=len(body))
            return refusal(401, "The signature is missing, wrong or too old.")
        answer = await self.receive(body, headers.get("content-type", ""))
        kind = "application/json" if answer.body else None
        return Response(answer.body, status_code=answer.status, media_type=kind)

    def _is_signed(self, body: bytes, stamp: str, signature: str) -> bool:
        try:
            return self.verify(body, stamp, signature)
        except (ValueError, TypeError, OverflowError):
            # A timestamp that is no number, a signature or a body that is no text.
            return False
