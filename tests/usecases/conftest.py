"""The use cases with everything outside: the same tests run on the fakes and on the real storage."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.incident.aggregate import Declaration, Incident
from bot.domain.shared.vocabulary import Actor, ChannelId, IncidentId, RequestKey, UserId
from bot.usecases.handlers import HANDLERS
from bot.usecases.incident.completion import complete
from bot.usecases.incident.declare import Declare, declare
from bot.usecases.incident.membership import Moved, note_joined, note_left
from bot.usecases.incident.notifications import failure_notice
from bot.usecases.messages import Said
from bot.usecases.policy import Policy
from bot.usecases.ports import Job, JobState, Outcome, PermanentFailure, Ports, RateLimited
from bot.usecases.reactions import following
from storage.archive import StoredArchive
from storage.engine import Database
from storage.jobs import JobQueue
from storage.queries import Reads
from storage.work import opens_work
from tests.builders import DECLARER, declaration
from tests.databases import fresh
from tests.fakes import OWNER, FakeChat, FakeClock, FakeStore


@dataclass(kw_only=True)
class Outside:
    """Ports, and a worker in miniature that pays what is due."""

    ports: Ports
    chat: FakeChat
    clock: FakeClock

    def under(self, policy: Policy) -> "Outside":
        """Return the same outside with other rules for who may do what; what follows stays the same."""
        return replace(self, ports=replace(self.ports, policy=policy))

    async def declare(self, by: Actor = DECLARER, request: str | None = None, **said: object) -> Incident:
        """Declare, and pay what follows at once."""
        given: Declaration = declaration(**said)
        key = RequestKey(request) if request else None
        incident = await declare(Declare(actor=by, said=given, request=key), self.ports)
        await self.pay()
        return incident

    async def pay(self) -> None:
        """Pay what is due, and what becomes due by that, as the worker does."""
        while jobs := await self.ports.queue.claim(owner=OWNER, now=self.clock.now(), limit=50):
            await self.settle(jobs)

    async def settle(self, jobs: Sequence[Job]) -> None:
        """Pay jobs that were claimed."""
        for job in jobs:
            try:
                effects = await HANDLERS[job.kind](job, self.ports)
            except PermanentFailure as never:
                await self.ports.queue.mark_dead(job, error=str(never), owed=failure_notice(job, str(never)))
                continue
            except RateLimited as busy:
                await self.ports.queue.postpone(
                    job, wait=busy.wait, outcome=Outcome.REFUSED, error=str(busy), failed=False
                )
                continue
            assert await complete(job, effects, self.ports)

    async def forward(self, **by: float) -> None:
        """Move the clock and pay what became due."""
        self.clock.at += timedelta(**by)
        await self.pay()

    async def owed(self) -> list[str]:
        """Return the kinds of what is still to come."""
        return sorted(line.kind for line in await self.ports.reads.jobs(states=[JobState.DUE]))

    def spoken(self, kind: type[Said]) -> list[Said]:
        """Return what was said of one kind anywhere, whatever became of it since."""
        return [said for said in self.chat.spoken if isinstance(said, kind)]

    async def joins(self, person: UserId, room: str = "C01", *, after: float = 0) -> None:
        """Have Slack say that a person came into a room, ``after`` seconds from now."""
        await note_joined(self.moved(person, room, after=after), self.ports)

    async def leaves(self, person: UserId, room: str = "C01", *, after: float = 0) -> None:
        """Have Slack say that a person left a room, ``after`` seconds from now."""
        await note_left(self.moved(person, room, after=after), self.ports)

    def moved(
        self, person: UserId, room: str = "C01", *, after: float = 0, event: str | None = None
    ) -> Moved:
        """Return Slack's word about a person; ``event`` names its delivery."""
        at = self.clock.now() + timedelta(seconds=after)
        named = RequestKey(event) if event else None
        return Moved(channel=ChannelId(room), person=person, at=at, event=named)

    def heard(self, incident: IncidentId, kind: type[Said]) -> list[Said]:
        """Return what was said in a public war room, of one kind."""
        return [said for said in self.chat.in_channel(f"C0{incident}") if isinstance(said, kind)]


@pytest.fixture(params=["fake", "sqlite"])
async def outside(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Outside]:
    """Yield everything outside: in memory, and over the real storage."""
    chat, clock, policy = FakeChat(), FakeClock(), Policy()
    quiet: Callable[[], None] = lambda: None  # noqa: E731 - nobody has to be woken
    if request.param == "fake":
        store = FakeStore(following(policy))
        ports = Ports(
            work=store.work, reads=store, queue=store, archive=store, chat=chat, now=clock.now, policy=policy
        )
        yield Outside(ports=ports, chat=chat, clock=clock)
        return
    async with fresh("sqlite", tmp_path) as url:
        database = Database.open(url)
        ports = Ports(
            work=opens_work(database, following(policy), quiet),
            reads=Reads(database),
            queue=JobQueue(database, committed=quiet),
            archive=StoredArchive(database),
            chat=chat,
            now=clock.now,
            policy=policy,
        )
        yield Outside(ports=ports, chat=chat, clock=clock)
        await database.close()
