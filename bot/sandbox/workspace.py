"""The workspace: people, channels, messages and views together, as one team has them."""

import itertools
import time
from collections.abc import Callable, Iterable

from bot.sandbox.channels import Channels, check_name
from bot.sandbox.clock import MovableClock
from bot.sandbox.messages import Messages
from bot.sandbox.state import Channel, Ground, Kind, Message, Unread, User
from bot.sandbox.views import ResponseUrls, Views

SEED = (
    ("ada", "Ada Example", "Europe/London", True),
    ("grace", "Grace Example", "America/New_York", False),
    ("linus", "Linus Example", "Europe/Helsinki", False),
    ("barbara", "Barbara Example", "America/Los_Angeles", False),
)
UNREAD_AT_MOST = 100
"""How far back unread messages are counted; a badge says "99+" long before."""
EVERYBODY = ("<!channel>", "<!here>", "<!everyone>")


class Workspace:
    """All that one Slack team holds; each noun has its rules in its own part."""

    def __init__(
        self,
        *,
        clock: MovableClock,
        bot_name: str = "app",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Lay out an empty team that has the bot and nobody else."""
        self.ground = Ground(clock=clock, bot_name=bot_name)
        self.channels = Channels(self.ground)
        self.messages = Messages(self.ground, self.channels)
        self.views = Views(self.ground, monotonic=monotonic)
        self.urls = ResponseUrls(self.ground, self.messages)

    @property
    def users(self) -> dict[str, User]:
        """Everybody, by id, the bot too."""
        return self.ground.users

    @property
    def bot(self) -> User:
        """The app's bot user."""
        return self.ground.bot

    @property
    def people(self) -> list[User]:
        """Everybody who is not a bot."""
        return [each for each in self.users.values() if not each.is_bot]

    def seed(self, channels: Iterable[str]) -> None:
        """Fill in four people and channels with all of them in; the bot is in none."""
        for name, real_name, tz, admin in SEED:
            self.add_person(name, real_name=real_name, tz=tz, is_admin=admin)
        for name in channels:
            self.add_channel(name, members=[each.id for each in self.people], is_general=name == "general")

    def add_person(
        self, name: str, *, real_name: str | None = None, email: str | None = None, tz: str = "Europe/London",
        is_admin: bool = False, channels: tuple[str, ...] = (), told: bool = False,
    ) -> User:  # fmt: skip
        """Add somebody, silently in the named channels; a taken name is a ValueError.

        With ``told`` the app hears that there is somebody new.
        """
        if self.ground.named(name):
            message = f"the sandbox has a {name} already"
            raise ValueError(message)
        user = User(
            id=self.ground.next_id("U"), name=name, real_name=real_name or name.title(),
            email=email or f"{name}@example.com", tz=tz, is_admin=is_admin,
        )  # fmt: skip
        self.users[user.id] = user
        for each in channels:
            self.channel(each).members.append(user.id)
        event = {"type": "team_join", "user": user.payload(self.ground.team)}
        self.ground.tell("person_added", user=user.id, event=event if told else None)
        return user

    def deactivate(self, ref: str) -> User:
        """Deactivate somebody's account: they are out of every channel, silently, as Slack does it."""
        user = self.person(ref)
        user.deleted = True
        for channel in self.channels.all.values():
            if user.id in channel.members and channel.kind in (Kind.PUBLIC, Kind.PRIVATE):
                channel.members.remove(user.id)
        event = {"type": "user_change", "user": user.payload(self.ground.team)}
        self.ground.tell("person_deactivated", user=user.id, event=event)
        return user

    def add_channel(
        self, name: str, *, members: list[str] | None = None, private: bool = False, is_general: bool = False
    ) -> Channel:
        """Add a channel that was always there: nobody joins it, no event tells of it."""
        check_name(name)
        people = members or []
        channel = Channel(
            id=self.ground.next_id("C"), name=name, kind=Kind.PRIVATE if private else Kind.PUBLIC,
            creator=people[0] if people else "", created=self.ground.seconds(), members=list(people),
            is_general=is_general,
        )  # fmt: skip
        self.channels.all[channel.id] = channel
        self.ground.tell("channel_added", channel=channel.id)
        return channel

    def channel(self, ref: str) -> Channel:
        """Return a channel by name (with or without #) or id; an unknown one is a KeyError."""
        found = self.channels.named(ref)
        if found is None:
            known = ", ".join(each.name or each.id for each in self.channels.all.values())
            message = f"the sandbox has no channel {ref!r}; it has {known}"
            raise KeyError(message)
        return found

    def person(self, ref: str) -> User:
        """Return a user by name or id; an unknown one is a KeyError."""
        found = self.ground.named(ref)
        if found is None:
            known = ", ".join(each.name for each in self.users.values())
            message = f"the sandbox has nobody named {ref!r}; it has {known}"
            raise KeyError(message)
        return found

    def seen_by(self, user: str, channel: Channel) -> list[Message]:
        """Return what a person sees in a channel, in order: nothing of a private one they are not in."""
        if not channel.visible_to(user):
            return []
        mine = [each for each in channel.ephemerals if each.viewer == user]
        return sorted([*channel.messages.values(), *mine], key=lambda each: each.ts)

    # What has been read

    def mark_read(self, user: str, channel: Channel, ts: str | None = None) -> None:
        """Note that somebody has read a channel up to a message, by default to its end; never less."""
        upto = channel.last_ts if ts is None else ts
        if user in channel.members and upto > channel.read.get(user, ""):
            self._read(user, channel, upto)

    def mark_unread(self, user: str, channel: Channel, ts: str) -> None:
        """Make a message, and all after it, unread again for somebody."""
        if user in channel.members:
            self._read(user, channel, max((each for each in channel.messages if each < ts), default=""))

    def _read(self, user: str, channel: Channel, ts: str) -> None:
        channel.read[user] = ts
        self.ground.tell("read_marked", actor=user, channel=channel.id, user=user)

    def unread(self, user: str, channel: Channel) -> Unread:
        """Return what somebody has not read of a channel they are in; one's own words are never unread."""
        if user not in channel.members:
            return Unread()
        last, count, mentions = channel.read.get(user, ""), 0, 0
        direct = channel.kind in (Kind.IM, Kind.MPIM)
        for message in itertools.islice(reversed(channel.messages.values()), UNREAD_AT_MOST):
            if message.ts <= last:
                break
            if message.user == user or (message.subtype or "").startswith("channel_"):
                continue
            called = direct or _calls(message, user)
            count += called or not message.is_reply
            mentions += called
        return Unread(count=count, mentions=mentions)


def _calls(message: Message, user: str) -> bool:
    return f"<@{user}" in message.text or any(each in message.text for each in EVERYBODY)
