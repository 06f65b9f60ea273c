"""The border of requests: slow bodies end, and what has begun to answer is not answered twice."""

import asyncio
from datetime import timedelta

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.border import BoundedBody, BoundedWork, RequestBorder

SCOPE: Scope = {"type": "http", "method": "POST", "path": "/x", "headers": []}


async def drive(app: ASGIApp, receive: Receive, scope: Scope = SCOPE) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def empty() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def test_a_body_that_does_not_arrive_is_given_up() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError

    sent = await drive(BoundedBody(app, within=timedelta()), never)

    assert sent[0]["status"] == 408


async def test_the_app_gets_the_body_in_the_pieces_it_came_in() -> None:
    pieces: list[Message] = [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.request", "body": b"b"},
    ]
    waiting = list(pieces)
    got: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        got.extend([await receive(), await receive()])

    await drive(BoundedBody(app), receive)

    assert got == pieces


async def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    sent = await drive(RequestBorder(app), empty)

    assert [message["type"] for message in sent] == ["http.response.start"]


async def test_too_many_requests_at_once_are_told_to_come_again_and_health_is_not_among_them() -> None:
    let_go = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await let_go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    bounded = BoundedWork(app, always="/health", most=2)
    busy = [asyncio.create_task(drive(bounded, empty)) for _ in range(2)]
    await asyncio.sleep(0)
    health = asyncio.create_task(drive(bounded, empty, {**SCOPE, "path": "/health"}))

    refused = await drive(bounded, empty)
    let_go.set()
    served = [await one for one in (*busy, health)]
    again = await drive(bounded, empty)

    assert refused[0]["status"] == 503
    assert [sent[0]["status"] for sent in (*served, again)] == [200] * 4
