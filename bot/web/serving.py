"""Runs the HTTP application inside this process, and ends when the process does."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from bot.domain.shared.errors import Refused
from bot.web.connections import PROTOCOLS, Connections, Guard, Limits

GRACE = timedelta(seconds=3)
"""How long requests under way have to finish at shutdown."""
LIMITS = Limits()


class CannotListen(Refused):
    """The address is taken or not this machine's; the message says which."""


class _Server(uvicorn.Server):
    """Uvicorn, without its own signal handlers, telling when it answers."""

    def __init__(self, config: uvicorn.Config, ready: asyncio.Event) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process, which has more to stop than this."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


async def serve(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    ready: asyncio.Event,
    bound: Callable[[int], None] = lambda _port: None,
    limits: Limits = LIMITS,
    protocol: type[Guard] = PROTOCOLS[0],
) -> None:
    """Answer HTTP until cancelled; then requests under way get ``GRACE`` to finish.

    ``bound`` is told the port (of interest where ``port`` is 0), then ``ready`` is set once requests are
    answered. Raises ``CannotListen``.
    """
    listening = _listen(host, port)
    with listening:
        bound(int(listening.getsockname()[1]))
        guarded = partial(protocol, connections=Connections(limits))
        config = uvicorn.Config(
            app,
            # Called as the class it stands for; the loop is the process's own.
            http=cast("type[asyncio.Protocol]", guarded),
            loop="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            lifespan="off",
            timeout_graceful_shutdown=int(GRACE.total_seconds()),
        )
        server = _Server(config, ready)
        serving = asyncio.create_task(server.serve(sockets=[listening]), name="http")
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            # Uvicorn notices within 0.1 s and keeps to its own bound.
            await asyncio.wait({serving}, timeout=GRACE.total_seconds() + 1)
            serving.cancel()
            raise


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server((str(address[0]), port), family=family, backlog=128)
    except OSError as wrong:
        msg = (
            f"Cannot listen on {host} port {port}: {(wrong.strerror or str(wrong)).lower()}. "
            "Stop what uses it, or set WARROOM_HOST and WARROOM_PORT (0 takes any free port)."
        )
        raise CannotListen(msg) from None
