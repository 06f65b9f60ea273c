"""The Web API: one table of methods, and what is refused before a method is reached."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.sandbox.manifest import Manifest
from bot.sandbox.state import Channel, Kind
from bot.sandbox.wire import Json, SlackError, invalid
from bot.sandbox.workspace import Workspace

T = TypeVar("T")

Scopes = tuple[str, ...]
# Slack's SDK sends the team of its context along with every call, and Slack takes it everywhere.
EVERYWHERE = frozenset({"team_id"})


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may call a method: any one of these scopes, by kind of channel where the kind decides."""

    any_of: Scopes = ()
    by_kind: Mapping[Kind, Scopes] = field(default_factory=dict)

    def every(self) -> Scopes:
        """Return all scopes that may be asked for."""
        return (*self.any_of, *(scope for scopes in self.by_kind.values() for scope in scopes))


@dataclass(kw_only=True)
class Call:
    """One call as a method gets it: the checked arguments, and the workspace it acts on."""

    method: "Method"
    args: Json
    workspace: Workspace
    manifest: Manifest

    @property
    def bot(self) -> str:
        """The id of the calling bot user."""
        return self.workspace.bot.id

    def text(self, name: str, default: str = "") -> str:
        """Return an argument as text."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def maybe(self, name: str) -> str | None:
        """Return an argument as text, None when it is not given or empty."""
        return self.text(name) or None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return an argument as a boolean, in any of the ways clients write one."""
        value = self.args.get(name)
        return default if value is None else str(value).lower() in ("1", "true")

    def names(self, name: str) -> list[str]:
        """Return a comma-separated argument as a list."""
        value = self.args.get(name) or ""
        parts = value if isinstance(value, list) else str(value).split(",")
        return [str(each).strip() for each in parts if str(each).strip()]

    def parsed(self, name: str, *, code: str = "invalid_arguments") -> Any:
        """Return an argument that is JSON, sent as such or as a string.

        Refused with ``code`` when it is broken.
        """
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError(code) from None

    def allow(self, kind: Kind) -> None:
        """Refuse the call when its scope for this kind of channel is not granted."""
        needs(self.method.access.by_kind.get(kind, ()), self.manifest)

    def channel(self, name: str = "channel") -> Channel:
        """Return the channel an argument names.

        When the bot may know of it and has the scope for its kind.
        """
        found = self.workspace.channels.all.get(self.text(name))
        if found is None or not found.visible_to(self.bot):
            raise SlackError("channel_not_found")
        if self.method.access.by_kind:
            self.allow(found.kind)
        return found


@dataclass(frozen=True, kw_only=True)
class Method:
    """One row of the table."""

    name: str
    run: Callable[[Call], Json]
    tier: str
    access: Access
    args: frozenset[str]
    required: frozenset[str]
    token: str = "bot"  # noqa: S105


def needs(scopes: Scopes, manifest: Manifest) -> None:
    """Refuse when none of the scopes is granted, naming what was needed and what there is."""
    if scopes and not manifest.scopes & set(scopes):
        raise SlackError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(manifest.scopes)))


def page(items: list[T], call: Call, *, most: int = 1000, default: int = 100) -> tuple[list[T], Json]:
    """Return one page of a list and the ``response_metadata`` that leads to the next."""
    raw = call.text("limit", "0") or "0"
    if not raw.isdigit() or int(raw) > most:
        raise SlackError(
            "invalid_limit"
            if call.method.name.startswith(("conversations.list", "conversations.members", "users.conv"))
            else "invalid_arguments"
        )
    size = int(raw) or default
    start = _position(call.text("cursor"))
    if start > len(items):
        raise SlackError("invalid_cursor")
    after = start + size
    following = base64.b64encode(f"next:{after}".encode()).decode() if after < len(items) else ""
    return items[start:after], {"next_cursor": following}


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except ValueError:
        raise SlackError("invalid_cursor") from None


class Api:
    """Checks a call as Slack does, in Slack's order, and runs it."""

    def __init__(self, workspace: Workspace, manifest: Manifest, table: Mapping[str, Method]) -> None:
        """Serve the table on a workspace with what the manifest grants."""
        self.workspace = workspace
        self.manifest = manifest
        self.table = table
        self.granted = ",".join(sorted(manifest.scopes))
        self.bot_token = f"xoxb-sandbox-{secrets.token_hex(16)}"
        self.app_token = f"xapp-1-sandbox-{secrets.token_hex(16)}"

    def run(self, name: str, args: Json, token: str | None) -> Json:
        """Return the reply's body; every refusal is a SlackError."""
        method = self.table.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        self._admit(method, token)
        if method.access.any_of:
            needs(method.access.any_of, self.manifest)
        elif method.access.by_kind and not self.manifest.scopes & set(method.access.every()):
            needs(method.access.every(), self.manifest)
        given = {name: value for name, value in args.items() if value is not None}
        if unknown := sorted(given.keys() - method.args - EVERYWHERE):
            raise invalid("invalid_arguments", *(f"unknown argument: {each}" for each in unknown))
        if missing := sorted(method.required - given.keys()):
            raise self._missing(missing)
        result = method.run(Call(method=method, args=given, workspace=self.workspace, manifest=self.manifest))
        return {"ok": True, **result}

    def _missing(self, names: list[str]) -> SlackError:
        return invalid("invalid_arguments", *(f"missing required field: {each}" for each in names))

    def _admit(self, method: Method, token: str | None) -> None:
        if method.token == "none":  # noqa: S105
            return
        if not token:
            raise SlackError("not_authed")
        known = {self.bot_token: "bot", self.app_token: "app"}
        if token not in known:
            raise SlackError("invalid_auth")
        if known[token] != method.token:
            raise SlackError("not_allowed_token_type")
