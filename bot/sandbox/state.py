"""The plain state of the workspace: people, channels, messages, views, and the changes that others watch."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.sandbox.clock import MovableClock
from bot.sandbox.wire import Json, SlackError


class Kind(StrEnum):
    """What kind of conversation a channel is; its value is how events name it."""

    PUBLIC = "channel"
    PRIVATE = "group"
    IM = "im"
    MPIM = "mpim"


@dataclass(kw_only=True)
class User:
    """A person or a bot of the workspace."""

    id: str
    name: str
    real_name: str
    email: str
    tz: str = "Europe/London"
    is_admin: bool = False
    is_bot: bool = False
    deleted: bool = False

    def payload(self, team: str) -> Json:
        """Return the user object of the Web API."""
        profile = {"real_name": self.real_name, "display_name": self.name, "email": self.email, "team": team}
        return {
            "id": self.id, "team_id": team, "name": self.name, "real_name": self.real_name,
            "deleted": self.deleted,
            "tz": self.tz, "tz_label": self.tz, "tz_offset": 0, "is_admin": self.is_admin,
            "is_owner": self.is_admin,
            "is_primary_owner": False, "is_restricted": False, "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False, "updated": 0, "profile": profile,
        }  # fmt: skip


@dataclass(kw_only=True, eq=False)
class Message:
    """A message as it stands; an ephemeral one has a viewer and is seen by nobody else."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    bot_id: str | None = None
    thread_ts: str | None = None
    subtype: str | None = None
    metadata: Json | None = None
    edited: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: tuple[Json, ...] = ()
    viewer: str | None = None
    replies: list[str] = field(default_factory=list)
    inputs: dict[str, dict[str, Json]] = field(default_factory=dict)
    extra: Json = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread rather than at its root."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(kw_only=True)
class Bookmark:
    """A link at the top of a channel."""

    id: str
    channel: str
    title: str
    link: str
    emoji: str = ""
    created: int = 0
    updated: int = 0
    by: str = ""

    def payload(self) -> Json:
        """Return the bookmark object of the Web API."""
        return {
            "id": self.id, "channel_id": self.channel, "title": self.title, "link": self.link,
            "emoji": self.emoji,
            "type": "link", "date_created": self.created, "date_updated": self.updated, "rank": "U",
            "entity_id": None, "icon_url": "", "last_updated_by_user_id": self.by, "shortcut_id": None,
        }  # fmt: skip


@dataclass(kw_only=True, eq=False)
class Channel:
    """A conversation: public, private, or direct."""

    id: str
    name: str
    kind: Kind
    creator: str
    created: int
    topic: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    purpose: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    archived: bool = False
    is_general: bool = False
    members: list[str] = field(default_factory=list)
    previous_names: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: list[Message] = field(default_factory=list)
    bookmarks: dict[str, Bookmark] = field(default_factory=dict)
    pins: dict[str, Json] = field(default_factory=dict)
    last_ts: str = ""
    read: dict[str, str] = field(default_factory=dict)
    """Up to which ``ts`` each user has read."""

    def visible_to(self, user: str) -> bool:
        """Return whether the user may know of it."""
        return self.kind is Kind.PUBLIC or user in self.members


@dataclass(frozen=True, kw_only=True)
class Unread:
    """What a person has not read of a channel: how many messages, and how many of them call this person."""

    count: int = 0
    mentions: int = 0


@dataclass(kw_only=True, eq=False)
class View:
    """A modal or a home, with what its reader has entered so far."""

    id: str
    owner: str
    content: Json
    hash: str
    root: str
    previous: str | None = None
    inputs: dict[str, dict[str, Json]] = field(default_factory=dict)
    open: bool = True

    @property
    def blocks(self) -> list[Json]:
        """The blocks as the app sent them, ids filled in."""
        blocks: list[Json] = self.content["blocks"]
        return blocks

    @property
    def callback_id(self) -> str:
        """The app's name for the view."""
        return str(self.content.get("callback_id", ""))

    @property
    def title(self) -> str:
        """The title of a modal; a home has none."""
        return str((self.content.get("title") or {}).get("text", ""))

    @property
    def private_metadata(self) -> str:
        """What the app stored with the view."""
        return str(self.content.get("private_metadata", ""))


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that changed, for whoever watches: the delivery, the tests, the demo, the page."""

    number: int
    at: datetime
    kind: str
    actor: str = ""
    channel: str = ""
    event: Json | None = None
    detail: Json = field(default_factory=dict)


class Ground:
    """What every noun of the workspace stands on: the clock, the ids, the people, and the watchers."""

    def __init__(self, *, clock: MovableClock, bot_name: str) -> None:
        """Lay an empty workspace that knows only the bot."""
        self.clock = clock
        self.team = "T0SANDBOX"
        self.team_name = "Sandbox"
        self.team_domain = "sandbox"
        self.app = "A0SANDBOX"
        self.bot_id = "B0SANDBOX"
        self.users: dict[str, User] = {}
        self.watchers: list[Callable[[Change], None]] = []
        self.counts: dict[str, int] = {}
        """How many ids of each kind were given out."""
        self._last_event = 0
        self._changes = itertools.count(1)
        self.bot = User(id="U0SANDBOX", name=bot_name, real_name=bot_name, email="", is_bot=True)
        self.users[self.bot.id] = self.bot
        clock.watchers.append(self._clock_moved)

    def _clock_moved(self) -> None:
        self.tell("clock_moved")

    def next_id(self, prefix: str) -> str:
        """Return a fresh id, the same ones in the same order on every run."""
        self.counts[prefix] = self.counts.get(prefix, 0) + 1
        return f"{prefix}0{self.counts[prefix]:07d}"

    def seconds(self) -> int:
        """Return the business time as epoch seconds."""
        return int(self.clock.now().timestamp())

    def stamp(self) -> str:
        """Return the business time in the format of ``ts``."""
        return f"{self.clock.now().timestamp():.6f}"

    def _event_stamp(self) -> str:
        """Return a stamp of now that no event has had: what came later can be told by it."""
        micro = int(self.clock.now().timestamp()) * 1_000_000 + self.clock.now().microsecond
        self._last_event = max(micro, self._last_event + 1)
        return f"{self._last_event // 1_000_000}.{self._last_event % 1_000_000:06d}"

    def user(self, ref: str, *, code: str = "user_not_found") -> User:
        """Return a user by id; an unknown one is refused with ``code``."""
        if ref not in self.users:
            raise SlackError(code)
        return self.users[ref]

    def named(self, name: str) -> User | None:
        """Return the user of that name or id, if there is one."""
        wanted = name.lstrip("@")
        if wanted in self.users:
            return self.users[wanted]
        return next((each for each in self.users.values() if each.name == wanted), None)

    def tell(
        self, kind: str, *, actor: str = "", channel: str = "", event: Json | None = None, **detail: object
    ) -> Change:
        """Tell every watcher what changed; ``event`` is the Events API event it makes, if any."""
        at = self.clock.now()
        if event is not None:
            event = {"event_ts": self._event_stamp(), **event}
        change = Change(
            number=next(self._changes),
            at=at,
            kind=kind,
            actor=actor,
            channel=channel,
            event=event,
            detail=detail,
        )
        for watch in tuple(self.watchers):
            watch(change)
        return change
