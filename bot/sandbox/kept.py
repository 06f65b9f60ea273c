"""Keeps a workspace in a file, so that it is there again after the process has ended."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from bot.sandbox.state import Change, Channel, User, View
from bot.sandbox.workspace import Workspace

SOON = 0.3
"""Seconds after a change within which it is written, so that a burst of them is written once."""


@dataclass(kw_only=True)
class Snapshot:
    """All of a workspace that outlives its process: open modals and what a click allows do not."""

    now: datetime
    counts: dict[str, int]
    users: dict[str, User]
    channels: dict[str, Channel]
    homes: dict[str, View]


SNAPSHOT = TypeAdapter(Snapshot)


class Keeper:
    """Writes a workspace to its file soon after each change."""

    def __init__(self, workspace: Workspace, path: Path, *, saved: Callable[[], None]) -> None:
        """Keep this workspace there; ``saved`` is called whenever it was written."""
        self._workspace = workspace
        self._path = path
        self._saved = saved
        self._soon: asyncio.TimerHandle | None = None
        workspace.ground.watchers.append(self._changed)

    def load(self) -> None:
        """Fill the workspace with what was kept, if anything was.

        Its clock goes on from where it was, or from now where that is later.
        """
        if not self._path.exists():
            return
        kept, ground = SNAPSHOT.validate_json(self._path.read_bytes()), self._workspace.ground
        ground.counts.update(kept.counts)
        ground.users.update(kept.users)
        self._workspace.channels.all.clear()
        ground.bot = ground.users[ground.bot.id]
        self._workspace.channels.all.update(kept.channels)
        self._workspace.views.homes.update(kept.homes)
        self._workspace.views.all.update({each.id: each for each in kept.homes.values()})
        ground.clock.forward(max(kept.now - ground.clock.now(), timedelta()))

    def save(self) -> None:
        """Write it down as it stands; a crash meanwhile leaves what was written before."""
        ground = self._workspace.ground
        snapshot = Snapshot(
            now=ground.clock.now(), counts=ground.counts, users=ground.users,
            channels=self._workspace.channels.all, homes=self._workspace.views.homes,
        )  # fmt: skip
        written = self._path.with_suffix(".new")
        written.write_bytes(SNAPSHOT.dump_json(snapshot))
        written.replace(self._path)
        self._saved()

    def _changed(self, _change: Change) -> None:
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SOON, self._save_now)

    def _save_now(self) -> None:
        self._soon = None
        self.save()

    def close(self) -> None:
        """Write it down a last time."""
        if self._soon is not None:
            self._soon.cancel()
        self.save()
