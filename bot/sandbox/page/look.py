"""In whose eyes a thing is drawn: names, channels and times are looked up through it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.sandbox.state import Channel, Kind, User
from bot.sandbox.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Look:
    """One person looking at the workspace at one moment."""

    workspace: Workspace
    viewer: str
    zone: ZoneInfo
    now: datetime

    def user(self, ref: str) -> User | None:
        """Return the user of that id, None for a stranger."""
        return self.workspace.users.get(ref)

    def name(self, ref: str) -> str:
        """Return what people call the user of that id, the id itself for a stranger."""
        user = self.user(ref)
        return user.name if user else ref

    def channel(self, ref: str) -> Channel | None:
        """Return the channel of that id, if there is one; its name is for those it is visible to."""
        return self.workspace.channels.all.get(ref)

    def may_know(self, channel: Channel) -> bool:
        """Return whether the viewer may know of the channel."""
        return channel.visible_to(self.viewer)

    def channel_name(self, channel: Channel) -> str:
        """Return the name of a channel, for a direct one the names of the others in it."""
        if channel.kind in (Kind.IM, Kind.MPIM):
            return ", ".join(self.name(each) for each in channel.members if each != self.viewer)
        return channel.name
