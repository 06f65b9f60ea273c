"""What a job brought about, as data: it becomes true together with the job being done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from bot.domain.shared.vocabulary import Actor, ChannelId, IncidentId, UserId
from bot.usecases.ports.chat import Posted
from bot.usecases.ports.jobs import JobSpec


@dataclass(frozen=True, kw_only=True)
class RoomOpened:
    """The incident has to record that it has a war room."""

    channel: ChannelId
    name: str


@dataclass(frozen=True, kw_only=True)
class MergedInto:
    """The incident ``into`` has to record that the job's own was merged into it, by whom and when."""

    into: IncidentId
    merged: IncidentId
    room: ChannelId | None
    private: bool
    by: Actor
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MembersAsked:
    """Slack's answer to who is in the war room, asked at ``at`` when ``known`` was what had been heard."""

    people: frozenset[UserId]
    known: Mapping[UserId, datetime]
    at: datetime


Record = RoomOpened | MergedInto
"""What an incident has to record: applied to it as it stands when the job is done, not as it was read."""


@dataclass(frozen=True, kw_only=True)
class Effects:
    """All that a job's handler wants to be true. Everything but ``jobs`` is about the job's own incident.

    ``posts`` says where messages of ours stand, ``invited`` who was brought in, ``members`` who is in by
    Slack's own word. ``idle`` says why there was nothing to do: the purpose was gone, and that is no failure.
    """

    records: tuple[Record, ...] = ()
    posts: Mapping[str, Posted] = field(default_factory=lambda: MappingProxyType({}))
    jobs: tuple[JobSpec, ...] = ()
    invited: frozenset[UserId] = frozenset()
    members: MembersAsked | None = None
    idle: str | None = None


DONE = Effects()
"""It was done, and nothing here has to change for it."""


def nothing_to_do(why: str) -> Effects:
    """Return that what a job was for is no longer wanted, or has been done already."""
    return Effects(idle=why)
