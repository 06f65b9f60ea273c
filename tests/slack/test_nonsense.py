"""Signed nonsense: over HTTP never answered with a 5xx, over Socket Mode always acked, on both databases.

``NONSENSE=10000 pytest tests/slack/test_nonsense.py`` tries that many bodies on each of the four.
"""

import asyncio
import copy
import json
import os
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.delivery import Envelope
from bot.slack.ids import Action, Form, Shortcut
from bot.slack.models import Malformed, decoded, read
from tests.databases import KINDS, fresh
from tests.world import World, world

BODIES = int(os.environ.get("NONSENSE", "40"))
TS = "1790000000.000100"
VISIBLE = {"team": "T00000001", "app": "A0WARROOM", "ada": "U00000001"}
Json = dict[str, object]
Result = TypeVar("Result")


def _outer(event: Json) -> Json:
    return {
        "type": "event_callback", "team_id": None, "api_app_id": None, "event_id": "Ev1", "event": event,
        "authorizations": [{"team_id": None, "enterprise_id": None, "is_enterprise_install": False}],
    }  # fmt: skip


def _events(room: str) -> Iterator[Json]:
    said: Json = {
        "type": "message",
        "channel": room,
        "user": VISIBLE["ada"],
        "ts": TS,
        "text": "rows are missing",
    }
    item = {"type": "message", "channel": room, "ts": TS}
    yield said
    yield {**said, "files": [{"id": "F1", "name": "a.csv"}], "thread_ts": TS, "subtype": "file_share"}
    yield {**said, "subtype": "message_changed", "message": {**said, "edited": {"ts": TS}}, "event_ts": TS}
    yield {**said, "subtype": "message_deleted", "deleted_ts": TS, "previous_message": said}
    yield {**said, "channel_type": "im", "text": "list"}
    yield {**said, "type": "app_mention", "text": "<@U1> note INC-1 hm"}
    for kind in ("reaction_added", "reaction_removed"):
        yield {"type": kind, "user": VISIBLE["ada"], "reaction": "pushpin", "item": item, "event_ts": TS}
    for kind in ("member_joined_channel", "member_left_channel"):
        yield {"type": kind, "user": VISIBLE["ada"], "channel": room, "event_ts": TS}
    yield {"type": "app_home_opened", "user": VISIBLE["ada"], "tab": "home", "channel": "D1"}


def _interactions(room: str, response_url: str) -> Iterator[Json]:
    common: Json = {
        "user": {"id": VISIBLE["ada"], "team_id": None}, "team": {"id": None}, "api_app_id": None,
        "trigger_id": "1.2.abc", "enterprise": None, "is_enterprise_install": False,
    }  # fmt: skip
    message = {"ts": TS, "text": "rows are missing", "user": VISIBLE["ada"], "thread_ts": TS}
    inside = {
        "channel": {"id": room},
        "container": {"channel_id": room, "message_ts": TS},
        "message": message,
    }
    payload = json.dumps({"i": 1, "role": "commander", "seen": "", "to": "fixing", "job": 1, "channel": room})
    for action in Action:
        pressed = {"action_id": action, "block_id": "b", "type": "button", "value": payload, "action_ts": TS}
        yield {
            **common,
            **inside,
            "type": "block_actions",
            "actions": [pressed],
            "response_url": response_url,
        }
        shown = {"id": "V1", "type": "home", "callback_id": "", "private_metadata": payload}
        yield {**common, "type": "block_actions", "actions": [pressed], "view": shown}
    option = {"value": payload}
    yield {
        **common,
        **inside,
        "type": "block_actions",
        "actions": [{"action_id": "more", "selected_option": option}],
    }
    for form in Form:
        view = {
            "id": "V1", "type": "modal", "callback_id": form, "private_metadata": payload, "hash": "1.a",
            "state": {"values": _values()},
        }  # fmt: skip
        yield {
            **common,
            "type": "view_submission",
            "view": view,
            "response_urls": [{"response_url": response_url}],
        }
    yield {
        **common,
        "type": "view_closed",
        "view": {"type": "modal", "callback_id": "declare"},
        "is_cleared": False,
    }
    for shortcut in Shortcut:
        yield {**common, **inside, "type": "shortcut", "callback_id": shortcut, "action_ts": TS}
        yield {**common, **inside, "type": "message_action", "callback_id": shortcut, "message_ts": TS}


def _values() -> Json:
    typed, chosen = {"value": "hm"}, {"selected_option": {"value": "SEV2"}}
    return {
        **{
            name: {name: typed} for name in ("title", "summary", "reason", "note", "link", "actions", "needs")
        },
        **{name: {name: typed} for name in ("conditions", "blast_radius", "workstream", "affected")},
        **{name: {name: chosen} for name in ("severity", "status", "milestone", "condition")},
        "person": {"person": {"selected_user": VISIBLE["ada"]}},
        "at": {"at": {"selected_date_time": 1790000000}},
        "started_at": {"started_at": {"selected_date_time": 1790000000}},
        "occurred_at": {"occurred_at": {"selected_date_time": 1790000000}},
        "marks": {"marks": {"selected_options": [{"value": "drill"}]}},
        "met": {"met": {"selected_options": [{"value": "x"}]}},
    }


COMMANDS = (
    "",
    "list",
    "sev 2",
    "note hm",
    "INC-1 resolve",
    "ic @x",
    "INC-999999999 status",
    "snooze 1h",
    "merge INC-1",
)


def _commands(room: str, response_url: str) -> Iterator[Json]:
    for typed in COMMANDS:
        yield {
            "command": "/incident", "text": typed, "user_id": VISIBLE["ada"], "channel_id": room,
            "team_id": "T1", "trigger_id": "1.2.abc", "response_url": response_url, "api_app_id": "A1",
        }  # fmt: skip


odd_texts = st.one_of(
    st.sampled_from(
        ["", "\0", "C\0", "\ud800", "U\udfff", "x" * 5000, "\u202e", "INC-2147483648", "[" * 900]
    ),
    st.sampled_from(["1e999.1", "²².²", "-1.5", "99999999999.999999", "99999999999999999999.1"]),
    st.sampled_from(["http://[", "javascript:x", "https://127.0.0.1:1/x", "hooks.slack.com"]),
    st.sampled_from(
        ['{"i":99999999999}', '{"i":-1,"channel":"\\u0000"}', '{"i":true,"role":[],"job":1e400}']
    ),
    st.sampled_from(
        ['{"i":1,"message":"\\ud800","to":"\\u0000"}', '{"i":1,"job":2147483648,"do":"open_note"}']
    ),
    st.text(max_size=20),
)
numbers = st.one_of(
    st.sampled_from([0, -1, 2**31, 2**63, 10**40, 1.5, 1e308]), st.integers(), st.booleans(), st.none()
)
scraps = st.recursive(
    odd_texts | numbers,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def _paths(value: object, here: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*here, key)
        yield from _paths(each, (*here, key))


@st.composite
def changed(draw: st.DrawFn, whole: Json) -> Json:
    """Return a payload with a few of its parts replaced, dropped or added to."""
    made: Json = copy.deepcopy(whole)
    for _ in range(draw(st.integers(0, 4))):
        *way, last = draw(st.sampled_from(list(_paths(made)) or [("type",)]))
        part: object = made
        for key in way:
            part = part[key]  # type: ignore[index] # the path was just found in it
        if draw(st.booleans()):
            part[last] = draw(scraps)  # type: ignore[index] # as above
        else:
            part.pop(last)  # type: ignore[attr-defined] # as above
    return made


texts = st.one_of(
    st.sampled_from(
        ['{"type":"event_callback","event":' + '{"a":' * 500, "[" * 5000, '{"a":1', "nul", '""', ""]
    ),
    st.text(max_size=60),
)
"""Bodies that are no JSON, or hardly."""


class Door:
    """One transport into a bot that runs."""

    def __init__(self, here: World, session: aiohttp.ClientSession) -> None:
        self.here = here
        self._session = session
        self._signed = SignatureVerifier(here.slack.signing_secret)
        self._numbers = count(1)

    async def send(self, payload: object, kind: str) -> bool:
        """Send what Slack might, and return whether it was answered as it should be."""
        if self.here.port is not None:
            text = json.dumps(payload)
            form = kind != "events_api" and isinstance(payload, dict)
            fields = payload if kind == "slash_commands" else {"payload": text}
            return await self.post(urlencode(_flat(fields)) if form else text, is_form=form)
        while True:
            sent = Envelope(id=f"nonsense-{next(self._numbers)}", type=kind, payload=payload)  # type: ignore[arg-type]
            ack = await self.here.slack.sockets.send(sent)
            if ack.outcome != "connection_failed":
                return ack.ok
            # A busy machine missed a ping: Slack would send it again over the next connection, too.
            await self.here.slack.connection(1)

    async def post(self, text: str, *, is_form: bool) -> bool:
        """Post a signed body over HTTP."""
        body, stamp = text.encode("utf-8", "replace"), str(int(time.time()))
        headers = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": str(self._signed.generate_signature(timestamp=stamp, body=body)),
            "Content-Type": "application/x-www-form-urlencoded" if is_form else "application/json",
        }
        url = f"http://127.0.0.1:{self.here.port}/slack/events"
        async with self._session.post(url, data=body, headers=headers) as answer:
            return answer.status < 500


@dataclass(frozen=True, kw_only=True)
class Alive:
    """A bot with an incident, and a way in."""

    door: Door
    room: str
    stack: AsyncExitStack


async def _opened(kind: str, transport: str, folder: Path) -> Alive:
    stack = AsyncExitStack()
    url = await stack.enter_async_context(fresh(kind, folder))
    here = await stack.enter_async_context(world(url, http=transport == "http"))
    session = await stack.enter_async_context(
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
    )
    room = await here.declare()
    return Alive(door=Door(here, session), room=here.channel(room).id, stack=stack)


def _flat(fields: object) -> dict[str, str]:
    found = fields if isinstance(fields, dict) else {}
    return {
        name.encode("utf-8", "replace").decode(): str(value).encode("utf-8", "replace").decode()
        for name, value in found.items()
        if value is not None
    }


def _kind(payload: Json) -> str:
    if payload.get("type") == "event_callback":
        return "events_api"
    return "slash_commands" if "command" in payload else "interactive"


@contextmanager
def beside() -> Iterator[Callable[[Coroutine[object, object, Result]], Result]]:
    """Yield what runs coroutines on a loop that goes on while hypothesis thinks: sockets want their pings."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield lambda doing: asyncio.run_coroutine_threadsafe(doing, loop).result(timeout=60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.mark.parametrize("transport", ["http", "socket"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(120 + BODIES)
def test_whatever_is_sent_is_answered_and_the_bot_goes_on(kind: str, transport: str, tmp_path: Path) -> None:
    with beside() as run:
        alive = run(_opened(kind, transport, tmp_path))
        door, url = alive.door, f"{alive.door.here.slack.url}/response/none"
        good = [
            *map(_outer, _events(alive.room)),
            *_interactions(alive.room, url),
            *_commands(alive.room, url),
        ]

        @settings(max_examples=BODIES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(st.sampled_from(good).flatmap(lambda one: st.tuples(st.just(_kind(one)), changed(one))))
        def each(sent: tuple[str, Json]) -> None:
            kind, body = sent

            assert run(door.send(body, kind)), sent

        try:
            each()
            reply = run(door.here.types("ada", "list"))
        finally:
            run(alive.stack.aclose())

        assert "INC-1" in json.dumps(reply.blocks)


@given(texts)
@settings(suppress_health_check=[HealthCheck.differing_executors])
def test_whatever_is_no_json_at_all_is_refused_and_can_be_acked(text: str) -> None:
    with pytest.raises(Malformed):
        read(decoded(text.encode(), ""))
