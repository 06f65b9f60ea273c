"""What the app's manifest grants: scopes, events, commands, shortcuts. What is not there does not work."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.sandbox.wire import Json


@dataclass(frozen=True, kw_only=True)
class SlashCommand:
    """One slash command of the app."""

    command: str
    should_escape: bool
    usage_hint: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """One shortcut of the app, global or on a message."""

    callback_id: str
    name: str
    on_message: bool


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The grants of one app."""

    name: str
    bot_name: str
    scopes: frozenset[str]
    events: frozenset[str]
    commands: Mapping[str, SlashCommand]
    shortcuts: Mapping[str, Shortcut]
    home_tab: bool
    messages_tab: bool
    interactivity: bool
    socket_mode: bool

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Return the manifest in a YAML file; a missing file is an OSError, a malformed one a ValueError."""
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            message = f"{path} holds no app manifest"
            raise ValueError(message)  # noqa: TRY004
        return cls.of(raw)

    @classmethod
    def of(cls, raw: Json) -> "Manifest":
        """Return the grants that stand in a manifest's JSON."""
        features, settings = raw.get("features", {}), raw.get("settings", {})
        home = features.get("app_home", {})
        return cls(
            name=raw["display_information"]["name"],
            bot_name=features["bot_user"]["display_name"],
            scopes=frozenset(raw["oauth_config"]["scopes"].get("bot", [])),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            commands={each["command"]: _command(each) for each in features.get("slash_commands", [])},
            shortcuts={each["callback_id"]: _shortcut(each) for each in features.get("shortcuts", [])},
            home_tab=home.get("home_tab_enabled", False),
            messages_tab=home.get("messages_tab_enabled", False),
            interactivity=settings.get("interactivity", {}).get("is_enabled", False),
            socket_mode=settings.get("socket_mode_enabled", False),
        )


def _command(raw: Json) -> SlashCommand:
    return SlashCommand(
        command=raw["command"],
        should_escape=raw.get("should_escape", False),
        usage_hint=raw.get("usage_hint", ""),
        description=raw.get("description", ""),
    )


def _shortcut(raw: Json) -> Shortcut:
    return Shortcut(callback_id=raw["callback_id"], name=raw["name"], on_message=raw["type"] == "message")
