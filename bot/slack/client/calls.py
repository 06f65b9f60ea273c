"""One call of Slack's Web API: paced, never inside a Retry-After, its failures told apart by kind."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import log
from bot.clock import monotonic, utc_now
from bot.usecases.ports import CURRENT_ATTEMPT, PermanentFailure, RateLimited, Unavailable, Waits

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
    "4": ("views.publish", "conversations.members", "users.info"),
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
# Words that mean "never, for this": what was asked for is wrong, or somebody has to change it first. Whatever
# is not among them waits: a code that nobody has met says nothing of tomorrow, and one of the workspace's
# (a key that was revoked, a login that is required) ends for all at once.
FINAL = frozenset(
    {"already_in_channel", "already_pinned", "already_reacted", "app_cannot_join_channel", "bad_timestamp",
     "block_mismatch", "cannot_create_channel", "cannot_dm_bot", "cannot_find_service",
     "cannot_reply_to_message", "cant_broadcast_message", "cant_delete_message", "cant_invite",
     "cant_invite_self", "cant_kick_self", "cant_update_message", "channel_is_limited_access",
     "channel_not_found", "duplicate_external_id", "edit_window_closed", "exchanged_trigger_id",
     "expired_trigger_id", "hash_conflict", "invitee_cant_see_channel", "is_archived", "is_inactive",
     "limit_required", "markdown_text_conflict", "message_not_found", "messages_tab_disabled",
     "metadata_too_large", "method_not_supported_for_channel_type", "missing_argument", "missing_charset",
     "msg_blocks_too_long", "msg_too_long", "name_taken", "no_channel", "no_external_invite_permission",
     "no_item_specified", "no_text", "no_user", "not_enabled", "not_enough_users", "not_found",
     "not_in_channel", "not_pinnable", "org_user_not_in_team", "permission_denied",
     "posting_to_channel_denied", "push_limit_reached", "restricted_action",
     "restricted_action_non_threadable_channel",
     "restricted_action_read_only_channel", "restricted_action_thread_locked",
     "restricted_action_thread_only_channel", "thread_not_found", "too_long", "too_many_attachments",
     "too_many_bookmarks", "too_many_members", "too_many_pins", "too_many_users", "unknown_method",
     "ura_max_channels", "user_disabled", "user_is_bot", "user_is_restricted", "user_not_found",
     "user_not_in_channel", "user_not_visible", "users_list_not_supplied", "users_not_found",
     "view_too_large"}
)  # fmt: skip
FINAL_TOO = "invalid_"
"""What begins so is about what was sent (`invalid_blocks`, `invalid_name_specials`), but for the token."""
_LIMITED = frozenset({"ratelimited", "rate_limited", "too_many_requests", "message_limit_exceeded"})
_WAIT_UNTOLD = 30.0
"""Seconds to wait after a 429 that does not say for how long."""
WAIT_MOST = 300.0
"""The longest wait that is believed; an absurd Retry-After must not silence the bot for a day."""
PLACE_KEPT = 60.0
"""Seconds for which a job that does not come back keeps its place in line."""
_ON_TIME = 0.001
"""Who comes back on time must not be sent away by a rounding error."""
LOOK_EVERY = 1.0
"""Seconds for which the waits that other processes were asked for are not read again."""

Scope = tuple[str, str]
"""What a wait or a budget is for: a method, and a channel where it counts by channel."""

Clock = Callable[[], float]
"""Returns seconds that only ever go on (`bot.clock.monotonic`)."""


@dataclass
class Place:
    """A job's place in a line: from ``at`` on it may make so many calls."""

    at: float
    calls: int


@dataclass
class Bucket:
    """A budget of calls that refills steadily, and the line of jobs that come back for theirs.

    Told the same time, all would come back for a single call; so each is given its own, and what it comes
    back for is put by: ``left`` is what nobody was promised, below zero while a line stands.
    """

    most: float
    per_second: float
    clock: Clock = monotonic
    left: float = field(init=False)
    at: float = field(init=False)
    places: dict[str, Place] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Begin full, with nobody in line."""
        self.left, self.at = self.most, self.clock()

    def take(self, job: str | None = None, *, again: int = 1, spare: float = 0) -> float:
        """Take one call and return 0.0, or return after how many seconds to come back.

        ``spare`` is what is left to others: a job that can wait takes nothing of it.

        A job that is sent away finds ``again`` calls when it is back: it begins anew, and with one call at
        a time a job of two would never end. Whoever is no job (a person waits) goes before the line.
        """
        now = self.clock()
        self.left = min(self.most, self.left + (now - self.at) * self.per_second)
        self.at = now
        self._forget(now)
        if job is not None and job in self.places:
            return self._redeemed(job, now)
        there = self.left - spare if job is not None else self.left + sum(self._put_by())
        if there >= 1:
            self.left -= 1
            return 0.0
        if job is None:
            return (1 - there) / self.per_second
        wait = (again + spare - self.left) / self.per_second
        self.places[job] = Place(at=now + wait, calls=again)
        self.left -= again
        return min(wait, WAIT_MOST)

    def is_idle(self) -> bool:
        """Return whether it is full again with nobody in line: a new one would be the same."""
        return not self.places and self.left + (self.clock() - self.at) * self.per_second >= self.most

    def _redeemed(self, job: str, now: float) -> float:
        place = self.places[job]
        if place.at - now > _ON_TIME:
            return min(place.at - now, WAIT_MOST)
        place.calls -= 1
        if not place.calls:
            del self.places[job]
        return 0.0

    def _put_by(self) -> Iterator[int]:
        return (place.calls for place in self.places.values())

    def _forget(self, now: float) -> None:
        """Give back what was put by for jobs that did not come, or needed less."""
        over = [job for job, place in self.places.items() if place.at + PLACE_KEPT < now]
        for job in over:
            self.left = min(self.most, self.left + self.places.pop(job).calls)


@dataclass
class Standing:
    """How the Web API answers: whether Slack was there last time, what it says of the token.

    ``granted`` are the token's scopes, None before any answer; ``refusals`` holds by method a code that
    may pass, until the method succeeds; ``counts`` counts by (method, outcome).
    """

    away: str | None = None
    token: str | None = None
    missing_scopes: set[str] = field(default_factory=set)
    granted: frozenset[str] | None = None
    refusals: dict[str, str] = field(default_factory=dict)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def problems(self) -> list[str]:
        """Return in words what Slack refuses for a reason that is not known to be final."""
        return [f"Slack refuses {method}: {code}" for method, code in sorted(self.refusals.items())]


class Calls:
    """Makes calls on one client. ``pace`` off leaves out our own budgets, never a Retry-After.

    ``waits`` is where a Retry-After outlives this process and reaches the others; ``clock`` and ``now`` are
    real time.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        pace: bool = True,
        waits: Waits | None = None,
        clock: Clock = monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Call through a client whose own retries are off: repeating belongs to the jobs."""
        self.client = client
        self.standing = Standing()
        self._pace = pace
        self._clock = clock
        self._now = now
        self._buckets: dict[Scope, Bucket] = {}
        self._until: dict[Scope, float] = {}
        self._waits = waits
        self._merged: dict[str, datetime] = {}
        self._looked: float | None = None
        self._looking = asyncio.Lock()

    async def __call__(self, method: str, **args: object) -> Json:
        """Return the answer of a method. Raises ``RateLimited``, ``Unavailable`` or ``PermanentFailure``."""
        return await self._called(method, args, patient=False)

    async def patiently(self, method: str, **args: object) -> Json:
        """Return the answer as a call does, leaving half of the budget to what people wait for."""
        return await self._called(method, args, patient=True)

    async def _called(self, method: str, args: Mapping[str, object], *, patient: bool) -> Json:
        scope = (method, str(args.get("channel", "")) if method == "chat.postMessage" else "")
        await self._hear_of_waits()
        self._wait_turn(scope, patient=patient)
        try:
            answer = await self._sent(method, args)
        except (RateLimited, Unavailable, PermanentFailure) as failure:
            self.standing.counts[method, failure.counted_as] += 1
            if isinstance(failure, RateLimited):
                await self._keep(scope, failure.wait)
            raise
        self.standing.counts[method, "ok"] += 1
        self.standing.away = self.standing.token = None
        self.standing.refusals.pop(method, None)
        return answer

    async def _keep(self, scope: Scope, wait: timedelta) -> None:
        """Remember what Slack asked for: here first, then where others hear of it."""
        self._hold(scope, wait)
        if self._waits is not None:
            until = self._now() + wait
            self._merged[_stored(scope)] = until
            await self._waits.keep(_stored(scope), until)

    def _hold(self, scope: Scope, wait: timedelta) -> None:
        seconds = min(wait.total_seconds(), WAIT_MOST)
        self._until[scope] = max(self._until.get(scope, 0.0), self._clock() + seconds)

    async def _hear_of_waits(self) -> None:
        """Learn what was asked of this process's predecessor and of the other replicas."""
        if self._waits is None or self._is_fresh():
            return
        async with self._looking:
            if self._is_fresh():
                return  # somebody looked while we waited for our turn to
            standing = await self._waits.standing()
            self._looked, now = self._clock(), self._now()
            # Each is taken once: by a wall clock that is set back later it would never end.
            for stored, until in standing.items() - self._merged.items():
                self._hold(_scope(stored), until - now)
            self._merged = dict(standing)

    def _is_fresh(self) -> bool:
        return self._looked is not None and self._clock() - self._looked < LOOK_EVERY

    def _wait_turn(self, scope: Scope, *, patient: bool) -> None:
        """Raise ``RateLimited`` inside a Retry-After or beyond the budget: the job gives its lease back."""
        wait = self._until.get(scope, 0.0) - self._clock()
        if wait <= 0 and self._pace and scope[0] not in AT_ONCE:
            wait = self._budgeted(scope, patient=patient)
        if wait > 0:
            raise RateLimited(scope[0], wait=timedelta(seconds=wait))

    def _budgeted(self, scope: Scope, *, patient: bool) -> float:
        if scope not in self._buckets:
            self._forget_idle()
            self._buckets[scope] = _budget(*scope, self._clock)
        bucket, attempt = self._buckets[scope], CURRENT_ATTEMPT.get()
        if attempt is None:
            return bucket.take()
        # How many it needs nobody knows: twice as many as it got to make, until they are enough.
        spare = bucket.most / 2 if patient else 0
        wait = bucket.take(attempt.job, again=max(1, 2 * attempt.calls[scope]), spare=spare)
        attempt.calls[scope] += 1
        return wait

    def _forget_idle(self) -> None:
        """Drop the budgets and waits that hold nobody back: rooms come and go, and a process lives long."""
        now = self._clock()
        self._buckets = {scope: one for scope, one in self._buckets.items() if not one.is_idle()}
        self._until = {scope: until for scope, until in self._until.items() if until > now}

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

    def _gone(self, method: str, error: Exception, *, unknown: bool) -> Unavailable:
        if method not in AT_ONCE:
            # What a person asked for in passing is not asked again, so nothing would ever take this back.
            self.standing.away = f"{method}: {type(error).__name__}"
        return Unavailable(f"{method}: {type(error).__name__} {error}"[:300], unknown=unknown)

    def _refused(self, method: str, error: SlackApiError) -> Exception:
        response = error.response
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
        data = response.data if isinstance(response, AsyncSlackResponse) else {}
        code = str(data.get("error", "")) if isinstance(data, dict) else ""
        if status == 429 or code in _LIMITED:  # noqa: PLR2004 - HTTP's "too many requests"
            headers = getattr(response, "headers", {})
            return RateLimited(method, wait=timedelta(seconds=_retry_after(headers)))
        if status >= 500 or code in _TRANSIENT or not code:  # noqa: PLR2004 - HTTP's server errors
            return self._gone(method, error, unknown=True)
        if code in _TOKEN:
            return self._token_refused(method, code, data)
        if code in FINAL or code.startswith(FINAL_TOO):
            return PermanentFailure(method, code=code)
        self.standing.refusals[method] = code
        logger.warning("slack refuses, perhaps for a while", method=method, code=code)
        return Unavailable(f"{method}: {code}", unknown=False)

    def _token_refused(self, method: str, code: str, data: object) -> Unavailable:
        """Wait for whoever looks after the app: nothing that is owed is dropped meanwhile."""
        if code == "missing_scope" and isinstance(data, dict):
            self.standing.missing_scopes.add(str(data.get("needed", "unknown")))
        else:
            self.standing.token = code
        logger.warning("slack refuses the token", method=method, code=code)
        return Unavailable(f"{method}: {code}", unknown=False)


def _stored(scope: Scope) -> str:
    return " ".join(scope).rstrip()


def _scope(stored: str) -> Scope:
    method, _, channel = stored.partition(" ")
    return method, channel


def _budget(method: str, channel: str, clock: Clock) -> Bucket:
    if channel:
        return Bucket(most=POSTS_AT_ONCE, per_second=POSTS_PER_SECOND, clock=clock)
    tier = next((name for name, methods in TIERS.items() if method in methods), "3")
    return Bucket(most=PER_MINUTE[tier], per_second=PER_MINUTE[tier] / 60, clock=clock)


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
        cursor = next_cursor(page)
        if not cursor:
            break
    return found


def next_cursor(page: Json) -> object:
    """Return where the next page of an answer begins, or None after the last."""
    metadata = page.get("response_metadata")
    return metadata.get("next_cursor") or None if isinstance(metadata, dict) else None
