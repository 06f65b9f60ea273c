"""Slack's payloads, read into gestures: who, where, what, and a name for it that survives a retry."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from bot.domain.shared.vocabulary import Actor, ChannelId, RequestKey, UserId
from bot.slack.events.messages import stamp
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident.membership import Moved

Body = Mapping[str, object]


def request_key(kind: str, *parts: object) -> RequestKey:
    """Return the name of a gesture. Hashed, because trigger ids open doors for three seconds."""
    digest = hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()[:32]
    return RequestKey(f"{kind}:{digest}")


def text(body: Body, *path: str) -> str:
    """Return the text at a path of a payload; ``""`` where there is none."""
    found: object = body
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def person(body: Body) -> Actor:
    """Return who made a gesture."""
    return Actor.person(text(body, "user", "id") or text(body, "user_id") or text(body, "user"))


def place(body: Body) -> ChannelId | None:
    """Return the channel a gesture was made in; a modal and the App Home are in none."""
    found = (
        text(body, "channel", "id")
        or text(body, "container", "channel_id")
        or text(body, "channel_id")
        or text(body, "channel")
    )
    return ChannelId(found) if found else None


def pressed(body: Body) -> tuple[str, InteractionPayload]:
    """Return the action id of what was pressed (``""`` for none) and what it carries."""
    several = body.get("actions")
    action = several[0] if isinstance(several, list) and several else {}
    option = action.get("selected_option")
    value = option.get("value") if isinstance(option, dict) else action.get("value")
    return text(action, "action_id"), InteractionPayload.unpack(value)


def moved(body: Body, *, now: datetime) -> Moved | None:
    """Return who came into a channel or left it, and when; None for what cannot be read."""
    event = body.get("event")
    if not isinstance(event, dict):
        return None
    channel, user, delivery = text(event, "channel"), text(event, "user"), text(body, "event_id")
    if not channel or not user:
        return None
    return Moved(
        channel=ChannelId(channel),
        person=UserId(user),
        at=stamp(event.get("event_ts")) or now,
        event=request_key("event", delivery) if delivery else None,
    )
