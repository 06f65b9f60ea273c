"""Where something is: what a window looks at, and where an element that was clicked stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.sandbox.elements import NotThere
from bot.sandbox.page.look import Look
from bot.sandbox.people import Person
from bot.sandbox.server import Sandbox
from bot.sandbox.state import Channel, Kind, Message, View

HOME = "home"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What one window looks at: as whom, which channel (None: the App Home), thread and message."""

    slack: Sandbox
    person: Person
    channel: Channel | None
    thread: str = ""
    at: str = ""

    @classmethod
    def of(cls, slack: Sandbox, asked: Mapping[str, str]) -> "Scene":
        """Return the scene that a query asks for; what is not there any more gives way to what always is."""
        person = _person(slack, asked.get("as", ""))
        if asked.get("in") == HOME:
            return cls(slack=slack, person=person, channel=None)
        channel = channel_for(person, asked.get("in", "")) or _first(slack, person)
        return cls(
            slack=slack,
            person=person,
            channel=channel,
            thread=asked.get("thread", ""),
            at=asked.get("at", ""),
        )

    @property
    def look(self) -> Look:
        """Return how this person sees the workspace now."""
        return Look(
            workspace=self.slack.workspace, viewer=self.person.id, zone=ZoneInfo(self.person.user.tz),
            now=self.slack.clock.now(),
        )  # fmt: skip

    @property
    def now(self) -> float:
        """Return the business time as epoch seconds."""
        return self.slack.clock.now().timestamp()

    @property
    def member(self) -> bool:
        """Whether this person is in the channel."""
        return self.channel is not None and self.person.id in self.channel.members

    @property
    def with_app(self) -> bool:
        """Whether this is the app: its home, or the messages between it and this person."""
        if self.channel is None:
            return True
        return self.channel.kind is Kind.IM and self.slack.bot_user.id in self.channel.members

    def url(self, **other: str) -> str:
        """Return the page's address of this scene, with parts of it changed."""
        there = self.channel.id if self.channel else HOME
        parts = {"as": self.person.name, "in": there, **other}
        return "/?" + "&".join(f"{name}={value}" for name, value in parts.items() if value)


def _person(slack: Sandbox, ref: str) -> Person:
    found = slack.workspace.ground.named(ref) if ref else None
    if found is None or found.is_bot:
        found = slack.workspace.people[0]
    return slack.person(found.id)


def channel_for(person: Person, ref: str) -> Channel | None:
    """Return a channel by id or name, or None where this person may not know of it."""
    found = person.slack.workspace.channels.named(ref)
    return found if found and found.visible_to(person.id) else None


def _first(slack: Sandbox, person: Person) -> Channel | None:
    mine = [each for each in person.channels() if each.kind is Kind.PUBLIC]
    public = [each for each in slack.workspace.channels.all.values() if each.kind is Kind.PUBLIC]
    return next(iter([*mine, *public]), None)


def message_at(person: Person, channel: str, ts: str) -> Message:
    """Return a message this person sees, their ephemeral ones too; else ``NotThere``."""
    room = channel_for(person, channel)
    if room is not None:
        if ts in room.messages:
            return room.messages[ts]
        for each in room.ephemerals:
            if each.ts == ts and each.viewer == person.id:
                return each
    text = "That message is no longer there."
    raise NotThere(text)


def element_place(person: Person, where: str) -> Message | View:
    """Return the message or view an element stands in (``m/C1/1.2``, ``e/C1/1.2``, ``v/V1``, ``h``)."""
    match where.split("/"):
        case ["m" | "e", channel, ts]:
            return message_at(person, channel, ts)
        case ["v", view]:
            found = person.slack.workspace.views.all.get(view)
            if found is not None and found.owner == person.id and found.open:
                return found
        case ["h"]:
            if person.home is not None:
                return person.home
    text = "That is no longer on your screen."
    raise NotThere(text)
