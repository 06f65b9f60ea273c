"""Whether Warroom does its work: what is asked, how long it may take, and what the answers add up to."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot import log
from bot.usecases.ports import Backlog

DATABASE_WITHIN = timedelta(seconds=2)
"""How long the database has to answer before it counts as dead."""
WRITE_EVERY, WRITE_WITHIN = timedelta(seconds=5), timedelta(seconds=5)
"""How often a write is tried, and how long it has: together they stay below what `/health` promises."""
HEARTBEAT_WITHIN = timedelta(seconds=15)
"""How old the worker's last sign of life may be before it counts as dead."""

_log = log.get(__name__)


class Verdict(StrEnum):
    """What an orchestrator acts on. Only ``dead`` asks to be restarted."""

    OK = "ok"
    DEGRADED = "degraded"
    DEAD = "dead"


class Mode(StrEnum):
    """How Slack's events arrive."""

    SOCKET = "socket"
    HTTP = "http"


class Connection(StrEnum):
    """Whether Slack can be reached."""

    CONNECTED = "connected"
    AWAY = "away"


@dataclass(frozen=True, kw_only=True)
class SlackHealth:
    """How it stands with Slack, and ``since`` when. ``problems`` are sentences: a missing scope, a token."""

    connection: Connection
    mode: Mode
    since: datetime | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Health:
    """How everything stands at ``at``.

    Without a ``backlog`` the database did not answer; ``unwritable`` says why nothing can be written to it.
    """

    at: datetime
    backlog: Backlog | None
    slack: SlackHealth
    heartbeat_age: timedelta
    unwritable: str | None = None

    @property
    def worker_alive(self) -> bool:
        """Return whether the worker gave a sign of life lately."""
        return self.heartbeat_age <= HEARTBEAT_WITHIN

    @property
    def verdict(self) -> Verdict:
        """Return what it adds up to: Slack's absence and dead jobs are no reason to be restarted."""
        if self.backlog is None or self.unwritable is not None or not self.worker_alive:
            return Verdict.DEAD
        if self.slack.connection is not Connection.CONNECTED or self.slack.problems or self.backlog.dead:
            return Verdict.DEGRADED
        return Verdict.OK

    @property
    def overdue(self) -> timedelta:
        """Return by how much the oldest due job is late; zero where nothing is."""
        oldest = self.backlog.oldest_due if self.backlog else None
        return max(self.at - oldest, timedelta()) if oldest else timedelta()

    def _database(self) -> str:
        if self.backlog is None:
            return "dead"
        return "ok" if self.unwritable is None else "unwritable"

    def as_json(self) -> dict[str, object]:
        """Return what `/health` answers: states, ages in seconds and counts, never a word of an incident."""
        slack, backlog = self.slack, self.backlog
        return {
            "status": self.verdict,
            "database": self._database(),
            "database_problem": self.unwritable,
            "slack": {
                "connection": slack.connection,
                "mode": slack.mode,
                "since": slack.since.isoformat() if slack.since else None,
                "problems": list(slack.problems),
            },
            "worker": {
                "status": "ok" if self.worker_alive else "dead",
                "heartbeat_age_s": round(self.heartbeat_age.total_seconds(), 3),
            },
            "jobs": {
                "oldest_due_s": round(self.overdue.total_seconds(), 3),
                "owed": backlog.owed,
                "dead": backlog.dead,
            }
            if backlog
            else None,
        }


Writable = Callable[[], Awaitable[str | None]]
"""Tries to write to the database, and returns why it cannot, fit to be shown; or None."""


class Probe:
    """Looks how everything stands, in bounded time.

    A question the database has not answered yet is not asked a second time, so that probes do not pile up
    on a database that hangs. Writing is tried by `watch`, beside: what comes of it is only read here.
    """

    def __init__(
        self,
        *,
        backlog: Callable[[], Awaitable[Backlog]],
        slack: Callable[[], SlackHealth],
        heartbeat_age: Callable[[], timedelta],
        now: Callable[[], datetime],
        writable: Writable | None = None,
        within: timedelta = DATABASE_WITHIN,
    ) -> None:
        """Keep whom to ask; ``now`` is business time, ``heartbeat_age`` and ``within`` are real time."""
        self._backlog = backlog
        self._slack = slack
        self._heartbeat_age = heartbeat_age
        self._now = now
        self._writable = writable
        self._within = within
        self._asked: asyncio.Task[Backlog | None] | None = None
        self._answered = True
        self._tried: asyncio.Task[str | None] | None = None
        self._unwritable: str | None = None

    async def __call__(self) -> Health:
        """Return how everything stands; never raises and never takes much longer than ``within``."""
        backlog = await self._ask_database()
        return Health(
            at=self._now(),
            backlog=backlog,
            slack=self._slack(),
            heartbeat_age=self._heartbeat_age(),
            unwritable=self._unwritable,
        )

    async def watch(self, *, every: timedelta = WRITE_EVERY, within: timedelta = WRITE_WITHIN) -> None:
        """Try to write again and again, until cancelled; a try that hangs counts as failed."""
        while self._writable is not None:
            if self._tried is None or self._tried.done():
                self._tried = asyncio.create_task(self._try(self._writable), name="health: writing")
            await asyncio.wait({self._tried}, timeout=within.total_seconds())
            hangs = f"The database has not taken a write for {within.total_seconds():.0f} s."
            self._note_writing(self._tried.result() if self._tried.done() else hangs)
            await asyncio.sleep(every.total_seconds())

    def _note_writing(self, problem: str | None) -> None:
        if problem != self._unwritable:
            _log.warning(
                "database_takes_writes" if problem is None else "database_takes_no_writes", why=problem
            )
        self._unwritable = problem

    async def _try(self, writable: Writable) -> str | None:
        try:
            return await writable()
        except Exception:  # noqa: BLE001 - a border, as in `_ask`
            _log.warning("write_check_failed", exc_info=True)
            return "Nothing can be written to the database; the log says why."

    async def _ask_database(self) -> Backlog | None:
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(self._ask(), name="health: database")
        # Not wait_for: it would wait for the cancelled question, which is what hangs.
        await asyncio.wait({self._asked}, timeout=self._within.total_seconds())
        answer = self._asked.result() if self._asked.done() else None
        if (answer is not None) is not self._answered:
            self._answered = answer is not None
            _log.warning("database_answers" if self._answered else "database_does_not_answer")
        return answer

    async def _ask(self) -> Backlog | None:
        try:
            return await self._backlog()
        except Exception:  # noqa: BLE001 - a border: whatever keeps the database from answering is the finding
            _log.warning("health_check_failed", exc_info=True)
            return None
