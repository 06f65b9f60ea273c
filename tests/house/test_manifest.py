"""The manifest asks Slack for exactly what the code uses: scopes, events, the command, the shortcuts."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.sandbox.methods import TABLE
from bot.sandbox.state import Kind
from bot.slack import ids
from bot.slack.commands import GRAMMAR
from bot.slack.ids import Shortcut
from tests.house.sources import ROOT, constants, modules

MANIFEST = ROOT / "manifest.yml"
SPECS = Path(os.environ.get("WARROOM_SLACK_SPECS") or ROOT.parent / "shared" / "slack-specs")

EVENT_SCOPES = {
    "app_home_opened": frozenset[str](),
    "app_mention": frozenset({"app_mentions:read"}),
    "channel_archive": frozenset({"channels:read"}),
    "channel_unarchive": frozenset({"channels:read"}),
    "group_archive": frozenset({"groups:read"}),
    "group_unarchive": frozenset({"groups:read"}),
    "channel_deleted": frozenset({"channels:read"}),
    "channel_left": frozenset({"channels:read"}),
    "group_deleted": frozenset({"groups:read"}),
    "group_left": frozenset({"groups:read"}),
    "member_joined_channel": frozenset({"channels:read", "groups:read"}),
    "member_left_channel": frozenset({"channels:read", "groups:read"}),
    "message.channels": frozenset({"channels:history"}),
    "message.groups": frozenset({"groups:history"}),
    "message.im": frozenset({"im:history"}),
    "reaction_added": frozenset({"reactions:read"}),
    "reaction_removed": frozenset({"reactions:read"}),
    "team_join": frozenset({"users:read"}),
    "user_change": frozenset({"users:read"}),
}
"""What Slack asks for before it sends an event, by its reference."""
ASKED_ONLY_BY_OPERATORS = {"apps.connections.open", "api.test", "auth.test"}
KINDS = {"channels": (Kind.PUBLIC, Kind.PRIVATE), "direct": (Kind.IM,)}
DIRECT = {"conversations.open", "conversations.history"}
"""Methods that we call on direct messages too."""


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return read


def _called() -> set[str]:
    """Return the methods that the Slack layer names where it calls, not where it tells their tiers."""
    named = {
        name
        for path in modules()
        if path.startswith("bot/slack/") and path != "bot/slack/client/calls.py"
        for name in constants(path)
    }
    return named & set(TABLE)


def _scopes_for(method: str) -> list[tuple[str, ...]]:
    """Return for each kind of channel we call it on the scopes that would do, any one of them."""
    access = TABLE[method].access
    if access.any_of:
        return [access.any_of]
    kinds = (Kind.IM,) if method == "conversations.open" else KINDS["channels"]
    kinds += (Kind.IM,) if method in DIRECT - {"conversations.open"} else ()
    return [access.by_kind[kind] for kind in kinds if kind in access.by_kind]


def test_every_call_the_code_makes_is_granted(manifest: dict[str, Any]) -> None:
    granted = set(manifest["oauth_config"]["scopes"]["bot"])

    missing = [
        (method, any_of)
        for method in sorted(_called())
        for any_of in _scopes_for(method)
        if not granted & set(any_of)
    ]

    assert {"conversations.create", "chat.postMessage", "views.open"} <= _called()
    assert not missing


def test_no_scope_is_asked_for_that_nothing_uses(manifest: dict[str, Any]) -> None:
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    used = {"commands"} | {scope for event in events for scope in EVENT_SCOPES[event]}
    used |= {scope for method in _called() for any_of in _scopes_for(method) for scope in any_of}

    assert set(manifest["oauth_config"]["scopes"]["bot"]) - used == set()


def test_every_event_subscribed_to_is_granted_and_heard(manifest: dict[str, Any]) -> None:
    granted = set(manifest["oauth_config"]["scopes"]["bot"])
    events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    listened = constants("bot/slack/app.py")

    assert events == set(EVENT_SCOPES)
    assert all(EVENT_SCOPES[event] <= granted for event in events)
    assert {event.split(".")[0] for event in events} <= listened


def test_the_command_and_the_shortcuts_are_those_of_the_code(manifest: dict[str, Any]) -> None:
    features = manifest["features"]

    assert [one["command"] for one in features["slash_commands"]] == [ids.COMMAND]
    assert all(one["should_escape"] for one in features["slash_commands"]), "@someone needs an id"
    assert {one["callback_id"] for one in features["shortcuts"]} == set(Shortcut)


def test_the_hint_of_the_command_names_commands_there_are(manifest: dict[str, Any]) -> None:
    hint = manifest["features"]["slash_commands"][0]["usage_hint"].strip("[]")

    assert all(GRAMMAR.parse(word).command for word in hint.split(" | "))


def test_slack_takes_the_manifest(manifest: dict[str, Any]) -> None:
    schema = SPECS / "manifest.schema.json"
    if not schema.exists():
        pytest.skip(f"Slack's schema is not at {schema}; set WARROOM_SLACK_SPECS to its folder")

    jsonschema.validate(manifest, json.loads(schema.read_text(encoding="utf-8")))


def test_the_sandbox_asks_for_the_scopes_that_slack_asks_for() -> None:
    methods = SPECS / "methods.json"
    if not methods.exists():
        pytest.skip(f"Slack's reference is not at {methods}; set WARROOM_SLACK_SPECS to its folder")
    reference = json.loads(methods.read_text(encoding="utf-8"))

    for method in _called() - ASKED_ONLY_BY_OPERATORS:
        scopes = set(reference[method].get("bot_scopes", ()))
        assert set(TABLE[method].access.every()) <= scopes or not scopes, method
