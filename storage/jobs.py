"""What is owed: planned and settled within a unit of work, claimed and given back by the worker."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Update,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import log
from bot.domain.shared.vocabulary import IncidentId
from bot.usecases.ports import Job, JobSpec, JobState, Outcome, Urgency
from storage.dialects import insert_into, storable
from storage.engine import Database, announce
from storage.tables import INBOX, JOBS

LEASE = timedelta(seconds=10)
ERROR_MAX = 500
_CLAIM_TRIES = 3
_UNFINISHED = (JobState.DUE.value, JobState.LEASED.value)


class StoredOutbox:
    """What is owed, within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Work on this transaction."""
        self._connection = connection
        self.planned = False
        self.settled = False

    async def enqueue(self, owed: Iterable[JobSpec]) -> None:
        """Plan; a key that is already planned stays, a cancelled one is revived."""
        self.planned = await plan(self._connection, owed) or self.planned

    async def complete(self, job: Job) -> bool:
        """Mark done; False when the lease was lost meanwhile."""
        done = await self._connection.execute(
            _mine(job).values(
                state=JobState.DONE.value, done_at=datetime.now(UTC), lease_until=None, owner=None
            )
        )
        self.settled = self.settled or done.rowcount == 1
        return done.rowcount == 1


class JobQueue:
    """The jobs as the worker sees them (`bot.usecases.ports.Queue`)."""

    def __init__(
        self,
        database: Database,
        committed: Callable[[], None] = lambda: None,
        *,
        lease: timedelta = LEASE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Work on this database; ``clock`` is real time, ``committed`` hears that something became due."""
        self._database = database
        self._committed = committed
        self._lease = lease
        self._clock = clock

    async def claim(self, *, owner: str, now: datetime, limit: int) -> list[Job]:
        """Lease what is due: of every lane its head only, the earliest first."""
        for _ in range(_CLAIM_TRIES):
            try:
                return await self._claim(owner=owner, now=now, limit=limit)
            except IntegrityError:
                # Another process leased in one of these lanes between our look and our lease.
                continue
        return []

    async def _claim(self, *, owner: str, now: datetime, limit: int) -> list[Job]:
        real = self._clock()
        heads = (
            select(JOBS.c.id)
            .where(_claimable(now=now, real=real), _is_head(now=now))
            .order_by(JOBS.c.due_at, JOBS.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=JOBS)
            .cte("heads")
        )
        lease = (
            update(JOBS)
            .where(JOBS.c.id.in_(select(heads.c.id)))
            .values(
                state=JobState.LEASED.value,
                owner=owner,
                attempt=JOBS.c.attempt + 1,
                lease_until=real + self._lease,
                not_before=None,
                # Whoever leased it before may have got anywhere.
                last_outcome=case(
                    (JOBS.c.state == JobState.LEASED.value, Outcome.UNKNOWN.value),
                    else_=JOBS.c.last_outcome,
                ),
            )
            .returning(*JOBS.c)
        )
        async with self._database.write(Urgency.JOB) as connection:
            rows = (await connection.execute(lease)).all()
            await connection.commit()
        return [_job(row) for row in sorted(rows, key=lambda row: (row.due_at, row.id))]

    async def renew(self, jobs: Sequence[Job]) -> None:
        """Make leases last another while."""
        if not jobs:
            return
        still_mine = tuple_(JOBS.c.id, JOBS.c.owner, JOBS.c.attempt).in_(
            [(job.id, job.owner, job.attempt) for job in jobs]
        )
        await self._change(
            update(JOBS)
            .where(still_mine, JOBS.c.state == JobState.LEASED.value)
            .values(lease_until=self._clock() + self._lease),
            wakes=False,
        )

    async def release(self, owner: str) -> None:
        """Give back all that this owner has leased; what was under way counts as unknown."""
        given_back = (
            update(JOBS)
            .where(JOBS.c.owner == owner, JOBS.c.state == JobState.LEASED.value)
            .values(
                state=JobState.DUE.value, owner=None, lease_until=None, last_outcome=Outcome.UNKNOWN.value
            )
        )
        await self._change(given_back)

    async def postpone(
        self, job: Job, *, wait: timedelta, outcome: Outcome, error: str, failed: bool
    ) -> None:
        """Try again after ``wait`` of real time; ``failed`` counts towards giving up.

        An unknown effect stays unknown, whatever came of a later attempt to look for it.
        """
        await self._change(
            _mine(job).values(
                state=JobState.DUE.value,
                owner=None,
                lease_until=None,
                not_before=self._clock() + wait,
                failures=JOBS.c.failures + int(failed),
                last_error=_fit(error),
                last_outcome=case(
                    (JOBS.c.last_outcome == Outcome.UNKNOWN.value, Outcome.UNKNOWN.value),
                    else_=outcome.value,
                ),
            ),
            wakes=False,
        )

    async def mark_dead(self, job: Job, *, error: str, owed: Iterable[JobSpec] = ()) -> None:
        """Give up loudly; ``owed`` is what tells people. Nothing happens where the lease was lost."""
        async with self._database.write(Urgency.JOB) as connection:
            dead = _mine(job).values(
                state=JobState.DEAD.value, owner=None, lease_until=None, last_error=_fit(error)
            )
            if (await connection.execute(dead)).rowcount != 1:
                return
            await plan(connection, owed)
            await announce(connection)
            await connection.commit()
        self._committed()

    async def revive(self, job_id: int) -> bool:
        """Put a dead job back among the due ones; False when it is not dead."""
        return await self._change(
            update(JOBS)
            .where(JOBS.c.id == job_id, JOBS.c.state == JobState.DEAD.value)
            .values(state=JobState.DUE.value, failures=0, not_before=None)
        )

    async def sweep(self, *, older_than: timedelta, limit: int = 500) -> int:
        """Drop at most ``limit`` done jobs and inbox answers of real time gone by; how many went."""
        before = self._clock() - older_than
        done = (
            select(JOBS.c.id)
            .where(JOBS.c.state == JobState.DONE.value, JOBS.c.done_at < before)
            .order_by(JOBS.c.done_at)
            .limit(limit)
        )
        async with self._database.write(Urgency.SWEEP) as connection:
            went = (await connection.execute(delete(JOBS).where(JOBS.c.id.in_(done)))).rowcount
            answered = (
                select(INBOX.c.key)
                .where(INBOX.c.taken_at < before)
                .order_by(INBOX.c.taken_at)
                .limit(limit - went)
            )
            went += (await connection.execute(delete(INBOX).where(INBOX.c.key.in_(answered)))).rowcount
            await connection.commit()
        return went

    async def next_due(self, *, now: datetime) -> datetime | None:
        """Return the earliest due time of what is still owed, ``now`` for what is under way."""
        due = case((JOBS.c.state == JobState.LEASED.value, now), else_=JOBS.c.due_at)
        query = select(func.min(due, type_=JOBS.c.due_at.type)).where(JOBS.c.state.in_(_UNFINISHED))
        async with self._database.read() as connection:
            earliest: datetime | None = (await connection.execute(query)).scalar()
        return earliest

    async def _change(self, change: Update, *, wakes: bool = True) -> bool:
        """Make one change of rows; whether any was changed."""
        async with self._database.write(Urgency.JOB) as connection:
            changed = (await connection.execute(change)).rowcount > 0
            if changed and wakes:
                await announce(connection)
            await connection.commit()
        if changed and wakes:
            self._committed()
        return changed


async def plan(connection: AsyncConnection, owed: Iterable[JobSpec]) -> bool:
    """Plan what is owed, in the order given, which is a lane's order; whether there was anything.

    Two that plan the same keys give them in the same order (the incident is locked), so none waits for ever.
    """
    rows = [_row(one) for one in owed]
    if not rows:
        return False
    insert = insert_into(connection, JOBS).on_conflict_do_nothing(index_elements=["key"])
    await connection.execute(insert, rows)
    # Not ON CONFLICT DO UPDATE: that would wait for a job that its worker is settling.
    query = select(JOBS.c.key).where(
        JOBS.c.key.in_([row["key"] for row in rows]), JOBS.c.state == JobState.CANCELLED.value
    )
    cancelled = set((await connection.execute(query)).scalars())
    for row in rows:
        if row["key"] in cancelled:
            await connection.execute(
                update(JOBS)
                .where(JOBS.c.key == row["key"], JOBS.c.state == JobState.CANCELLED.value)
                .values(row)
            )
    return True


def _row(owed: JobSpec) -> dict[str, Any]:
    return {
        "kind": owed.kind,
        "key": owed.key,
        "incident": owed.incident,
        "lane": owed.lane,
        "due_at": owed.due_at,
        "not_before": None,
        "payload": dict(owed.payload),
        "state": JobState.DUE.value,
        "attempt": 0,
        "last_outcome": Outcome.NONE.value,
        "failures": 0,
    }


def _claimable(*, now: datetime, real: datetime) -> ColumnElement[bool]:
    """Return the condition of what may be leased: due and not held back, or left behind by its owner."""
    waiting = and_(
        JOBS.c.state == JobState.DUE.value,
        JOBS.c.due_at <= now,
        or_(JOBS.c.not_before.is_(None), JOBS.c.not_before <= real),
    )
    left_behind = and_(JOBS.c.state == JobState.LEASED.value, JOBS.c.lease_until < real)
    return and_(JOBS.c.state.in_(_UNFINISHED), or_(waiting, left_behind))


def _is_head(*, now: datetime) -> ColumnElement[bool]:
    """Return the condition that nothing of the lane comes before a job.

    What is under way comes first; then the earliest that is due, even while it waits for a retry.
    """
    other = JOBS.alias("other")
    earlier = and_(
        other.c.due_at <= now,
        tuple_(other.c.due_at, other.c.id) < tuple_(JOBS.c.due_at, JOBS.c.id),
    )
    in_front = exists().where(
        other.c.lane == JOBS.c.lane,
        other.c.state.in_(_UNFINISHED),
        other.c.id != JOBS.c.id,
        or_(other.c.state == JobState.LEASED.value, earlier),
    )
    return or_(JOBS.c.lane.is_(None), JOBS.c.state == JobState.LEASED.value, ~in_front)


def _mine(job: Job) -> Update:
    """Return the change of a job's row that only the holder of its lease can make."""
    return update(JOBS).where(
        JOBS.c.id == job.id,
        JOBS.c.owner == job.owner,
        JOBS.c.attempt == job.attempt,
        JOBS.c.state == JobState.LEASED.value,
    )


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        key=row.key,
        due_at=row.due_at,
        incident=None if row.incident is None else IncidentId(row.incident),
        lane=row.lane,
        payload=row.payload,
        attempt=row.attempt,
        owner=row.owner,
        look=row.last_outcome == Outcome.UNKNOWN.value,
        failures=row.failures,
    )


def _fit(error: str) -> str:
    return storable(log.redact(error))[:ERROR_MAX]
