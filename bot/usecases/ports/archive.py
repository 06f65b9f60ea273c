"""What was said in war rooms, and where it is mirrored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.incident.timeline import Message
from bot.domain.shared.vocabulary import ChannelId


@dataclass(frozen=True, kw_only=True)
class Edited:
    """A message now reads otherwise. ``text`` is what Slack shows."""

    channel: ChannelId
    ts: str
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """A message is gone; its words are blanked here too."""

    channel: ChannelId
    ts: str
    at: datetime


MessageEvent = Message | Edited | Deleted


class MessageArchive(Protocol):
    """Where the messages of war rooms are mirrored."""

    async def record(self, heard: Sequence[MessageEvent]) -> None:
        """Write all of them in one commit; those of other channels are dropped. Any order, any repeats."""
