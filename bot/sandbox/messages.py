"""Messages, threads, reactions, pins and ephemerals, with Slack's rules about them."""

import json
import re

from bot.sandbox import blocks as kit
from bot.sandbox.channels import Channels, next_ts
from bot.sandbox.state import Channel, Ground, Kind, Message
from bot.sandbox.wire import Json, SlackError, escape

TEXT_LIMIT = 40_000
UPDATE_LIMIT = 4_000
METADATA_BYTES = 16_000
PIN_LIMIT = 100


def check_metadata(metadata: Json | None) -> None:
    """Refuse metadata that is not an ``event_type`` with an ``event_payload`` object."""
    if metadata is None:
        return
    if not isinstance(metadata, dict) or set(metadata) - {"event_type", "event_payload", "entities"}:
        raise SlackError("invalid_metadata_format")
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(kind, str) or not kind or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata)) > METADATA_BYTES:
        raise SlackError("metadata_too_large")


class Messages:
    """Everything that is said in the workspace."""

    def __init__(self, ground: Ground, channels: Channels) -> None:
        """Speak in these channels."""
        self.ground = ground
        self.channels = channels

    def typed(self, text: str, *, with_names: bool = False) -> str:
        """Return typed words as Slack stores them.

        Escaped, with @name, #channel and addresses made into markup.
        """
        words = re.sub(r"(https?://[^\s<>|]+)", lambda found: f"<{found[1]}>", escape(text))
        words = re.sub(r"(?<![\w<])@(here|channel|everyone)\b", r"<!\1>", words)

        def person(found: re.Match[str]) -> str:
            user = self.ground.named(found[1])
            if user is None or user.id == found[1]:
                return found[0]
            return f"<@{user.id}|{user.name}>" if with_names else f"<@{user.id}>"

        def channel(found: re.Match[str]) -> str:
            named = self.channels.named(found[1])
            return found[0] if named is None or named.id == found[1] else f"<#{named.id}|{named.name}>"

        words = re.sub(r"(?<![\w<])@([\w.-]*\w)", person, words)
        return re.sub(r"(?<![\w<&])#([a-z0-9_-]+)", channel, words)

    def find(self, channel: Channel, ts: str, *, code: str = "message_not_found") -> Message:
        """Return a message by its ``ts``, or refuse with ``code``."""
        if ts not in channel.messages:
            raise SlackError(code)
        return channel.messages[ts]

    def _room(self, channel: str, by: str) -> Channel:
        found = self.channels.get(channel, by=by)
        if by not in found.members:
            raise SlackError("not_in_channel")
        if found.archived:
            raise SlackError("is_archived")
        return found

    def content(self, text: str | None, blocks: list[Json] | None) -> tuple[str, list[Json]]:
        """Return checked text and blocks with ids; ``no_text`` when there is neither."""
        if not text and not blocks:
            raise SlackError("no_text")
        if blocks:
            kit.check_message(blocks)
        return text or "", kit.with_ids(blocks or [], lambda: self.ground.next_id("b"))

    def post(  # noqa: PLR0913 - as many as Slack's method has
        self, channel: str, *, by: str, text: str | None = None, blocks: list[Json] | None = None,
        thread_ts: str | None = None, broadcast: bool = False, metadata: Json | None = None,
        files: tuple[Json, ...] = (),
        trusted: bool = False, extra: Json | None = None,
    ) -> Message:  # fmt: skip
        """Post a message; ``trusted`` is Slack's own posting for a response_url.

        Which needs no membership.
        """
        room = self.channels.all[channel] if trusted else self._room(channel, by)
        if room.archived:
            raise SlackError("is_archived")
        check_metadata(metadata)
        words, kept = (text or "", []) if files else self.content(text, blocks)
        root = self._root(room, thread_ts)
        ts = next_ts(self.ground, room)
        bot = self.ground.bot_id if by == self.ground.bot.id else None
        subtype = "thread_broadcast" if broadcast and root else "file_share" if files else None
        message = Message(
            channel=room.id, ts=ts, user=by, text=words[:TEXT_LIMIT], blocks=kept, bot_id=bot,
            thread_ts=root.ts if root else None, subtype=subtype, metadata=metadata, files=files,
            extra=extra or {},
        )  # fmt: skip
        room.messages[ts] = message
        if root:
            root.thread_ts = root.ts
            root.replies.append(ts)
        self._told(room, message)
        return message

    def _root(self, channel: Channel, thread_ts: str | None) -> Message | None:
        if not thread_ts:
            return None
        message = self.find(channel, thread_ts, code="cannot_reply_to_message")
        return message if not message.is_reply else self.find(channel, str(message.thread_ts))

    def _told(self, channel: Channel, message: Message) -> None:
        event = {
            **self.payload(message, with_metadata=True), "channel": channel.id,
            "channel_type": channel.kind.value,
            "event_ts": message.ts,
        }  # fmt: skip
        self.ground.tell("message", actor=message.user, channel=channel.id, event=event, ts=message.ts)
        mentioned = f"<@{self.ground.bot.id}>" in message.text and message.user != self.ground.bot.id
        if mentioned and channel.kind not in (Kind.IM, Kind.MPIM):
            called = {name: value for name, value in event.items() if name not in ("channel_type", "subtype")}
            self.ground.tell(
                "mention", actor=message.user, channel=channel.id, event={**called, "type": "app_mention"}
            )

    def ephemeral(
        self, channel: str, viewer: str, *, by: str, text: str | None, blocks: list[Json] | None,
        thread_ts: str | None = None, trusted: bool = False,
    ) -> Message:  # fmt: skip
        """Show a message to one person of a channel; nobody can read it back."""
        room = self.channels.all[channel] if trusted else self._room(channel, by)
        if not trusted and viewer not in room.members:
            raise SlackError("user_not_in_channel")
        words, kept = self.content(text, blocks)
        if len(words) > TEXT_LIMIT:
            raise SlackError("msg_too_long")
        ts = next_ts(self.ground, room)
        message = Message(
            channel=room.id, ts=ts, user=by, text=words, blocks=kept, bot_id=self.ground.bot_id,
            thread_ts=thread_ts, viewer=viewer,
        )  # fmt: skip
        room.ephemerals.append(message)
        self.ground.tell("ephemeral", actor=by, channel=room.id, ts=ts, viewer=viewer)
        return message

    def edit(
        self, channel: str, ts: str, *, by: str, text: str | None, blocks: list[Json] | None,
        metadata: Json | None = None, keep_blocks: bool = False, trusted: bool = False,
    ) -> Message:  # fmt: skip
        """Change one's own message; blocks go when they are not given, unless they are kept."""
        room = self.channels.all[channel] if trusted else self.channels.get(channel, by=by)
        if room.archived:
            raise SlackError("is_inactive")
        message = self.find(room, ts)
        if message.user != by or (message.subtype or "").startswith("channel_"):
            raise SlackError("cant_update_message")
        check_metadata(metadata)
        if text is not None and len(text) > UPDATE_LIMIT:
            raise SlackError("msg_too_long")
        words, kept = (
            self.content(text, blocks)
            if (text or blocks or not keep_blocks)
            else (message.text, message.blocks)
        )
        before = self.payload(message)
        message.text, message.blocks = words, kept
        message.metadata = metadata if metadata is not None else message.metadata
        message.edited = self.ground.stamp()
        self._changed(room, message, before, actor=by)
        return message

    def _changed(self, channel: Channel, message: Message, before: Json, *, actor: str) -> None:
        event = {
            "type": "message", "subtype": "message_changed", "hidden": True, "channel": channel.id,
            "channel_type": channel.kind.value, "ts": self.ground.stamp(), "message": self.payload(message),
            "previous_message": before,
        }  # fmt: skip
        self.ground.tell("message_changed", actor=actor, channel=channel.id, event=event, ts=message.ts)

    def erase(self, channel: str, ts: str, *, by: str, trusted: bool = False) -> None:
        """Delete a message; people may delete their own, admins any."""
        room = self.channels.all[channel] if trusted else self.channels.get(channel, by=by)
        message = self.find(room, ts)
        if message.user != by and not self.ground.users[by].is_admin:
            raise SlackError("cant_delete_message")
        before = self.payload(message)
        del room.messages[ts]
        room.pins.pop(ts, None)
        if message.is_reply and message.thread_ts in room.messages:
            room.messages[str(message.thread_ts)].replies.remove(ts)
        event = {
            "type": "message", "subtype": "message_deleted", "hidden": True, "channel": room.id,
            "channel_type": room.kind.value, "ts": self.ground.stamp(), "deleted_ts": ts,
            "previous_message": before,
        }  # fmt: skip
        self.ground.tell("message_deleted", actor=by, channel=room.id, event=event, ts=ts)

    def react(self, channel: str, ts: str, name: str, *, by: str) -> None:
        """Add a reaction."""
        room = self.channels.get(channel, by=by)
        message = self.find(room, ts)
        if room.archived:
            raise SlackError("is_archived")
        if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
            raise SlackError("invalid_name")
        people = message.reactions.setdefault(name, [])
        if by in people:
            raise SlackError("already_reacted")
        people.append(by)
        self._reacted("reaction_added", room, message, name, by)

    def unreact(self, channel: str, ts: str, name: str, *, by: str) -> None:
        """Take one's reaction back."""
        room = self.channels.get(channel, by=by)
        message = self.find(room, ts)
        if by not in message.reactions.get(name, []):
            raise SlackError("no_reaction")
        message.reactions[name].remove(by)
        if not message.reactions[name]:
            del message.reactions[name]
        self._reacted("reaction_removed", room, message, name, by)

    def _reacted(self, kind: str, channel: Channel, message: Message, name: str, by: str) -> None:
        item = {"type": "message", "channel": channel.id, "ts": message.ts}
        event = {"type": kind, "user": by, "reaction": name, "item": item, "item_user": message.user}
        self.ground.tell(kind, actor=by, channel=channel.id, event=event, ts=message.ts, reaction=name)

    def pin(self, channel: str, ts: str | None, *, by: str) -> None:
        """Pin a message of a channel one is in."""
        room = self._pinnable(channel, ts, by)
        message = self.find(room, str(ts))
        if message.ts in room.pins:
            raise SlackError("already_pinned")
        if len(room.pins) >= PIN_LIMIT:
            raise SlackError("too_many_pins")
        room.pins[message.ts] = {"created": self.ground.seconds(), "created_by": by}
        self._pinned("pin_added", room, message, by)

    def unpin(self, channel: str, ts: str | None, *, by: str) -> None:
        """Take a pin away."""
        room = self._pinnable(channel, ts, by)
        message = self.find(room, str(ts))
        if message.ts not in room.pins:
            raise SlackError("no_pin")
        del room.pins[message.ts]
        self._pinned("pin_removed", room, message, by)

    def _pinnable(self, channel: str, ts: str | None, by: str) -> Channel:
        room = self.channels.get(channel, by=by)
        if not ts:
            raise SlackError("no_item_specified")
        if not re.fullmatch(r"\d{10}\.\d{6}", ts):
            raise SlackError("bad_timestamp")
        if by not in room.members:
            raise SlackError("not_in_channel" if room.kind is Kind.PUBLIC else "channel_not_found")
        return room

    def _pinned(self, kind: str, channel: Channel, message: Message, by: str) -> None:
        item = {"type": "message", "channel": channel.id, "message": self.payload(message), "created_by": by}
        event = {
            "type": kind,
            "user": by,
            "channel_id": channel.id,
            "item": item,
            "has_pins": bool(channel.pins),
        }
        self.ground.tell(kind, actor=by, channel=channel.id, event=event, ts=message.ts)

    def payload(self, message: Message, *, with_metadata: bool = False) -> Json:
        """Return the message object of the Web API and of events."""
        made: Json = {
            "type": "message", "user": message.user, "ts": message.ts, "text": message.text,
            "team": self.ground.team,
            **message.extra,
        }  # fmt: skip
        if message.subtype:
            made["subtype"] = message.subtype
        if message.bot_id:
            made |= {"bot_id": message.bot_id, "app_id": self.ground.app, "bot_profile": self._bot_profile()}
        if message.blocks:
            made["blocks"] = json.loads(json.dumps(message.blocks))
        if message.thread_ts:
            made["thread_ts"] = message.thread_ts
            if message.is_reply:
                made["parent_user_id"] = self._parent(message)
        if message.replies:
            made |= self._thread(message)
        if message.edited:
            made["edited"] = {"user": message.user, "ts": message.edited}
        return made | self._around(message, with_metadata=with_metadata)

    def _around(self, message: Message, *, with_metadata: bool) -> Json:
        """Return what others put on a message, and what only its app may read."""
        made: Json = {}
        if message.reactions:
            made["reactions"] = [
                {"name": n, "users": list(u), "count": len(u)} for n, u in message.reactions.items()
            ]
        if message.files:
            made["files"] = list(message.files)
        if message.ts in self.channels.all[message.channel].pins:
            made["pinned_to"] = [message.channel]
        if message.metadata:
            made["metadata"] = (
                message.metadata if with_metadata else {"event_type": message.metadata["event_type"]}
            )
        return made

    def _bot_profile(self) -> Json:
        return {
            "id": self.ground.bot_id, "app_id": self.ground.app, "name": self.ground.bot.name,
            "deleted": False,
            "updated": 0, "team_id": self.ground.team, "icons": {},
        }  # fmt: skip

    def _parent(self, message: Message) -> str:
        root = self.channels.all[message.channel].messages.get(str(message.thread_ts))
        return root.user if root else ""

    def _thread(self, message: Message) -> Json:
        room = self.channels.all[message.channel]
        people = list(
            dict.fromkeys(room.messages[each].user for each in message.replies if each in room.messages)
        )
        return {
            "reply_count": len(message.replies), "reply_users": people[:5], "reply_users_count": len(people),
            "latest_reply": message.replies[-1], "is_locked": False, "subscribed": False,
        }  # fmt: skip
