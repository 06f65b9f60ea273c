"""What the sandbox's tests build with: a Bolt app that listens, views and blocks, and Slack's reference."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "manifest.yml"
CHANNELS = ("general", "incidents")
SPECS = Path(os.environ.get("WARROOM_SLACK_SPECS") or ROOT.parent / "shared" / "slack-specs") / "methods.json"

# Codes any method may answer with, and so listed by none or few: the general ones of Slack's Web API, and
# one that is
# undocumented and was seen in the wild (msg_blocks_too_long for chat.update and chat.postEphemeral).
GENERAL = frozenset(
    [
        "not_authed",
        "invalid_auth",
        "not_allowed_token_type",
        "missing_scope",
        "invalid_arguments",
        "unknown_method",
        "ratelimited",
        "rate_limited",
        "fatal_error",
        "internal_error",
        "service_unavailable",
        "msg_blocks_too_long",
    ]
)


class Ticker:
    """A monotonic clock that stands until it is moved."""

    def __init__(self) -> None:
        self.value = 1000.0

    def __call__(self) -> float:
        return self.value


def specs() -> dict[str, Any]:
    """Return Slack's reference, or skip the test and say why."""
    if not SPECS.exists():
        pytest.skip(f"Slack's reference is not at {SPECS}; set WARROOM_SLACK_SPECS to its folder")
    found: dict[str, Any] = json.loads(SPECS.read_text(encoding="utf-8"))
    return found


@dataclass
class Bot:
    """A Bolt app that writes down what it hears; tests add the listeners they are about."""

    app: AsyncApp
    client: AsyncWebClient
    heard: list[dict[str, Any]] = field(default_factory=list)

    def hears(self, *kinds: str) -> None:
        """Acknowledge and keep these events."""
        for kind in kinds:
            self.app.event(kind)(self._keep)

    async def _keep(self, body: dict[str, Any], ack: Callable[[], Any]) -> None:
        self.heard.append(body)
        await ack()

    def texts(self) -> list[str]:
        """Return the texts of the messages heard."""
        return [body["event"].get("text", "") for body in self.heard]


def bolt(slack: Sandbox, client: AsyncWebClient) -> Bot:
    """Return a Bolt app for a sandbox."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id=slack.workspace.ground.team, bot_token=slack.bot_token,
            bot_id=slack.workspace.ground.bot_id, bot_user_id=slack.bot_user.id,
        )  # fmt: skip

    app = AsyncApp(
        client=client, signing_secret=slack.signing_secret, authorize=authorize, process_before_response=True,
        raise_error_for_unhandled_request=False,
    )  # fmt: skip
    return Bot(app=app, client=client)


def plain(text: str) -> dict[str, str]:
    """Return a plain text object."""
    return {"type": "plain_text", "text": text}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a modal with these blocks, or with one text input ``what``."""
    what = {
        "type": "input", "block_id": "what", "label": plain("What"),
        "element": {"type": "plain_text_input", "action_id": "words"},
    }  # fmt: skip
    return {
        "type": "modal", "callback_id": "declare", "title": plain("Declare"), "submit": plain("Declare it"),
        "blocks": list(blocks) or [what], **more,
    }  # fmt: skip


def button(action_id: str, text: str = "Take it", **more: Any) -> dict[str, Any]:
    """Return a row of one button."""
    return {
        "type": "actions",
        "elements": [{"type": "button", "action_id": action_id, "text": plain(text), **more}],
    }


def section(text: str) -> dict[str, Any]:
    """Return a section of mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}
