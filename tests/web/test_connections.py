"""Connections: who keeps us waiting cannot keep anybody else out, whichever parser is beneath."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.web.app import build
from bot.web.connections import PROTOCOLS, Connections, Guard, Limits
from bot.web.events import SlackOverHttp
from bot.web.serving import LIMITS, serve

from .conftest import World

HEALTH = b"GET /health HTTP/1.1\r\nHost: warroom\r\nConnection: close\r\n\r\n"
SIGNED = b"POST /slack/events HTTP/1.1\r\nHost: warroom\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
FLOOD = 300

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest) -> type[Guard]:
    return request.param  # type: ignore[no-any-return] # one of those named


def application(world: World) -> ASGIApp:
    slack = SlackOverHttp(verify=lambda *_signed: True, receive=world.receive)
    return build(health=world.look, open_incidents=world.open_incidents, slack=slack)


@asynccontextmanager
async def served(app: ASGIApp, protocol: type[Guard], limits: Limits = LIMITS) -> AsyncIterator[int]:
    ready, ports = asyncio.Event(), list[int]()
    serving = asyncio.create_task(
        serve(
            app, host="127.0.0.1", port=0, ready=ready, bound=ports.append, limits=limits, protocol=protocol
        )
    )
    await ready.wait()
    try:
        yield ports[0]
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


@asynccontextmanager
async def opened(port: int, *sent: bytes) -> AsyncIterator[list[Wire]]:
    """Open a connection for each of what is sent first, and keep them."""
    async with AsyncExitStack() as stack:
        wires: list[Wire] = []
        for first in sent:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(first)
            wires.append((reader, writer))
        yield wires


async def asked(port: int, request: bytes) -> bytes:
    """Return the status line of an answer."""
    async with opened(port, request) as [(reader, _)]:
        line = await reader.readline()
        await reader.read()
        return line


async def test_three_hundred_half_open_connections_keep_nobody_out(
    world: World, protocol: type[Guard]
) -> None:
    halves = [b"", b"GET /hea", b"POST /slack/events HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"] * (FLOOD // 3)
    async with served(application(world), protocol) as port, opened(port, *halves):
        health = await asked(port, HEALTH)
        slack = await asked(port, SIGNED)

    assert health == b"HTTP/1.1 200 OK\r\n"
    assert slack == b"HTTP/1.1 200 OK\r\n"
    assert [body for body, _ in world.heard] == [b"{}"]


@pytest.mark.parametrize("half", [b"", b"GET /health HTTP/1.1\r\nX-Slow: "])
async def test_a_head_that_does_not_arrive_is_given_up(
    world: World, protocol: type[Guard], half: bytes
) -> None:
    limits = Limits(head_within=timedelta(milliseconds=50))
    async with served(application(world), protocol, limits) as port, opened(port, half) as [(reader, _)]:
        said = await reader.read()

    assert said.startswith(b"HTTP/1.1 408 ")


async def test_a_second_head_on_the_same_connection_is_awaited_no_longer(
    world: World, protocol: type[Guard]
) -> None:
    whole = b"GET /health HTTP/1.1\r\nHost: warroom\r\n\r\n"
    limits = Limits(head_within=timedelta(milliseconds=50))
    async with (
        served(application(world), protocol, limits) as port,
        opened(port, whole) as [(reader, writer)],
    ):
        first = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"GET /hea")
        rest = await reader.read()

    assert first.startswith(b"HTTP/1.1 200 OK")
    assert b"HTTP/1.1 408 " in rest


async def test_what_is_being_answered_is_not_given_up(world: World, protocol: type[Guard]) -> None:
    began, let_go = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        began.set()
        await let_go.wait()
        await application(world)(scope, receive, send)

    limits = Limits(by_peer=2, head_within=timedelta(milliseconds=50))
    async with served(slow, protocol, limits) as port, opened(port, HEALTH) as [(reader, _)]:
        await began.wait()
        async with opened(port, b"", b"", b"") as halves:
            # The half-open ones are ended, each by its successor or its time; the one at work is not.
            await asyncio.gather(*(half.read() for half, _ in halves), return_exceptions=True)
        let_go.set()
        line = await reader.readline()

    assert line == b"HTTP/1.1 200 OK\r\n"


@dataclass(eq=False)
class Peer:
    """A connection that only says whether it had to give way."""

    peer: str
    gone: list["Peer"] = field(default_factory=list)

    def give_way(self) -> None:
        self.gone.append(self)


def test_a_peer_with_too_many_connections_loses_its_own_that_waits_longest() -> None:
    connections, gone = Connections(Limits(by_peer=2, in_all=9)), list[Peer]()
    other, first, second, third = (Peer(name, gone) for name in ("b", "a", "a", "a"))
    for each in (other, first, second):
        connections.admit(each)
    connections.works(first)
    connections.waits(first)  # its turn came and went: it waits again, after the second

    taken = connections.admit(third)

    assert (taken, gone) == (True, [second])


def test_with_too_many_in_all_the_one_that_waits_longest_goes_whosever_it_is() -> None:
    connections, gone = Connections(Limits(by_peer=9, in_all=2)), list[Peer]()
    first, second, third = (Peer(name, gone) for name in "abc")
    connections.admit(first)
    connections.admit(second)

    taken = connections.admit(third)

    assert (taken, gone) == (True, [first])


def test_where_all_are_being_answered_no_more_are_taken() -> None:
    connections, gone = Connections(Limits(by_peer=9, in_all=2)), list[Peer]()
    first, second, third, fourth = (Peer(name, gone) for name in "abcd")
    for each in (first, second):
        connections.admit(each)
        connections.works(each)

    refused = connections.admit(third)
    connections.forget(first)
    taken = connections.admit(fourth)

    assert (refused, taken, gone) == (False, True, [])
