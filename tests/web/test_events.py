"""Slack over HTTP: only what Slack signed comes in, whole and of bounded size, and is answered."""

import gzip
import json
import time
from collections.abc import AsyncIterator
from io import StringIO
from urllib.parse import urlencode

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier

from bot.web.border import BODY_MAX
from bot.web.events import SlackOverHttp

from .conftest import Reply, World

SIGNED = SignatureVerifier("0123456789abcdef0123456789abcdef")
EVENT = {
    "type": "event_callback",
    "event_id": "Ev1",
    "event": {"type": "message", "channel": "C1", "user": "U1"},
}
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def headers_for(body: bytes, *, kind: str = JSON, at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    basis = b"v0:" + stamp.encode() + b":" + body
    signature = SIGNED.generate_signature(timestamp=stamp, body=body) if _is_text(body) else f"v0={basis!r}"
    return {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": str(signature),
    }


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


async def send(world: World, body: bytes | AsyncIterator[bytes], headers: dict[str, str]) -> httpx.Response:
    async with world.client(SlackOverHttp(verify=SIGNED.is_valid, receive=world.receive)) as client:
        return await client.post("/slack/events", content=body, headers=headers)


async def test_without_a_signing_secret_there_is_no_such_address(world: World) -> None:
    async with world.client() as client:
        answer = await client.post("/slack/events", json=EVENT)

    assert answer.status_code == 404


async def test_what_slack_signed_comes_in_as_it_came_and_is_answered(world: World) -> None:
    body = urlencode({"command": "/incident", "text": "sev 2 ü"}).encode()
    world.reply = Reply(body='{"text": "done"}')

    answer = await send(world, body, headers_for(body, kind=FORM))

    assert (answer.status_code, answer.json()) == (200, {"text": "done"})
    assert world.heard == [(body, FORM)]


async def test_a_refusal_of_the_border_is_answered_with_its_status(world: World) -> None:
    body = b"[]"
    world.reply = Reply(status=400, body='{"error": "The payload is not an object."}')

    answer = await send(world, body, headers_for(body))

    assert (answer.status_code, answer.json()["error"]) == (400, "The payload is not an object.")


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": "v0=0"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=\xfc"},
        {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "9" * 5000},
    ],
)
async def test_a_bad_signature_is_refused(world: World, change: dict[str, str]) -> None:
    body = json.dumps(EVENT).encode()
    headers = {**headers_for(body), **change}
    raw = {name: value.encode("latin-1") for name, value in headers.items()}

    answer = await send(world, body, raw)  # type: ignore[arg-type] # bytes, so that httpx takes them as they are

    assert answer.status_code == 401
    assert not world.heard


async def test_a_missing_signature_is_refused_before_the_body_is_parsed(world: World) -> None:
    answer = await send(world, b"{not json", {"Content-Type": JSON})

    assert answer.status_code == 401


async def test_a_replay_is_refused(world: World) -> None:
    body = json.dumps(EVENT).encode()

    answer = await send(world, body, headers_for(body, at=time.time() - 301))

    assert answer.status_code == 401
    assert not world.heard


async def test_a_packed_body_is_not_unpacked(world: World) -> None:
    bomb = gzip.compress(b"\0" * 50 * BODY_MAX)

    answer = await send(world, bomb, {**headers_for(bomb), "Content-Encoding": "gzip"})

    assert answer.status_code == 401
    assert not world.heard


async def test_a_body_over_the_limit_is_refused(world: World) -> None:
    body = b" " * (BODY_MAX + 1)

    answer = await send(world, body, headers_for(body))

    assert answer.status_code == 413


async def test_a_body_of_just_the_limit_is_read(world: World) -> None:
    event = json.dumps(EVENT).encode()
    body = event + b" " * (BODY_MAX - len(event))

    answer = await send(world, body, headers_for(body))

    assert answer.status_code == 200


async def test_a_chunked_body_is_counted_as_it_comes(world: World) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b" " * 65_536

    answer = await send(world, endless(), {"Content-Type": JSON})

    assert answer.status_code == 413
    assert sent <= BODY_MAX + 2 * 65_536


@pytest.mark.parametrize(
    ("said", "status"), [("10", 413), ("99999999999999999999", 413), ("-1", 400), ("ten", 400)]
)
async def test_a_lying_length_helps_nobody(world: World, said: str, status: int) -> None:
    body = b" " * (BODY_MAX + 1)

    answer = await send(world, body, {**headers_for(body), "Content-Length": said})

    assert answer.status_code == status


async def test_an_unexpected_error_is_told_as_a_reference_and_logged_once(
    world: World, logged: StringIO
) -> None:
    world.fails_with = RuntimeError("xoxb-1-hush fell over")
    body = json.dumps(EVENT).encode()

    answer = await send(world, body, headers_for(body))

    assert answer.status_code == 500
    assert "hush" not in answer.text + logged.getvalue()
    assert answer.json()["reference"] in answer.json()["error"]
    lines = [json.loads(line) for line in logged.getvalue().splitlines() if "fell over" in line]
    assert [line["reference"] for line in lines] == [answer.json()["reference"]]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/slack/events", 405), ("POST", "/health", 405), ("HEAD", "/health", 200), ("GET", "/", 404)],
)
async def test_an_address_takes_its_own_method_alone(
    world: World, method: str, path: str, status: int
) -> None:
    async with world.client(SlackOverHttp(verify=SIGNED.is_valid, receive=world.receive)) as client:
        answer = await client.request(method, path)

    assert answer.status_code == status
