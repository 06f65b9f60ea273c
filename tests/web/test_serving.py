"""Serving: a port is bound and told, requests are answered, and cancelling ends it."""

import asyncio
import socket

import httpx
import pytest
from starlette.types import ASGIApp

from bot.web.app import build
from bot.web.serving import CannotListen, serve

from .conftest import World


def application(world: World) -> ASGIApp:
    return build(health=world.look, open_incidents=world.open_incidents)


async def test_it_answers_at_the_port_it_names_until_it_is_cancelled(world: World) -> None:
    ready, ports = asyncio.Event(), list[int]()

    serving = asyncio.create_task(
        serve(application(world), host="127.0.0.1", port=0, ready=ready, bound=ports.append)
    )
    await ready.wait()
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{ports[0]}/health")
    serving.cancel()
    ended = await asyncio.gather(serving, return_exceptions=True)

    assert answer.status_code == 200
    assert isinstance(ended[0], asyncio.CancelledError)
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", ports[0])):
        pass


async def test_a_taken_port_is_said_in_a_sentence(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CannotListen, match=f"127.0.0.1 port {port}: .*in use"):
            await serve(application(world), host="127.0.0.1", port=port, ready=asyncio.Event())
