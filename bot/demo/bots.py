"""The bot as the demo sees it: what it owes, and when it is idle; here one that runs in this process."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.app import Bot
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import label
from bot.usecases.ports import JobState, StorageFailure

WAITING = (JobState.DUE, JobState.LEASED, JobState.DEAD)


@dataclass(frozen=True, kw_only=True)
class OwedLine:
    """One job the bot owes: when, what, for which incident (its label, such as ``INC-3``), in which state."""

    due_at: datetime
    kind: str
    key: str
    incident: str = ""
    lane: str = ""
    state: str = "due"


class RunningBot(Protocol):
    """A bot, in this process or in one of its own."""

    async def idle(self) -> None:
        """Return when it has answered what it was asked and done what is due."""

    async def plan(self) -> None:
        """Have it plan what the calendar asks for by now."""

    async def owed(self) -> Sequence[OwedLine]:
        """Return what it owes, the next one first."""

    async def kill(self) -> None:
        """End it without a word, as a crash does; it is started again."""

    @property
    def about(self) -> str:
        """Return a few words about its process."""


class InProcess:
    """A bot of this process, which cannot be killed without everything else."""

    about = "in this process"

    def __init__(self, running: Bot) -> None:
        """Ask this bot."""
        self._running = running

    async def idle(self) -> None:
        """Return when it has answered what it was asked and done what is due."""
        await self._running.surface.drain()
        await self._running.worker.idle()

    async def plan(self) -> None:
        """Have it plan what the calendar asks for by now."""
        await self._running.calendar.plan_due()

    async def owed(self) -> Sequence[OwedLine]:
        """Return what it owes, the next one first."""
        try:
            jobs = await self._running.ports.reads.jobs(states=list(WAITING))
        except StorageFailure:
            # A window may still look while the bot behind it ends.
            return []
        return [
            OwedLine(
                due_at=job.due_at,
                kind=job.kind,
                key=job.key,
                incident=label(job.incident) if job.incident else "",
                lane=job.lane or "",
                state=str(job.state),
            )
            for job in jobs
        ]

    async def kill(self) -> None:
        """Refuse: this process has everything else in it too."""
        msg = "The bot runs in the process of this page; it cannot be killed alone."
        raise Refused(msg)
