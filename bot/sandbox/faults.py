"""Trouble on demand: slow, refused, limited and lost calls; dropped, doubled and held deliveries."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

HTML = "<!DOCTYPE html><html><body><h1>Slack is having trouble</h1></body></html>"
PER_MINUTE = {"t1": 1, "t2": 20, "t3": 50, "t4": 100}
WINDOW = 60.0


class Drop(StrEnum):
    """When a call's connection is cut: before the call had its effect, or after."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(kw_only=True)
class Fault:
    """One kind of trouble for the methods that fit its pattern, for so many calls or until it is cleared."""

    pattern: str = "*"
    left: int | None = None
    latency: float = 0.0
    status: int | None = None
    html: bool = False
    error: str | None = None
    retry_after: str | None = None
    drop: Drop | None = None


@dataclass(kw_only=True)
class Sockets:
    """How deliveries are disturbed."""

    copies: int = 1
    copied: int | None = None
    delay: float = 0.0
    half_open: bool = False


class Faults:
    """The switchboard of all trouble; at first there is none."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start without trouble; tiers count by ``monotonic``."""
        self.faults: list[Fault] = []
        self.sockets = Sockets()
        self.by_tier = False
        self.down = False
        self.monotonic = monotonic
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.on_drop: Callable[[], Awaitable[None]] | None = None
        self.on_refresh: Callable[[], Awaitable[None]] | None = None
        self.on_change: Callable[[], None] | None = None
        self._seen: dict[str, deque[float]] = defaultdict(deque)

    def _add(self, fault: Fault) -> Fault:
        self.faults.append(fault)
        return fault

    def slow(self, pattern: str = "*", *, seconds: float, times: int | None = None) -> Fault:
        """Delay replies by so many seconds of real time."""
        return self._add(Fault(pattern=pattern, left=times, latency=seconds))

    def limit(
        self, pattern: str = "*", *, retry_after: float | str | None = 1, times: int | None = 1
    ) -> Fault:
        """Answer 429 with this Retry-After, absurd ones too.

        None leaves the header out. No effect takes place.
        """
        header = None if retry_after is None else str(retry_after)
        return self._add(
            Fault(pattern=pattern, left=times, status=429, error="ratelimited", retry_after=header)
        )

    def fail(self, pattern: str = "*", *, status: int = 503, times: int | None = 1) -> Fault:
        """Answer with an HTTP error instead of having an effect."""
        return self._add(Fault(pattern=pattern, left=times, status=status, html=True))

    def refuse(self, pattern: str = "*", *, error: str, times: int | None = 1) -> Fault:
        """Answer ``ok: false`` with this code instead of having an effect."""
        return self._add(Fault(pattern=pattern, left=times, status=200, error=error))

    def html(self, pattern: str = "*", *, times: int | None = 1) -> Fault:
        """Answer 200 with a page of HTML instead of having an effect."""
        return self._add(Fault(pattern=pattern, left=times, status=200, html=True))

    def lose_reply(self, pattern: str = "*", *, times: int | None = 1) -> Fault:
        """Do what was asked, then cut the connection before the reply."""
        return self._add(Fault(pattern=pattern, left=times, drop=Drop.AFTER))

    def cut(self, pattern: str = "*", *, times: int | None = 1) -> Fault:
        """Cut the connection before anything happens."""
        return self._add(Fault(pattern=pattern, left=times, drop=Drop.BEFORE))

    def enforce_tiers(self, *, on: bool = True) -> None:
        """Limit every method to its documented calls a minute, and posting to one a second a channel."""
        self.by_tier = on
        self._seen.clear()

    async def slack_down(self) -> None:
        """Cut every call and every socket, and keep events back, until ``slack_up``."""
        self.down = True
        await self.drop_sockets()

    def slack_up(self) -> None:
        """End ``slack_down``."""
        self.down = False
        self._told()

    async def drop_sockets(self) -> None:
        """Cut every Socket Mode connection without a goodbye."""
        if self.on_drop:
            await self.on_drop()

    async def refresh_sockets(self) -> None:
        """Ask every Socket Mode client to reconnect.

        As Slack does now and then, and close the old connections.
        """
        if self.on_refresh:
            await self.on_refresh()

    def half_open(self, *, on: bool = True) -> None:
        """Keep sockets open but deaf and mute: no pong, no hello, no delivery arrives, no ack is heard."""
        self.sockets.half_open = on

    def duplicate(self, *, copies: int = 2, times: int | None = 1) -> None:
        """Deliver each of the next ``times`` events, commands and interactions ``copies`` times."""
        self.sockets.copies, self.sockets.copied = copies, times

    def delay(self, seconds: float) -> None:
        """Hold every delivery back for so many seconds of real time."""
        self.sockets.delay = seconds

    def hold(self) -> None:
        """Keep every delivery back until ``release``."""
        self.flowing.clear()

    def release(self) -> None:
        """Let held deliveries go."""
        self.flowing.set()

    def clear(self) -> None:
        """End all trouble."""
        self.faults.clear()
        self.sockets = Sockets()
        self.by_tier = False
        self.down = False
        self.release()
        self._told()

    def _told(self) -> None:
        if self.on_change:
            self.on_change()

    def copies(self) -> int:
        """Return how often the next delivery is sent, and count it."""
        if self.sockets.copied == 0 or self.sockets.copies == 1:
            return 1
        if self.sockets.copied is not None:
            self.sockets.copied -= 1
        return self.sockets.copies

    def trouble(self, method: str) -> Fault:
        """Return what is to happen to a call of this method, and count it against the faults that fit."""
        if self.down:
            return Fault(drop=Drop.BEFORE)
        fitting = [each for each in self.faults if fnmatchcase(method, each.pattern) and each.left != 0]
        latency, rest = 0.0, None
        for fault in fitting:
            only_slow = fault.status is None and fault.drop is None
            if not only_slow and rest is not None:
                continue
            if fault.left is not None:
                fault.left -= 1
            latency += fault.latency
            rest = rest if only_slow else fault
        return replace(rest or Fault(), latency=latency)

    def over_tier(self, method: str, tier: str, channel: str) -> int | None:
        """Return the seconds to wait when the call breaks its tier.

        None when it may go on and was counted.
        """
        if not self.by_tier:
            return None
        posting = method == "chat.postMessage"
        most, window = (1, 1.0) if posting else (PER_MINUTE.get(tier, 1_000_000), WINDOW)
        seen, now = self._seen[f"{method}:{channel if posting else ''}"], self.monotonic()
        while seen and now - seen[0] >= window:
            seen.popleft()
        if len(seen) >= most:
            return max(1, round(window - (now - seen[0])))
        seen.append(now)
        return None
