"""What Slack says of a message, read into what the journal keeps; shared by events and history."""

from datetime import UTC, datetime

from bot.domain.incident.timeline import Message
from bot.domain.shared.vocabulary import ChannelId, UserId
from bot.usecases.ports import Deleted, Edited, MessageEvent

# Joins, topics, pins and the like: Slack's own lines, which people did not write.
SAID = frozenset({"", "thread_broadcast", "file_share", "me_message", "bot_message", "reply_broadcast"})
TEXT_MAX = 40_000


def when(ts: str) -> datetime:
    """Return the UTC time of a message's ``ts``."""
    return datetime.fromtimestamp(float(ts), UTC)


def stamp(value: object) -> datetime | None:
    """Return the UTC time that a ``ts`` of an event says; None for what is none."""
    return when(str(value)) if _is_ts(value) else None


def message_event(event: dict[str, object], *, our_bot: str | None, now: datetime) -> MessageEvent | None:
    """Return what a ``message`` event says, or None where it is ours, Slack's own, or unreadable."""
    channel, subtype = event.get("channel"), str(event.get("subtype") or "")
    if not isinstance(channel, str):
        return None
    if subtype == "message_changed":
        return _edited(event, ChannelId(channel), our_bot)
    if subtype == "message_deleted":
        return _deleted(event, ChannelId(channel), our_bot, now)
    return said(event, ChannelId(channel), our_bot=our_bot)


def said(message: dict[str, object], channel: ChannelId, *, our_bot: str | None) -> Message | None:
    """Return a message as people wrote it, or None where it is ours, Slack's own, or unreadable."""
    ts = message.get("ts")
    if not _is_ts(ts) or str(message.get("subtype") or "") not in SAID or _is_ours(message, our_bot):
        return None
    edited = message.get("edited")
    edited_ts = edited.get("ts") if isinstance(edited, dict) else None
    thread, user = message.get("thread_ts"), message.get("user")
    return Message(
        channel=channel,
        ts=str(ts),
        user=UserId(user) if isinstance(user, str) else None,
        text=str(message.get("text") or "")[:TEXT_MAX],
        said_at=when(str(ts)),
        thread_ts=thread if isinstance(thread, str) and thread != ts else None,
        edited_at=when(str(edited_ts)) if _is_ts(edited_ts) else None,
        files=_files(message.get("files")),
    )


def _edited(event: dict[str, object], channel: ChannelId, our_bot: str | None) -> MessageEvent | None:
    message = event.get("message")
    if not isinstance(message, dict):
        return None
    ts, edited = message.get("ts"), message.get("edited")
    if not _is_ts(ts):
        return None
    if message.get("subtype") == "tombstone":
        # A deleted message that has replies stays as a tombstone.
        return Deleted(channel=channel, ts=str(ts), at=_first(event.get("event_ts"), ts))
    if _is_ours(message, our_bot) or not isinstance(edited, dict):
        return None
    return Edited(
        channel=channel,
        ts=str(ts),
        text=str(message.get("text") or "")[:TEXT_MAX],
        # ``edited.ts`` has whole seconds; two edits within one are told apart by the event's.
        at=_first(event.get("event_ts"), edited.get("ts"), ts),
    )


def _deleted(
    event: dict[str, object], channel: ChannelId, our_bot: str | None, now: datetime
) -> MessageEvent | None:
    previous, ts = event.get("previous_message"), event.get("deleted_ts")
    if not _is_ts(ts) or (isinstance(previous, dict) and _is_ours(previous, our_bot)):
        return None
    at = event.get("event_ts")
    return Deleted(channel=channel, ts=str(ts), at=when(str(at)) if _is_ts(at) else now)


def _first(*stamps: object) -> datetime:
    """Return the time of the first that can be read; the last of them can."""
    return when(next(str(stamp) for stamp in stamps if _is_ts(stamp)))


def _is_ts(value: object) -> bool:
    if not isinstance(value, str):
        return False
    seconds, dot, rest = value.partition(".")
    digits = value.isascii() and seconds.isdigit() and rest.isdigit()
    return bool(dot) and digits and len(seconds) <= 11  # noqa: PLR2004 - year 5138


def _is_ours(message: dict[str, object], our_bot: str | None) -> bool:
    return our_bot is not None and message.get("bot_id") == our_bot


def _files(files: object) -> tuple[str, ...]:
    if not isinstance(files, list):
        return ()
    return tuple(
        str(file.get("name") or file.get("id"))[:200] for file in files[:20] if isinstance(file, dict)
    )
