"""What is owed, and the queue it waits in: jobs as they are planned, claimed and given up."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.domain.shared.vocabulary import Actor, IncidentId, Stream

Payload = Mapping[str, str | int | bool | list[str] | None]
"""What a job carries: references and times, never words."""


@dataclass(frozen=True, kw_only=True)
class JobSpec:
    """Something to be done at ``due_at`` (business time). Planning a ``key`` twice plans it once.

    Jobs of one ``lane`` are done one after another, by ``(due_at, id)``; without a lane they run freely.
    ``about`` names the stream it belongs to where that is no ``incident``; of a claimed job both are set.
    """

    kind: str
    key: str
    due_at: datetime
    incident: IncidentId | None = None
    lane: str | None = None
    payload: Payload = field(default_factory=dict)
    about: Stream | None = None


@dataclass(frozen=True, kw_only=True)
class Job(JobSpec):
    """An owed thing that this process has claimed.

    ``attempt`` is the fence: settling needs the same one. ``look`` says that an earlier attempt may have
    had its effect, so the world has to be looked at before it is repeated. ``failures`` counts its own
    errors, which alone lead to giving up; an outage or a wait that was asked for does not.
    """

    id: int
    attempt: int
    owner: str
    look: bool
    failures: int = 0


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt at a job; ``calls`` counts what it has called outside so far."""

    job: str
    calls: Counter[Hashable] = field(default_factory=Counter)


CURRENT_ATTEMPT: ContextVar[Attempt | None] = ContextVar("current_attempt", default=None)
"""The attempt that what runs here belongs to, so that a job that comes back for its calls is known again."""


class JobState(StrEnum):
    """Where a job stands. ``CANCELLED`` is a dead one that somebody dismissed: it is never done again."""

    DUE = "due"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What is known of the last attempt's effect: a refusal had none, after an unknown one must look."""

    NONE = "none"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Queue(Protocol):
    """The jobs as the worker sees them.

    Each method is a transaction of its own. Leases and waits are real time; ``now`` is business time.
    """

    async def claim(self, *, owner: str, now: datetime, limit: int) -> list[Job]:
        """Lease what is due: of every lane its head only, the earliest first."""

    async def renew(self, jobs: Sequence[Job]) -> None:
        """Make leases last another while."""

    async def release(self, owner: str) -> None:
        """Give back all that this owner has leased (shutdown); what was under way counts as unknown."""

    async def postpone(
        self, job: Job, *, wait: timedelta, outcome: Outcome, error: str, failed: bool
    ) -> None:
        """Try again after ``wait`` of real time; ``failed`` counts towards giving up."""

    async def mark_dead(self, job: Job, *, error: str, owed: Iterable[JobSpec] = ()) -> None:
        """Give up loudly: the job is dead until somebody retries it; ``owed`` is what tells people."""

    async def revive(self, job_id: int) -> bool:
        """Put a dead job back among the due ones; False when it is not dead."""

    async def dismiss(self, job_id: int, *, by: Actor, why: str) -> bool:
        """Let a dead job be, for good; who did and why is kept with it. False when it is not dead."""

    async def sweep(self, *, older_than: timedelta, limit: int = 500) -> int:
        """Drop at most ``limit`` done and dismissed jobs and inbox answers of real time gone by."""

    async def next_due(self, *, now: datetime) -> datetime | None:
        """Return the earliest due time of what is still owed."""
