"""The border: what Slack could have sent reaches whom it is for, all else is refused and never breaks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt.response import BoltResponse

from bot.domain.shared.vocabulary import UserId
from bot.slack.border import Border, Reply
from bot.slack.client.gateway import Identity
from bot.slack.models import Event

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
TS = "1790000000.000100"
MESSAGE = {"type": "message", "channel": "C1", "user": "U1", "ts": TS, "text": "rows are missing"}
PRESSED: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U1", "team_id": "T1"},
    "team": {"id": "T1"},
    "actions": [{"action_id": "take:commander", "value": "{}"}],
}
SUBMITTED: dict[str, Any] = {
    "type": "view_submission",
    "user": {"id": "U1"},
    "team": {"id": "T1"},
    "view": {"id": "V1", "type": "modal", "callback_id": "note", "state": {"values": {}}},
}
TYPED = {"command": "/incident", "text": "list", "user_id": "U1", "team_id": "T1"}


def happened(event: Mapping[str, object], **outer: object) -> dict[str, object]:
    return {"type": "event_callback", "event_id": "Ev1", "event": event, **outer}


@dataclass
class Inside:
    """What is behind the border: a recorder and listeners that keep what reaches them."""

    said: list[Event] = field(default_factory=list)
    dispatched: list[dict[str, Any]] = field(default_factory=list)
    us: Identity | None = None
    answer: BoltResponse = field(default_factory=lambda: BoltResponse(status=200, body=""))

    def __post_init__(self) -> None:
        self.border = Border(say=self._say, dispatch=self._dispatch, identity=lambda: self.us)

    async def _say(self, event: Event) -> None:
        self.said.append(event)

    async def _dispatch(self, body: dict[str, Any]) -> BoltResponse:
        self.dispatched.append(body)
        return self.answer

    async def json(self, payload: object) -> Reply:
        return await self.border.over_http(json.dumps(payload).encode(), JSON)


@pytest.fixture
def inside() -> Inside:
    return Inside()


async def test_what_is_said_in_a_channel_goes_to_the_recorder_alone(inside: Inside) -> None:
    reply = await inside.json(happened(MESSAGE))

    assert (reply, [event.text for event in inside.said]) == (Reply(), ["rows are missing"])
    assert not inside.dispatched


async def test_what_is_said_to_the_bot_directly_goes_to_the_listeners(inside: Inside) -> None:
    await inside.json(happened({**MESSAGE, "channel_type": "im"}))

    assert not inside.said
    assert inside.dispatched[0]["event"]["text"] == "rows are missing"


@pytest.mark.parametrize("change", [{"deleted": True}, {"is_bot": True}])
async def test_what_becomes_of_an_account_reaches_the_listeners(
    inside: Inside, change: dict[str, object]
) -> None:
    await inside.json(happened({"type": "user_change", "user": {"id": "U1", "name": "ada", **change}}))

    assert inside.dispatched[0]["event"]["user"] == {"id": "U1", **change}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps(happened({"type": "app_home_opened", "user": "U1", "tab": "home"})).encode(), JSON),
        (json.dumps(happened({"type": "pin_added"})).encode(), JSON + "; charset=utf-8"),
        (urlencode({"payload": json.dumps(PRESSED)}).encode(), FORM),
        (urlencode({"payload": json.dumps(SUBMITTED)}).encode(), FORM),
        (urlencode({"command": "/incident", "text": "sev 2 ü", "user_id": "U1"}).encode(), FORM),
    ],
)
async def test_events_commands_and_interactions_reach_the_listeners(
    inside: Inside, body: bytes, kind: str
) -> None:
    inside.answer = BoltResponse(status=200, body={"text": "done"})

    reply = await inside.border.over_http(body, kind)

    assert (reply.status, json.loads(reply.body)) == (200, {"text": "done"})
    assert len(inside.dispatched) == 1


async def test_what_nobody_named_does_not_come_in(inside: Inside) -> None:
    await inside.json({**PRESSED, "function_data": 5, "view": None, "container": {"type": "x", "y": []}})

    assert inside.dispatched == [{**PRESSED, "container": {"type": "x"}}]


async def test_slacks_own_questions_are_answered_here(inside: Inside) -> None:
    challenged = await inside.json({"type": "url_verification", "challenge": "x7", "token": "t"})
    checked = await inside.border.over_http(b"ssl_check=1&token=x", FORM)
    limited = await inside.json({"type": "app_rate_limited", "minute_rate_limited": 1790000000})

    assert json.loads(challenged.body) == {"challenge": "x7"}
    assert (checked, limited) == (Reply(), Reply())
    assert not inside.dispatched


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{not json", JSON),
        (b"", JSON),
        (b"", FORM),
        (b"[]", JSON),
        (b'"text"', JSON),
        (b"{}", JSON),
        (b'{"type": 5}', JSON),
        (b"\xff\xfe", FORM),
        (b"[" * 100_000, JSON),
        (b'{"type": "event_callback", "event": ' + b'{"a":' * 100_000, JSON),
        (b'{"type": "event_callback"}', JSON),
        (b'{"type": "event_callback", "event": "text"}', JSON),
        (b'{"type": "event_callback", "event": {}}', JSON),
        (b"payload=%7Bbroken", FORM),
        (b"payload=%5B1%5D", FORM),
        (urlencode({"something": "else"}).encode(), FORM),
        (urlencode({"command": "incident", "user_id": "U1"}).encode(), FORM),
        (urlencode({"command": "/incident"}).encode(), FORM),
        (b"&".join(b"a=1" for _ in range(1000)), FORM),
    ],
)
async def test_what_is_no_request_of_slacks_is_refused_with_a_sentence(
    inside: Inside, body: bytes, kind: str
) -> None:
    reply = await inside.border.over_http(body, kind)

    assert (reply.status, reply.is_ack) == (400, True)
    assert json.loads(reply.body)["error"].endswith(".")
    assert not inside.said + inside.dispatched


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": []},
        {"channel": 3},
        {"channel": "C\ud800"},
        {"channel": "C\0"},
        {"user": ["U1"]},
        {"ts": 5},
        {"ts": "now"},
        {"ts": "99999999999999.1"},
        {"text": {}},
        {"files": "a.csv"},
        {"message": "text"},
        {"edited": {"ts": "²².²"}},
        {"item": {"ts": 2**63}},
    ],
)
async def test_an_event_of_the_wrong_kind_is_refused_by_the_name_of_what_is_wrong(
    inside: Inside, wrong: dict[str, object]
) -> None:
    reply = await inside.json(happened({**MESSAGE, **wrong}))

    assert reply.status == 400
    assert f"event.{next(iter(wrong))}" in reply.body
    assert not inside.said + inside.dispatched


@pytest.mark.parametrize(
    "wrong",
    [
        {"actions": []},
        {"actions": "x"},
        {"actions": [{"value": "no action id"}]},
        {"actions": [{"action_id": 5}]},
        {"actions": None},
        {"user": "U1"},
        {"user": None},
        {"trigger_id": {}},
        {"response_url": "javascript:alert(1)"},
        {"response_urls": [{"response_url": 5}]},
        {"response_urls": "https://hooks.slack.com/x"},
        {"callback_id": ["x"]},
        {"view": {"type": "modal"}},
        {"view": {"type": "modal", "callback_id": "x", "private_metadata": {}}},
        {"view": {"type": "modal", "callback_id": "x", "state": {"values": {"a": []}}}},
        {"state": {"values": {"title": {"title": "no object"}}}},
    ],
)
async def test_an_interaction_of_the_wrong_kind_is_refused(inside: Inside, wrong: dict[str, object]) -> None:
    reply = await inside.json({**PRESSED, **wrong})

    assert reply.status == 400
    assert not inside.dispatched


async def test_words_lose_what_cannot_be_kept_and_are_still_recorded(inside: Inside) -> None:
    await inside.json(happened({**MESSAGE, "text": "half \ud83d, none \0, whole \U0001f525"}))

    assert [event.text for event in inside.said] == ["half \ufffd, none \ufffd, whole \U0001f525"]


US = Identity(team="T1", url="", user=UserId("UBOT"), bot="B1", enterprise="E1", app="A1")


@pytest.mark.parametrize(
    "payload",
    [
        happened(MESSAGE, team_id="T1", api_app_id="A1"),
        happened(MESSAGE),
        # A shared channel: it happened in another workspace, and is meant for ours.
        happened(MESSAGE, team_id="T2", authorizations=[{"team_id": "T3"}, {"team_id": "T1"}]),
        happened(
            MESSAGE, team_id="T2", authorizations=[{"enterprise_id": "E1", "is_enterprise_install": True}]
        ),
        PRESSED,
        {
            **PRESSED,
            "team": None,
            "enterprise": {"id": "E1"},
            "is_enterprise_install": True,
            "user": {"id": "U1", "team_id": "T9"},
        },
        {**SUBMITTED, "team": {"id": "T2"}, "view": {**SUBMITTED["view"], "app_installed_team_id": "T1"}},
    ],
)
async def test_what_is_meant_for_us_comes_in(inside: Inside, payload: dict[str, object]) -> None:
    inside.us = US

    reply = await inside.json(payload)

    assert reply.status == 200
    assert len(inside.said) + len(inside.dispatched) == 1


@pytest.mark.parametrize(
    "payload",
    [
        happened(MESSAGE, team_id="T2"),
        happened(MESSAGE, team_id="T1", api_app_id="A2"),
        happened(MESSAGE, team_id="T1", authorizations=[{"team_id": "T2"}]),
        happened(MESSAGE, team_id="T2", authorizations=[{"enterprise_id": "E1", "team_id": "T2"}]),
        happened(
            MESSAGE, team_id="T2", authorizations=[{"enterprise_id": "E2", "is_enterprise_install": True}]
        ),
        {**PRESSED, "team": {"id": "T2"}},
        {**PRESSED, "api_app_id": "A2"},
        {**PRESSED, "team": None, "user": {"id": "U1", "team_id": "T2"}},
    ],
)
async def test_what_is_meant_for_another_workspace_or_app_is_refused(
    inside: Inside, payload: dict[str, object]
) -> None:
    inside.us = US

    reply = await inside.json(payload)

    assert (reply.status, reply.is_ack) == (403, True)
    assert not inside.said + inside.dispatched


@pytest.mark.parametrize(("team", "status"), [("T1", 200), ("T2", 403)])
async def test_a_command_is_refused_where_it_was_typed_in_another_workspace(
    inside: Inside, team: str, status: int
) -> None:
    inside.us = US

    reply = await inside.border.over_http(urlencode({**TYPED, "team_id": team}).encode(), FORM)

    assert reply.status == status


async def test_until_we_know_who_we_are_everything_signed_is_taken(inside: Inside) -> None:
    reply = await inside.json(happened(MESSAGE, team_id="T2"))

    assert reply.status == 200


async def test_our_own_failure_is_no_ack(inside: Inside) -> None:
    inside.answer = BoltResponse(status=500, body="")

    reply = await inside.json(PRESSED)

    assert not reply.is_ack
