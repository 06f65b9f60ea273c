"""Slack, spoken to in meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.incident.timeline import Message
from bot.domain.shared.vocabulary import ChannelId, IncidentId, UserId
from bot.usecases.messages import Home, Said


@dataclass(frozen=True, kw_only=True)
class Posted:
    """Where a message of ours stands, and the incident's version that it shows."""

    channel: ChannelId
    ts: str
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class RoomWanted:
    """A war room to be opened. ``declared_at`` bounds which existing channel may be ours."""

    incident: IncidentId
    name: str
    private: bool
    declared_at: datetime
    taken: frozenset[ChannelId] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Room:
    """A war room as Slack named it."""

    channel: ChannelId
    name: str


@dataclass(frozen=True, kw_only=True)
class History:
    """What a channel holds, oldest first.

    ``roots`` are the messages whose threads were read. Only when ``whole`` can it be said of a message that
    is not among them that it is gone.
    """

    messages: tuple[Message, ...]
    roots: frozenset[str]
    whole: bool


class Account(StrEnum):
    """What is known of somebody's account without asking anybody."""

    PERSON = "person"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


class Chat(Protocol):
    """Slack, spoken to in meaning. Every awaited method may raise an ``OutsideError``.

    ``look`` asks to look whether an earlier attempt already had its effect.
    """

    def account(self, person: UserId) -> Account:
        """Return what is known of somebody, without asking anybody."""

    async def look_up(self, person: UserId) -> None:
        """Ask about somebody, so that `account` knows."""

    def is_away(self) -> bool:
        """Return whether Slack did not answer when it was last called."""

    async def named(self, name: str) -> Sequence[UserId]:
        """Return the people of the workspace who are called so; bots and who has left are left out."""

    async def names(self, people: Sequence[UserId]) -> Mapping[UserId, str]:
        """Return what people are called, of those that Slack knows."""

    async def open_room(self, wanted: RoomWanted, *, look: bool) -> Room:
        """Create the channel, or find the one an earlier attempt made."""

    async def post(
        self,
        channel: ChannelId,
        said: Said,
        *,
        key: str,
        look: bool,
        since: datetime | None = None,
        thread: str | None = None,
        broadcast: bool = False,
    ) -> Posted:
        """Say something in a channel; ``key`` marks the message so that it can be found again.

        ``broadcast`` shows what is said in a ``thread`` in the channel, too.

        ``since`` is when it can have been said at the earliest, which bounds the look.
        """

    async def tell(
        self, person: UserId, said: Said, *, key: str, look: bool, since: datetime | None = None
    ) -> Posted:
        """Say something to one person, by direct message."""

    async def edit(self, posted: Posted, said: Said) -> None:
        """Make a message of ours say something else."""

    async def invite(self, channel: ChannelId, people: Sequence[UserId]) -> None:
        """Bring people in; who is in already stays."""

    async def join(self, channel: ChannelId) -> None:
        """Go into a public channel, so that we can write there; where we are in already we stay."""

    async def set_topic(self, channel: ChannelId, topic: str) -> None:
        """Set a channel's topic, cut to what fits."""

    async def pin(self, posted: Posted) -> None:
        """Pin a message; a pinned one stays."""

    async def bookmark(self, channel: ChannelId, *, title: str, link: str, look: bool) -> None:
        """Put a link on a channel's bar, once."""

    async def link_to(self, posted: Posted) -> str:
        """Return the address of a message."""

    async def show_home(self, person: UserId, home: Home) -> None:
        """Show a person their App Home."""

    async def incidents_channel(self, *, anew: bool = False) -> ChannelId | None:
        """Return where incidents are announced, joined; None where there is no such channel.

        It is remembered; ``anew`` looks again, where the one that is remembered refused us.
        """

    async def members(self, channel: ChannelId) -> frozenset[UserId]:
        """Return the people in a channel."""

    async def is_private(self, channel: ChannelId) -> bool:
        """Return whether only who is invited may read a channel."""

    async def history(self, channel: ChannelId, *, after: str | None) -> History:
        """Return what people said in a channel later than ``after`` (a ``ts``), as it stands now."""
