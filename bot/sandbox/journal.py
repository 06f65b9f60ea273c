"""The journal: every call the app made and everything that was delivered to it, in order; never a token."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Generic, TypeVar

from bot.sandbox.wire import Json

T = TypeVar("T")
SECRET = frozenset({"token", "client_secret", "refresh_token"})


@dataclass(kw_only=True)
class Call:
    """One Web API call."""

    number: int
    method: str
    args: Json
    at: datetime
    ok: bool = False
    error: str | None = None
    result: Json = field(default_factory=dict)
    status: int = 0
    retry_after: str | None = None
    monotonic: float = 0.0
    seconds: float = 0.0
    reached: bool = False
    """Whether the reply got back to the caller."""


@dataclass(kw_only=True)
class Attempt:
    """One try at a delivery: how it was answered, after how many seconds of real time."""

    at: datetime
    number: int
    outcome: str = "waiting"
    seconds: float = 0.0
    reason: str | None = None


@dataclass(kw_only=True)
class Delivery:
    """Something that was delivered to the app: an event, a command, an interaction."""

    number: int
    kind: str
    payload: Json
    at: datetime
    attempts: list[Attempt] = field(default_factory=list)
    ack: Json | None = None

    @property
    def acked(self) -> bool:
        """Whether any attempt was acknowledged."""
        return any(each.outcome == "acked" for each in self.attempts)


class Signal:
    """Wakes everybody who waits for a change; costs nothing when nobody does."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._waiting: set[asyncio.Event] = set()

    def notify(self) -> None:
        """Wake all who wait."""
        for event in self._waiting:
            event.set()

    async def until(self, predicate: Callable[[], T], *, timeout: float) -> T | None:  # noqa: ASYNC109
        """Return the predicate's first true value, looked at again at every notification.

        None after ``timeout`` seconds.
        """
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(timeout):
                while not (value := predicate()):
                    await event.wait()
                    event.clear()
                return value
        except TimeoutError:
            return None
        finally:
            self._waiting.discard(event)


class Feed(Generic[T]):
    """Hands every item to every subscriber that was there when it came."""

    def __init__(self) -> None:
        """Start without subscribers."""
        self._queues: set[asyncio.Queue[T | None]] = set()

    def give(self, item: T) -> None:
        """Hand an item out."""
        for queue in self._queues:
            queue.put_nowait(item)

    def end(self) -> None:
        """Let every subscription end."""
        for queue in self._queues:
            queue.put_nowait(None)

    def items(self) -> AsyncIterator[T]:
        """Return each item from now on, until the end."""
        queue: asyncio.Queue[T | None] = asyncio.Queue()
        self._queues.add(queue)
        return self._each(queue)

    async def _each(self, queue: asyncio.Queue[T | None]) -> AsyncIterator[T]:
        try:
            while (item := await queue.get()) is not None:
                yield item
        finally:
            self._queues.discard(queue)


class Journal:
    """All calls and deliveries of a sandbox, oldest first."""

    def __init__(self) -> None:
        """Start empty."""
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.watchers: list[Callable[[Call | Delivery], None]] = []

    def opened(self, entry: Call | Delivery) -> None:
        """Write an entry down."""
        if isinstance(entry, Call):
            entry.args = {name: value for name, value in entry.args.items() if name not in SECRET}
            self.calls.append(entry)
        else:
            self.deliveries.append(entry)
        self.changed(entry)

    def changed(self, entry: Call | Delivery) -> None:
        """Tell the watchers that an entry is new or went on."""
        for watch in tuple(self.watchers):
            watch(entry)

    def called(self, pattern: str = "*", **args: object) -> list[Call]:
        """Return the calls of the methods that fit, with at least these arguments."""
        return [
            each
            for each in self.calls
            if fnmatchcase(each.method, pattern)
            and all(each.args.get(name) == value for name, value in args.items())
        ]

    def delivered(self, kind: str = "*") -> list[Delivery]:
        """Return the deliveries of a kind.

        An event's type, ``command``, ``block_actions``, ``view_submission`` ...
        """
        return [each for each in self.deliveries if fnmatchcase(each.kind, kind)]

    def counts(self) -> Counter[str]:
        """Return how many calls of each method there were."""
        return Counter(each.method for each in self.calls)
