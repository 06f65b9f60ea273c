"""Slack over HTTP: who is not Slack, or sends what Slack never would, is turned away at the door."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from bot import log
from bot.web.border import refusal

Verify = Callable[[bytes, Mapping[str, str]], bool]
"""Whether a body carries Slack's signature of the last five minutes, given the request's headers."""
Answer = Callable[[Request], Awaitable[Response]]

_log = log.get(__name__)

_FORM_FIELDS = 100

# What the library behind us takes for granted; over anything else it would fall.
_TEXTS = ("team_id", "enterprise_id", "api_app_id", "event_id", "callback_id", "trigger_id", "response_url")
_EVENT: Mapping[str, tuple[type, ...]] = {
    "type": (str,),
    **dict.fromkeys((*_TEXTS, "subtype", "text", "ts", "thread_ts", "event_ts"), (str,)),
    **dict.fromkeys(("team", "enterprise", "channel", "user"), (str, dict)),
    **dict.fromkeys(("view", "item", "message", "previous_message"), (dict,)),
}
_PAYLOAD: Mapping[str, tuple[type, ...]] = {
    **_EVENT,
    **dict.fromkeys(("event", "user", "container", "state"), (dict,)),
    **dict.fromkeys(("authorizations", "actions"), (list,)),
}


@dataclass(frozen=True, kw_only=True)
class SlackOverHttp:
    """What it takes to answer Slack's requests: how to know them, and who answers."""

    verify: Verify
    answer: Answer

    async def respond(self, request: Request) -> Response:
        """Return Slack's answer; 401 for a bad signature, 400 for what cannot be one of its requests."""
        body = await request.body()
        if not self._is_signed(body, request.headers):
            _log.warning("slack_signature_refused", size=len(body))
            return refusal(401, "The signature is missing, wrong or too old.")
        if problem := _malformed(body, request.headers.get("content-type", "")):
            _log.warning("slack_request_malformed", problem=problem, size=len(body))
            return refusal(400, problem)
        return await self.answer(request)

    def _is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            return self.verify(body, headers)
        except (ValueError, TypeError):
            # A timestamp that is no number, a signature or a body that is no text.
            return False


def _malformed(body: bytes, content_type: str) -> str | None:
    """Return what is wrong with a signed body, or None."""
    try:
        text = body.decode("utf-8")
        # The same test as the library's, so that both read the same thing.
        if content_type.partition(";")[0].strip() == "application/json" or text.startswith("{"):
            return _shape(json.loads(text))
        fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_FORM_FIELDS))
        if "payload" in fields:
            return _shape(json.loads(fields["payload"]))
        if not fields.get("command", "").startswith("/") and "ssl_check" not in fields:
            return "This is neither an event, a command nor an interaction of Slack's."
    except (ValueError, RecursionError):
        return "The body is neither JSON nor a form."
    return None


def _shape(payload: object) -> str | None:
    """Return which part of a payload is of a kind that Slack never sends, or None."""
    if not isinstance(payload, dict) or not isinstance(payload.get("type"), str):
        return "The payload is not an object with a type."
    if problem := _wrong_kind(payload, _PAYLOAD):
        return problem
    event = payload.get("event")
    if payload["type"] == "event_callback" and event is None:
        return "The payload has no event."
    for several in (payload.get("authorizations"), payload.get("actions")):
        if not all(isinstance(one, dict) for one in several or ()):
            return "The payload lists something that is not an object."
    return _wrong_kind(event, _EVENT) if isinstance(event, dict) else None


def _wrong_kind(part: Mapping[str, object], kinds: Mapping[str, tuple[type, ...]]) -> str | None:
    for name, kind in kinds.items():
        value = part.get(name)
        if value is not None and not isinstance(value, kind):
            return f"{name} is of the wrong kind."
    return None
