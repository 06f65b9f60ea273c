"""What the page may ask of the bot behind the workspace, where whoever runs both lets it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class OwedLine:
    """One job the bot owes: when, what, for which incident (its label, such as ``INC-3``), in which state."""

    due_at: datetime
    kind: str
    key: str
    incident: str = ""
    lane: str = ""
    state: str = "due"


class Backstage(Protocol):
    """The bot as the panel sees it, and the scenarios that can be started."""

    async def owed(self) -> Sequence[OwedLine]:
        """Return what is owed, the next one first."""

    async def forward(self, by: timedelta) -> None:
        """Move the clock, and return when what became due is done."""

    async def settle(self) -> None:
        """Return when nothing is under way."""

    async def start(self, scenario: str) -> None:
        """Start a scenario in the workspace; return when it stands. An unknown one is a KeyError."""
