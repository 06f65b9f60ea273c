"""A shell over a real database, wired without Slack: what follows from acts stays owed."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
import structlog
from typer.testing import CliRunner, Result

from bot.cli.root import app
from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.domain.shared.vocabulary import UserId
from bot.settings import VARIABLES, Settings
from bot.usecases.doctor import Finding
from bot.usecases.policy import Policy
from bot.usecases.ports import Account, Chat, JobSpec, Ports
from storage.archive import StoredArchive
from storage.engine import Database
from storage.jobs import JobQueue
from storage.migrate import migrate
from storage.queries import Reads
from storage.work import opens_work

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
Value = TypeVar("Value")


def follow(incident: Incident, facts: Sequence[Fact]) -> Iterable[JobSpec]:
    """Owe one thing for each save, so that there are jobs to look at."""
    key = f"{facts[-1].stored_as}:{incident.id}:{incident.version}:{len(facts)}"
    return [JobSpec(kind=facts[-1].stored_as, key=key, due_at=NOW, incident=incident.id)]


def _none_committed() -> None:
    """Nobody waits for jobs here."""


@dataclass
class SomeSlack:
    """All of Slack that a shell asks: what people are called; ``away`` is what it raises instead."""

    called: dict[str, str] = field(default_factory=dict)
    away: Exception | None = None

    def account(self, person: UserId) -> Account:
        del person
        return Account.UNKNOWN

    async def named(self, name: str) -> Sequence[UserId]:
        return [UserId(person) for person, called in self._told().items() if called == name.lstrip("@")]

    async def names(self, people: Sequence[UserId]) -> Mapping[UserId, str]:
        return {person: self._told()[person] for person in people if person in self._told()}

    def _told(self) -> dict[str, str]:
        if self.away:
            raise self.away
        return self.called


@dataclass
class Wired:
    """Stands in for the composition root: storage is real, Slack and the servers are not there."""

    policy: Policy = field(default_factory=Policy)
    now: datetime = NOW
    findings: list[Finding] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    slack: SomeSlack = field(default_factory=SomeSlack)
    fails_with: Exception | None = None

    @asynccontextmanager
    async def shell(self, settings: Settings, *, include_private: bool = False) -> AsyncIterator[Ports]:
        if self.fails_with:
            raise self.fails_with
        database = Database.open(settings.database_url.get_secret_value())
        try:
            yield Ports(
                work=opens_work(database, follow, _none_committed),
                reads=Reads(database, include_private=include_private),
                archive=StoredArchive(database),
                queue=JobQueue(database),
                chat=cast("Chat", self.slack),
                now=lambda: self.now,
                policy=settings.policy,
            )
        finally:
            await database.close()

    async def run(self, settings: Settings) -> None:
        self.called.append(f"run on {settings.port}")

    async def migrate(self, settings: Settings) -> str:
        database = Database.open(settings.database_url.get_secret_value())
        await migrate(database)
        await database.close()
        return "The database is up to date."

    async def doctor(self, settings: Settings) -> list[Finding]:
        del settings
        return self.findings

    async def retry_job(self, settings: Settings, job_id: int) -> bool:
        database = Database.open(settings.database_url.get_secret_value())
        try:
            return await JobQueue(database).revive(job_id)
        finally:
            await database.close()

    async def demo(self, *, script: bool, scenario: str = "", port: int = 0, keep: Path | None = None) -> int:
        kept = f" kept in {keep}" if keep else ""
        self.called.append(f"demo, script {script}, {scenario} on {port}{kept}")
        return 3

    async def sandbox(self, port: int) -> None:
        self.called.append(f"sandbox on {port}")


@dataclass
class Shell:
    """Types commands, and looks at what came out."""

    wired: Wired

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(app, list(words), obj=self.wired, prog_name="warroom")

    def ok(self, *words: str) -> str:
        result = self(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.ok(*words, "--json"))

    def refused(self, *words: str) -> str:
        result = self(*words)
        assert result.exit_code == 2, result.output
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        return result.stderr.strip()

    def declare(self, title: str = "Orders are late", *words: str, severity: str = "2") -> str:
        declared: str = self.json("incident", "declare", title, "--severity", severity, *words)["id"]
        return declared

    def do(self, doing: Callable[[Ports], Coroutine[Any, Any, Value]]) -> Value:
        """Do with the ports what the shell cannot."""

        async def through() -> Value:
            from bot.settings import load  # noqa: PLC0415 - after the variables are set

            async with self.wired.shell(load()) as ports:
                return await doing(ports)

        return asyncio.run(through())

    def kill_job(self) -> int:
        """Let the oldest job die, and return its id."""

        async def kill() -> int:
            database = Database.open("sqlite:///warroom.db")
            queue = JobQueue(database)
            job = (await queue.claim(owner="a test", now=NOW + timedelta(days=1), limit=1))[0]
            await queue.mark_dead(job, error="channel_not_found")
            await database.close()
            return job.id

        return asyncio.run(kill())


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    # Commands set logs up for their process.
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def empty_shell() -> Shell:
    """Return a shell where there is no database yet."""
    return Shell(Wired())


@pytest.fixture
def shell(empty_shell: Shell) -> Shell:
    """Return a shell over an empty database."""
    empty_shell.ok("migrate")
    return empty_shell
