"""The channels of the workspace and Slack's rules about who may do what in them."""

import re

from bot.sandbox.state import Bookmark, Change, Channel, Ground, Kind, Message
from bot.sandbox.wire import Json, SlackError, invalid

NAME_LIMIT = 80
TOPIC_LIMIT = 250
INVITE_LIMIT = 100
BOOKMARK_LIMIT = 100


def check_name(name: str) -> str:
    """Return the name, or refuse it with the code Slack has for its fault."""
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > NAME_LIMIT:
        raise SlackError("invalid_name_maxlength")
    if not re.search(r"[a-z0-9]", name) and re.fullmatch(r"[-_]+", name):
        raise SlackError("invalid_name_punctuation")
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise SlackError("invalid_name_specials")
    return name


def next_ts(ground: Ground, channel: Channel) -> str:
    """Return a ``ts`` of now that no message of the channel has had."""
    stamp = ground.stamp()
    if stamp <= channel.last_ts:
        whole, part = channel.last_ts.split(".")
        micro = int(whole) * 1_000_000 + int(part) + 1
        stamp = f"{micro // 1_000_000}.{micro % 1_000_000:06d}"
    channel.last_ts = stamp
    return stamp


class Channels:
    """All conversations, and every way they change."""

    def __init__(self, ground: Ground) -> None:
        """Start with none."""
        self.ground = ground
        self.all: dict[str, Channel] = {}

    def get(self, channel: str, *, by: str) -> Channel:
        """Return a channel the user may know of.

        ``channel_not_found`` otherwise, as Slack hides private ones.
        """
        found = self.all.get(channel)
        if found is None or not found.visible_to(by):
            raise SlackError("channel_not_found")
        return found

    def named(self, ref: str) -> Channel | None:
        """Return the channel of that name or id, whoever asks."""
        wanted = ref.lstrip("#")
        if wanted in self.all:
            return self.all[wanted]
        return next(
            (
                each
                for each in self.all.values()
                if each.name == wanted and each.kind in (Kind.PUBLIC, Kind.PRIVATE)
            ),
            None,
        )

    def visible_to(self, user: str, kinds: frozenset[Kind] = frozenset(Kind)) -> list[Channel]:
        """Return the channels a user may know of, oldest first."""
        return [each for each in self.all.values() if each.kind in kinds and each.visible_to(user)]

    def create(self, name: str, *, by: str, private: bool = False) -> Channel:
        """Create a channel with its creator in it; a name is taken also by archived channels."""
        check_name(name)
        if any(each.name == name for each in self.all.values()):
            raise SlackError("name_taken")
        kind = Kind.PRIVATE if private else Kind.PUBLIC
        channel = Channel(
            id=self.ground.next_id("C"),
            name=name,
            kind=kind,
            creator=by,
            created=self.ground.seconds(),
            members=[by],
        )
        self.all[channel.id] = channel
        event = None
        if not private:
            described = {"id": channel.id, "name": name, "created": channel.created, "creator": by}
            event = {"type": "channel_created", "channel": described}
        self.ground.tell("channel_created", actor=by, channel=channel.id, event=event, name=name)
        self.joined(channel, by)
        return channel

    def open_direct(self, users: list[str]) -> Channel:
        """Return the direct conversation of these users, made when it is not there yet."""
        members = sorted(set(users))
        kind = Kind.IM if len(members) <= 2 else Kind.MPIM  # noqa: PLR2004 - two make a direct message
        for each in self.all.values():
            if each.kind is kind and sorted(each.members) == members:
                return each
        prefix = "D" if kind is Kind.IM else "G"
        new = self.ground.next_id(prefix)
        name = "" if kind is Kind.IM else f"mpdm-{new.lower()}"
        channel = Channel(
            id=new, name=name, kind=kind, creator=members[0], created=self.ground.seconds(), members=members
        )
        self.all[new] = channel
        self.ground.tell("direct_opened", channel=new)
        return channel

    def joined(self, channel: Channel, user: str, *, inviter: str = "") -> None:
        """Tell of someone who came in: the event and the line in the channel."""
        event: Json = {
            "type": "member_joined_channel", "user": user, "channel": channel.id,
            "channel_type": "C" if channel.kind is Kind.PUBLIC else "G", "team": self.ground.team,
        }  # fmt: skip
        if inviter:
            event["inviter"] = inviter
        self.ground.tell("member_joined", actor=inviter or user, channel=channel.id, event=event, user=user)
        self.line(
            channel,
            user,
            "channel_join",
            f"<@{user}> has joined the channel",
            **({"inviter": inviter} if inviter else {}),
        )

    def line(self, channel: Channel, user: str, subtype: str, text: str, **extra: object) -> Message:
        """Write one of Slack's own lines (joined, set the topic ...) into a channel."""
        ts = next_ts(self.ground, channel)
        message = Message(channel=channel.id, ts=ts, user=user, text=text, subtype=subtype, extra=dict(extra))
        channel.messages[ts] = message
        event = {
            "type": "message", "subtype": subtype, "user": user, "text": text, "ts": ts,
            "channel": channel.id,
            "channel_type": channel.kind.value, "event_ts": ts, **extra,
        }  # fmt: skip
        self.ground.tell("message", actor=user, channel=channel.id, event=event, ts=ts)
        return message

    def _inside(self, channel: Channel, by: str) -> None:
        if by not in channel.members:
            raise SlackError("not_in_channel")

    def _alive(self, channel: Channel) -> None:
        if channel.archived:
            raise SlackError("is_archived")

    def _not_direct(self, channel: Channel) -> None:
        if channel.kind in (Kind.IM, Kind.MPIM):
            raise SlackError("method_not_supported_for_channel_type")

    def join(self, channel: str, *, by: str) -> tuple[Channel, bool]:
        """Let someone into a public channel; the flag says whether they had been there already."""
        found = self.get(channel, by=by)
        if found.kind is not Kind.PUBLIC:
            raise SlackError("method_not_supported_for_channel_type")
        self._alive(found)
        if by in found.members:
            return found, True
        found.members.append(by)
        self.joined(found, by)
        return found, False

    def invite(self, channel: str, users: list[str], *, by: str, force: bool = False) -> Channel:
        """Bring people in; faults of single users come back in ``errors``, as Slack lists them."""
        found = self.get(channel, by=by)
        self._not_direct(found)
        self._alive(found)
        self._inside(found, by)
        if not users:
            raise SlackError("no_user")
        if len(users) > INVITE_LIMIT:
            raise invalid(
                "invalid_arguments", f"no more than {INVITE_LIMIT} users allowed [json-pointer:/users]"
            )
        faults = [
            {"user": each, "ok": False, "error": code}
            for each in users
            if (code := self._uninvitable(found, each, by))
        ]
        if faults and not (force and len(faults) < len(users)):
            raise SlackError(str(faults[0]["error"]), errors=faults)
        for each in users:
            if not self._uninvitable(found, each, by):
                found.members.append(each)
                self.joined(found, each, inviter=by)
        return found

    def _uninvitable(self, channel: Channel, user: str, by: str) -> str | None:
        if user not in self.ground.users or self.ground.users[user].deleted:
            return "user_not_found"
        if user == by:
            return "cant_invite_self"
        return "already_in_channel" if user in channel.members else None

    def leave(self, channel: str, *, by: str) -> bool:
        """Let someone out; return whether they had been in."""
        found = self.get(channel, by=by)
        self._not_direct(found)
        self._alive(found)
        if found.is_general:
            raise SlackError("cant_leave_general")
        if by not in found.members:
            return False
        if found.kind is Kind.PRIVATE and found.members == [by]:
            raise SlackError("last_member")
        self._out(found, by, actor=by)
        return True

    def kick(self, channel: str, user: str, *, by: str) -> None:
        """Put someone out."""
        found = self.get(channel, by=by)
        self._not_direct(found)
        self._inside(found, by)
        self.ground.user(user)
        if user == by:
            raise SlackError("cant_kick_self")
        if found.is_general:
            raise SlackError("cant_kick_from_general")
        if user not in found.members:
            raise SlackError("not_in_channel")
        self._out(found, user, actor=by)

    def _out(self, channel: Channel, user: str, *, actor: str) -> None:
        event = {
            "type": "member_left_channel", "user": user, "channel": channel.id,
            "channel_type": "C" if channel.kind is Kind.PUBLIC else "G", "team": self.ground.team,
        }  # fmt: skip
        # Told before the removal: an app put out of a channel is still told that it was.
        self.ground.tell("member_left", actor=actor, channel=channel.id, event=event, user=user)
        channel.members.remove(user)
        self.line(channel, user, "channel_leave", f"<@{user}> has left the channel")

    def set_words(self, channel: str, which: str, value: str, *, by: str) -> Channel:
        """Set the topic or the purpose (250 characters)."""
        found = self.get(channel, by=by)
        self._inside(found, by)
        self._alive(found)
        if len(value) > TOPIC_LIMIT:
            raise SlackError("too_long")
        words = {"value": value, "creator": by, "last_set": self.ground.seconds()}
        if which == "topic":
            found.topic = words
        else:
            found.purpose = words
        extra = {which: value}
        self.line(found, by, f"channel_{which}", f"<@{by}> set the channel {which}: {value}", **extra)
        return found

    def rename(self, channel: str, name: str, *, by: str) -> Channel:
        """Rename; only its creator or an admin may."""
        found = self.get(channel, by=by)
        self._not_direct(found)
        self._inside(found, by)
        self._alive(found)
        if found.creator != by and not self.ground.users[by].is_admin:
            raise SlackError("not_authorized")
        check_name(name)
        if any(each.name == name and each is not found for each in self.all.values()):
            raise SlackError("name_taken")
        old, found.name = found.name, name
        found.previous_names.insert(0, old)
        kind = "channel_rename" if found.kind is Kind.PUBLIC else "group_rename"
        described = {"id": found.id, "name": name, "created": found.created}
        self.ground.tell(
            "channel_renamed", actor=by, channel=found.id, event={"type": kind, "channel": described}
        )
        self.line(
            found,
            by,
            "channel_name",
            f'<@{by}> has renamed the channel from "{old}" to "{name}"',
            old_name=old,
            name=name,
        )
        return found

    def convert(self, channel: str, *, by: str, private: bool) -> Channel:
        """Make a public channel private or a private one public; it keeps its id and all in it."""
        found = self.get(channel, by=by)
        self._not_direct(found)
        self._inside(found, by)
        if found.is_general:
            raise SlackError("channel_type_not_supported")
        found.kind = Kind.PRIVATE if private else Kind.PUBLIC
        kind, who = ("private", "by invitation") if private else ("public", "by any member")
        words = f"made this channel *{kind}*. Now, it can be viewed or joined {who}."
        self.line(found, by, f"channel_convert_to_{kind}", words)
        return found

    def archive(self, channel: str, *, by: str) -> Channel:
        """Close a channel for good or until it is unarchived; one must be in it."""
        found = self.get(channel, by=by)
        self._not_direct(found)
        if found.is_general:
            raise SlackError("cant_archive_general")
        if found.archived:
            raise SlackError("already_archived")
        self._inside(found, by)
        self.line(found, by, "channel_archive", f"<@{by}> archived the channel")
        found.archived = True
        self._opened_or_closed(found, by, "archive")
        return found

    def unarchive(self, channel: str, *, by: str) -> Channel:
        """Open an archived channel again."""
        found = self.get(channel, by=by)
        self._not_direct(found)
        if not found.archived:
            raise SlackError("not_archived")
        found.archived = False
        self._opened_or_closed(found, by, "unarchive")
        self.line(found, by, "channel_unarchive", f"<@{by}> un-archived the channel")
        return found

    def _opened_or_closed(self, channel: Channel, by: str, verb: str) -> Change:
        prefix = "channel" if channel.kind is Kind.PUBLIC else "group"
        event = {"type": f"{prefix}_{verb}", "channel": channel.id, "user": by}
        return self.ground.tell(f"channel_{verb}d", actor=by, channel=channel.id, event=event)

    def bookmark(
        self, channel: str, *, by: str, title: str, link: str, emoji: str = "", kind: str = "link"
    ) -> Bookmark:
        """Add a link to a channel's bookmarks."""
        found = self.get(channel, by=by)
        if by not in found.members:
            raise SlackError("channel_not_found")
        if kind != "link":
            raise SlackError("invalid_bookmark_type")
        if not re.match(r"(https?|mailto|slack)://?\S+", link):
            raise SlackError("invalid_link")
        if emoji and not re.fullmatch(r":[a-z0-9_+'-]+:", emoji):
            raise SlackError("invalid_emoji")
        if len(found.bookmarks) >= BOOKMARK_LIMIT:
            raise SlackError("too_many_bookmarks")
        now = self.ground.seconds()
        made = Bookmark(
            id=self.ground.next_id("Bk"),
            channel=found.id,
            title=title,
            link=link,
            emoji=emoji,
            created=now,
            by=by,
        )
        found.bookmarks[made.id] = made
        self.ground.tell("bookmark_added", actor=by, channel=found.id, title=title, link=link)
        return made

    def payload(self, channel: Channel, *, viewer: str, with_count: bool = False) -> Json:
        """Return the conversation object of the Web API as the viewer gets it."""
        if channel.kind is Kind.IM:
            other = next((each for each in channel.members if each != viewer), viewer)
            return {
                "id": channel.id, "created": channel.created, "is_archived": False, "is_im": True,
                "user": other,
                "is_org_shared": False, "priority": 0,
            }  # fmt: skip
        private = channel.kind is not Kind.PUBLIC
        found: Json = {
            "id": channel.id, "name": channel.name, "name_normalized": channel.name,
            "is_channel": not private,
            "is_group": False, "is_im": False, "is_mpim": channel.kind is Kind.MPIM, "is_private": private,
            "created": channel.created, "creator": channel.creator, "is_archived": channel.archived,
            "is_general": channel.is_general, "is_member": viewer in channel.members, "is_shared": False,
            "is_ext_shared": False, "is_org_shared": False, "is_pending_ext_shared": False, "unlinked": 0,
            "updated": channel.created * 1000, "context_team_id": self.ground.team,
            "topic": dict(channel.topic), "purpose": dict(channel.purpose),
            "previous_names": list(channel.previous_names),
        }  # fmt: skip
        if with_count:
            found["num_members"] = len(channel.members)
        return found
