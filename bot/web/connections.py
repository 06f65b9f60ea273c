"""How connections are held: heads in bounded time, so many by peer and in all, the slowest give way.

Uvicorn waits for a request's head for ever and counts who has not sent one like who has: some hundred
half-open connections would close every address, the one that says how things stand among them.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from bot.web.border import AT_ONCE

LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What connections are held to.

    A peer may have more of them than requests are served at once: behind a proxy everybody is one peer, and
    how things stand can be asked even then.
    """

    head_within: timedelta = timedelta(seconds=10)
    by_peer: int = AT_ONCE + 32
    in_all: int = 640


class Held(Protocol):
    """A connection, as its limits see it."""

    peer: str

    def give_way(self) -> None:
        """End at once."""


class Connections:
    """Those there are. The ones whose request has not arrived whole wait in line, the longest first."""

    def __init__(self, limits: Limits) -> None:
        """Hold none yet."""
        self.limits = limits
        self._by_peer: Counter[str] = Counter()
        # In the order in which they began to wait; those that are being answered are not among them.
        self._waiting: dict[Held, None] = {}
        self._held: set[Held] = set()

    def admit(self, new: Held) -> bool:
        """Take a connection in, in the place of one that keeps us waiting where there are too many."""
        if self._by_peer[new.peer] >= self.limits.by_peer and not self._make_room(new.peer):
            return False
        if len(self._held) >= self.limits.in_all and not self._make_room(None):
            return False
        self._held.add(new)
        self._by_peer[new.peer] += 1
        self._waiting[new] = None
        return True

    def waits(self, one: Held) -> None:
        """Note that the next move is the peer's."""
        if one in self._held:
            self._waiting.setdefault(one)

    def works(self, one: Held) -> None:
        """Note that the next move is ours."""
        self._waiting.pop(one, None)

    def forget(self, gone: Held) -> None:
        """Note that a connection has ended."""
        if gone in self._held:
            self._held.remove(gone)
            self._waiting.pop(gone, None)
            self._by_peer[gone.peer] -= 1
            if not self._by_peer[gone.peer]:
                del self._by_peer[gone.peer]

    def _make_room(self, peer: str | None) -> bool:
        """End the connection that has kept us waiting the longest, of one peer or of all."""
        for slow in self._waiting:
            if peer is None or slow.peer == peer:
                self.forget(slow)
                slow.give_way()
                return True
        return False


class Guard(asyncio.Protocol):
    """What the guarded protocols add to uvicorn's, whichever parser is beneath."""

    peer = ""
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    cycle: Any
    _connections: Connections
    _late: asyncio.TimerHandle | None = None

    def __init__(
        self,
        *,
        connections: Connections,
        config: object,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Be one of these connections; all else is uvicorn's."""
        super().__init__(  # type: ignore[call-arg] # the protocol that comes next takes them
            config=config, server_state=server_state, app_state=app_state, _loop=_loop
        )
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take it in, and expect a head."""
        super().connection_made(transport)
        self.peer = str((transport.get_extra_info("peername") or [""])[0])
        if self._connections.admit(self):
            self._expect_head()
        else:
            self.give_way()

    def data_received(self, data: bytes) -> None:
        """Read on; what has not become a head yet is still awaited."""
        super().data_received(data)
        if not self._look():
            self._expect_head()

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for it."""
        super().on_response_complete()  # type: ignore[misc] # of the protocol that comes next
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._connections.forget(self)
        self._head_is_there()
        super().connection_lost(exc)

    def give_way(self) -> None:
        """End at once."""
        self._head_is_there()
        self.transport.abort()

    def _look(self) -> bool:
        """Note whose move it is; return whether a request has begun."""
        cycle = self.cycle
        has_begun = cycle is not None and not cycle.response_complete
        if has_begun:
            self._head_is_there()
        if has_begun and not cycle.more_body:
            self._connections.works(self)
        else:
            self._connections.waits(self)
        return has_begun

    def _expect_head(self) -> None:
        if self._late is None and not self.transport.is_closing():
            within = self._connections.limits.head_within.total_seconds()
            self._late = self.loop.call_later(within, self._end_late)

    def _head_is_there(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _end_late(self) -> None:
        self._late = None
        if not self.transport.is_closing():
            self.transport.write(LATE)
            self.transport.close()


class GuardedH11(Guard, H11Protocol):
    """With the parser written in Python, which is always there."""


PROTOCOLS: list[type[Guard]] = [GuardedH11]
try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError:
    pass
else:

    class GuardedHttpTools(Guard, HttpToolsProtocol):
        """With the parser written in C."""

    PROTOCOLS.insert(0, GuardedHttpTools)
