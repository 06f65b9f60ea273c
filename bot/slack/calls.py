"""One call of Slack's Web API: paced, never inside a Retry-After, its failures told apart by kind."""

import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import log
from bot.usecases.ports import Away, Busy, Never

logger = log.get(__name__)

Json = dict[str, object]

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
"""Slack answers in well under a second; after ten the reply is lost and has to be looked up."""

TIERS: Mapping[str, tuple[str, ...]] = {
    "2": (
        "conversations.create",
        "conversations.list",
        "conversations.setTopic",
        "pins.add",
        "bookmarks.add",
        "users.list",
    ),
    "4": ("views.publish", "conversations.members"),
}
AT_ONCE = frozenset({"views.open", "views.push", "views.update", "chat.postEphemeral"})
"""What a person waits for is never held back by our own budgets: whether it is too much, Slack decides."""

PER_MINUTE = {"2": 20, "3": 50, "4": 100}
"""Slack's documented tiers, in calls a minute for one workspace; a method not named above is tier 3."""
POSTS_PER_SECOND = 1.0
POSTS_AT_ONCE = 3
"""`chat.postMessage` takes about one a second in a channel, and short bursts."""

# Words that mean "later", whatever was asked: the token may be renewed, a scope granted, Slack mended.
_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission",
     "missing_scope", "not_allowed_token_type", "team_access_not_granted"}
)  # fmt: skip
_TRANSIENT = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org",
     "fetch_members_failed", "update_failed"}
)  # fmt: skip
_LIMITED = frozenset({"ratelimited", "rate_limited", "too_many_requests", "message_limit_exceeded"})
_WAIT_UNTOLD = 30.0
"""Seconds to wait after a 429 that does not say for how long."""
WAIT_MOST = 300.0
"""The longest wait that is believed; an absurd Retry-After must not silence the bot for a day."""


@dataclass
class Bucket:
    """A budget of calls that refills steadily."""

    most: float
    per_second: float
    left: float = field(init=False)
    at: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin full."""
        self.left, self.at = self.most, time.monotonic()

    def take(self) -> float:
        """Take one call and return 0.0, or return how many seconds to wait for the next."""
        now = time.monotonic()
        self.left = min(self.most, self.left + (now - self.at) * self.per_second)
        self.at = now
        if self.left < 1:
            return (1 - self.left) / self.per_second
        self.left -= 1
        return 0.0


@dataclass
class Standing:
    """How the Web API answers: whether Slack was there last time, what it says of the token.

    ``granted`` are the token's scopes, None before any answer; ``counts`` counts by (method, outcome).
    """

    away: str | None = None
    token: str | None = None
    missing_scopes: set[str] = field(default_factory=set)
    granted: frozenset[str] | None = None
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)


class Calls:
    """Makes calls on one client. ``pace`` off leaves out our own budgets, never a Retry-After."""

    def __init__(self, client: AsyncWebClient, *, pace: bool = True) -> None:
        """Call through a client whose own retries are off: repeating belongs to the jobs."""
        self.client = client
        self.standing = Standing()
        self._pace = pace
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._until: dict[tuple[str, str], float] = {}

    async def __call__(self, method: str, **args: object) -> Json:
        """Return the answer of a method. Raises ``Busy``, ``Away`` or ``Never``."""
        key = (method, str(args.get("channel", "")) if method == "chat.postMessage" else "")
        self._wait_turn(key)
        try:
            answer = await self._sent(method, args)
        except (Busy, Away, Never) as failure:
            self.standing.counts[method, type(failure).__name__.lower()] += 1
            if isinstance(failure, Busy):
                self._until[key] = time.monotonic() + failure.wait.total_seconds()
            raise
        self.standing.counts[method, "ok"] += 1
        self.standing.away = self.standing.token = None
        return answer

    def _wait_turn(self, key: tuple[str, str]) -> None:
        """Raise ``Busy`` inside a Retry-After or beyond the budget: the job gives its lease back."""
        method, channel = key
        wait = self._until.get(key, 0.0) - time.monotonic()
        if wait <= 0 and self._pace and method not in AT_ONCE:
            bucket = self._buckets.setdefault(key, _budget(method, channel))
            wait = bucket.take()
        if wait > 0:
            raise Busy(method, wait=timedelta(seconds=wait))

    async def _sent(self, method: str, args: Mapping[str, object]) -> Json:
        body = {name: value for name, value in args.items() if value is not None}
        # By the SDK's own function: it knows which methods read JSON and which only forms or queries.
        send = getattr(self.client, method.replace(".", "_"))
        try:
            response: AsyncSlackResponse = await send(**body)
        except SlackApiError as error:
            raise self._refused(method, error) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            # The request was never sent, so it had no effect.
            raise self._gone(method, error, unknown=False) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._gone(method, error, unknown=True) from error
        except (AttributeError, json.JSONDecodeError, SlackClientError) as error:
            # A 200 with HTML in it: the SDK expects JSON and trips over its absence.
            raise self._gone(method, error, unknown=True) from error
        self._note_scopes(response.headers)
        return dict(response.data) if isinstance(response.data, dict) else {}

    def _note_scopes(self, headers: Mapping[str, str]) -> None:
        """Keep which scopes the token has: Slack says so with every answer."""
        scopes = next((value for name, value in headers.items() if name.casefold() == "x-oauth-scopes"), None)
        if scopes is not None:
            self.standing.granted = frozenset(scope.strip() for scope in scopes.split(",") if scope.strip())
            self.standing.missing_scopes -= self.standing.granted

    def _gone(self, method: str, error: Exception, *, unknown: bool) -> Away:
        self.standing.away = f"{method}: {type(error).__name__}"
        return Away(f"{method}: {type(error).__name__} {error}"[:300], unknown=unknown)

    def _refused(self, method: str, error: SlackApiError) -> Exception:
        response = error.response
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
        data = response.data if isinstance(response, AsyncSlackResponse) else {}
        code = str(data.get("error", "")) if isinstance(data, dict) else ""
        if status == 429 or code in _LIMITED:  # noqa: PLR2004 - HTTP's "too many requests"
            headers = getattr(response, "headers", {})
            return Busy(method, wait=timedelta(seconds=_retry_after(headers)))
        if status >= 500 or code in _TRANSIENT or not code:  # noqa: PLR2004 - HTTP's server errors
            return self._gone(method, error, unknown=True)
        if code in _TOKEN:
            return self._token_refused(method, code, data)
        return Never(method, code=code)

    def _token_refused(self, method: str, code: str, data: object) -> Away:
        """Wait for whoever looks after the app: nothing that is owed is dropped meanwhile."""
        if code == "missing_scope" and isinstance(data, dict):
            self.standing.missing_scopes.add(str(data.get("needed", "unknown")))
        else:
            self.standing.token = code
        logger.warning("slack refuses the token", method=method, code=code)
        return Away(f"{method}: {code}", unknown=False)


def _budget(method: str, channel: str) -> Bucket:
    if channel:
        return Bucket(most=POSTS_AT_ONCE, per_second=POSTS_PER_SECOND)
    tier = next((name for name, methods in TIERS.items() if method in methods), "3")
    return Bucket(most=PER_MINUTE[tier], per_second=PER_MINUTE[tier] / 60)


def _retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds a 429 asks for: a missing or absurd value is replaced by a sensible one."""
    raw = next((value for name, value in headers.items() if name.casefold() == "retry-after"), "")
    try:
        wait = float(raw)
    except ValueError:
        return _WAIT_UNTOLD
    return min(wait, WAIT_MOST) if wait >= 0 else _WAIT_UNTOLD


async def each_page(
    call: Callable[..., Awaitable[Json]], method: str, items: str, *, most: int = 20, **args: object
) -> list[Json]:
    """Return the items of a paginated method, at most ``most`` pages of them."""
    found: list[Json] = []
    cursor: object = None
    for _ in range(most):
        page = await call(method, cursor=cursor, **args)
        batch = page.get(items)
        found += [item for item in batch if isinstance(item, dict)] if isinstance(batch, list) else []
        metadata = page.get("response_metadata")
        cursor = metadata.get("next_cursor") if isinstance(metadata, dict) else None
        if not cursor:
            break
    return found
