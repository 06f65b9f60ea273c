"""The lines of a channel or a thread: which ones a window shows, and what each of them says."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from markupsafe import Markup

from bot.sandbox.page.kit import blocks as drawn
from bot.sandbox.page.mrkdwn import mrkdwn, plain
from bot.sandbox.page.where import Scene
from bot.sandbox.state import Channel, Message, User
from bot.sandbox.wire import Json

NEWEST = 100
"""How many messages a channel opens with, and how many come with each look further back."""
AROUND = 40
TOGETHER = 300
"""Seconds within which messages of one person stand under one name."""
TINTS = 8
NO_BODY = Markup()


@dataclass(frozen=True, kw_only=True)
class Face:
    """Somebody's name and avatar: initials on one of a few tints."""

    id: str
    name: str
    initials: str
    tint: int
    app: bool = False

    @classmethod
    def of(cls, user: User) -> "Face":
        """Return the face of a user."""
        words = user.real_name.split() or [user.name]
        initials = "".join(word[0] for word in words[:2]).upper()
        tint = sum(map(ord, user.id)) % TINTS
        return cls(id=user.id, name=user.real_name, initials=initials, tint=tint, app=user.is_bot)


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """One reaction under a message."""

    name: str
    glyph: Markup
    count: int
    mine: bool
    who: str


@dataclass(frozen=True, kw_only=True)
class Replies:
    """What a channel says of a thread under its root."""

    count: int
    faces: Sequence[Face] = ()
    latest: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line as it is drawn."""

    ts: str
    where: str
    group: str
    """What neighbours must share to stand under one name; empty for lines that stand alone."""
    day: str
    time: str
    full_time: str
    face: Face | None = None
    body: Markup = NO_BODY
    raw: str = ""
    files: Sequence[Json] = ()
    reactions: Sequence[Reaction] = ()
    replies: Replies | None = None
    thread: str = ""
    prefix: str = "m"
    """``m`` in the channel, ``t`` in the thread pane: a root stands in both."""
    line: bool = False
    gone: bool = False
    hidden: bool = False
    edited: bool = False
    mine: bool = False
    deletable: bool = False
    pinned_by: str = ""
    broadcast: bool = False
    flags: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A window of a channel: its rows, and whether there are more before and after them."""

    rows: Sequence[Row]
    more: bool = False
    later: bool = False


def listing(scene: Scene, *, before: str = "") -> Listing:
    """Return the newest rows of the scene's channel, those before a ``ts``, or those around ``scene.at``."""
    room = scene.channel
    if room is None or not room.visible_to(scene.person.id):
        return Listing(rows=())
    limit = before
    if scene.at and not before:
        after = [each.ts for each in _roots(scene, room) if each.ts > scene.at][-AROUND:]
        limit = after[0] if len(after) == AROUND else ""
    older = (each for each in _roots(scene, room) if not limit or each.ts < limit)
    found = list(itertools.islice(older, NEWEST + 1))
    shown = list(reversed(found[:NEWEST]))
    rows = [row(scene, each) for each in shown]
    newest = scene.at and not before and limit
    return Listing(
        rows=_flagged(rows, room.read.get(scene.person.id)), more=len(found) > NEWEST, later=bool(newest)
    )


def _roots(scene: Scene, room: Channel) -> Iterator[Message]:
    """Yield what stands in the channel itself, the newest first, with tombstones for lost roots."""
    orphans = {
        str(each.thread_ts)
        for each in room.messages.values()
        if each.is_reply and each.thread_ts not in room.messages
    }
    apart = [tombstone(room, ts) for ts in orphans]
    apart += [each for each in room.ephemerals if each.viewer == scene.person.id and not each.thread_ts]
    apart.sort(key=lambda each: each.ts, reverse=True)
    for message in reversed(room.messages.values()):
        while apart and apart[0].ts > message.ts:
            yield apart.pop(0)
        if stands_in_channel(message):
            yield message
    yield from apart


def stands_in_channel(message: Message) -> bool:
    """Return whether a message shows in its channel rather than in its thread alone."""
    if message.viewer:
        return not message.thread_ts
    return not message.is_reply or message.subtype == "thread_broadcast"


def tombstone(room: Channel, ts: str) -> Message:
    """Return what stands where the root of a thread was deleted: Slack keeps its replies."""
    replies = [each.ts for each in room.messages.values() if each.thread_ts == ts]
    return Message(channel=room.id, ts=ts, user="", text="", subtype="tombstone", replies=replies)


def root_of(room: Channel, ts: str) -> Message | None:
    """Return the root of a thread, a tombstone where only replies are left, None when there is nothing."""
    if ts in room.messages:
        return room.messages[ts]
    stone = tombstone(room, ts)
    return stone if stone.replies else None


def thread(scene: Scene) -> Sequence[Row]:
    """Return the rows of the scene's thread, the root first; nothing when it is gone."""
    room = scene.channel
    if room is None or not scene.thread:
        return ()
    root = root_of(room, scene.thread)
    if root is None:
        return ()
    said = [room.messages[ts] for ts in root.replies if ts in room.messages]
    hidden = [e for e in room.ephemerals if e.viewer == scene.person.id and e.thread_ts == scene.thread]
    replies = sorted([*said, *hidden], key=lambda each: each.ts)
    return _flagged([row(scene, each, in_thread=True) for each in [root, *replies]], None)


def _flagged(rows: Sequence[Row], read: str | None) -> Sequence[Row]:
    """Return the rows with what depends on their neighbours: a new day, the first unread, a shared name."""
    flagged: list[Row] = []
    unread = False
    for before, each in zip([None, *rows], rows, strict=False):
        flags = set()
        if before is None or before.day != each.day:
            flags.add("new-day")
        elif each.group and before.group == each.group and float(each.ts) - float(before.ts) < TOGETHER:
            flags.add("continued")
        first_unread = read is not None and not unread and each.ts > read and not each.mine
        if first_unread and before is not None:
            unread = True
            flags.add("first-unread")
            flags.discard("continued")
        flagged.append(_with(each, frozenset(flags)))
    return flagged


def _with(row: Row, flags: frozenset[str]) -> Row:
    return Row(**{**vars(row), "flags": flags})


def row(scene: Scene, message: Message, *, in_thread: bool = False) -> Row:
    """Return one message as a row."""
    look = scene.look
    at = datetime.fromtimestamp(float(message.ts), tz=UTC).astimezone(look.zone)
    today = look.now.astimezone(look.zone).date()
    line = (message.subtype or "").startswith("channel_")
    gone = message.subtype == "tombstone"
    where = f"{'e' if message.viewer else 'm'}/{message.channel}/{message.ts}"
    me = scene.person
    return Row(
        ts=message.ts, where=where, prefix="t" if in_thread else "m", line=line, gone=gone,
        hidden=message.viewer is not None,
        group="" if line or gone else f"{message.user}{'/' if message.viewer else ''}",
        day=day(at.date(), today), time=at.strftime("%H:%M"),
        full_time=f"{at:%A, %-d %B %Y, %H:%M:%S} ({look.zone.key})",
        face=None if gone else Face.of(scene.slack.workspace.users[message.user]),
        body=_body(scene, message, where), files=message.files,
        raw=scene.slack.screen.words(message.text) if message.user == me.id else "",
        reactions=_reactions(scene, message), replies=None if in_thread else _replies(scene, message, at),
        thread=str(message.thread_ts or message.ts), edited=message.edited is not None and not line,
        mine=message.user == me.id and not line,
        deletable=not line and not gone and (me.user.is_admin or me.id in (message.user, message.viewer)),
        pinned_by=_pinned_by(scene, message),
        broadcast=message.subtype == "thread_broadcast" and not in_thread,
    )  # fmt: skip


def day(when: date, today: date) -> str:
    """Return a day as its divider says it."""
    if when == today:
        return "Today"
    if (today - when).days == 1:
        return "Yesterday"
    return f"{when:%A, %-d %B}" + (f" {when.year}" if when.year != today.year else "")


def _body(scene: Scene, message: Message, where: str) -> Markup:
    if message.blocks:
        return drawn(message.blocks, scene.look, where=where, held=message.inputs, surface="message")
    return mrkdwn(message.text, scene.look)


def _reactions(scene: Scene, message: Message) -> Sequence[Reaction]:
    users = scene.slack.workspace.users
    return [
        Reaction(
            name=name, glyph=plain(f":{name}:"), count=len(people), mine=scene.person.id in people,
            who=", ".join("you" if each == scene.person.id else users[each].real_name for each in people),
        )
        for name, people in message.reactions.items()
    ]  # fmt: skip


def _replies(scene: Scene, message: Message, at: datetime) -> Replies | None:
    room = scene.slack.workspace.channels.all[message.channel]
    said = [room.messages[ts] for ts in message.replies if ts in room.messages]
    if not said:
        return None
    users = scene.slack.workspace.users
    latest = datetime.fromtimestamp(float(said[-1].ts), tz=UTC).astimezone(at.tzinfo)
    when = latest.strftime("%H:%M")
    if latest.date() != scene.look.now.astimezone(at.tzinfo).date():
        when = f"{latest:%-d %b} at {when}"
    faces = [Face.of(users[user]) for user in dict.fromkeys(each.user for each in said)][:4]
    return Replies(count=len(said), faces=faces, latest=when)


def _pinned_by(scene: Scene, message: Message) -> str:
    pin = scene.slack.workspace.channels.all[message.channel].pins.get(message.ts)
    if pin is None or message.viewer:
        return ""
    by = str(pin["created_by"])
    return "you" if by == scene.person.id else scene.slack.workspace.users[by].real_name


def changed(scene: Scene, stamps: Iterable[str]) -> dict[str, list[tuple[str, Row | None]]]:
    """Return for each list of the scene the rows with these stamps as they stand now, None for gone ones."""
    found: dict[str, list[tuple[str, Row | None]]] = {"main": [], "thread": []}
    room = scene.channel
    if room is None:
        return found
    for ts in sorted(stamps):
        hidden = (each for each in room.ephemerals if each.ts == ts and each.viewer == scene.person.id)
        message = root_of(room, ts) or next(hidden, None)
        shown = message is not None and stands_in_channel(message)
        found["main"].append((ts, row(scene, message) if message and shown else None))
        if scene.thread:
            inside = message is not None and scene.thread in (message.ts, message.thread_ts)
            found["thread"].append((ts, row(scene, message, in_thread=True) if message and inside else None))
    return found
