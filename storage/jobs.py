"""What is owed: planned and settled within a unit of work, claimed and given back by the worker."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Update,
    and_,
    case,
    delete,
    exists,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import log
from bot.domain.shared.vocabulary import INCIDENT, Actor, IncidentId, Stream
from bot.usecases.ports import Job, JobSpec, JobState, Outcome, Urgency
from storage.dialects import insert_into, storable
from storage.engine import Database, announce
from storage.facts import columns
from storage.real_time import Clock, RealTime
from storage.tables import INBOX, JOBS

LEASE = timedelta(seconds=10)
ERROR_MAX = 500
LONGEST_WAIT = timedelta(minutes=5)
"""The longest that a job is put off before it is tried again."""
_CLAIM_TRIES = 3


def _written(state: JobState) -> ColumnElement[str]:
    # Written in the statement: SQLite never takes a partial index for a state that is a bound parameter, and
    # then each claim reads the whole table while it holds the write lock.
    return literal_column(f"'{state.value}'", JOBS.c.state.type)


_DUE, _LEASED = _written(JobState.DUE), _written(JobState.LEASED)
_ENDED = (_written(JobState.DONE), _written(JobState.CANCELLED))
UNFINISHED = (_DUE, _LEASED)


EARLIEST = (
    # Not min(): written like this, the first row of an index answers.
    select(JOBS.c.due_at)
    .where(JOBS.c.state.in_(UNFINISHED), JOBS.c.state == _DUE)
    .order_by(JOBS.c.due_at, JOBS.c.id)
    .limit(1)
)
UNDER_WAY = select(exists().where(JOBS.c.state == _LEASED))


class StoredOutbox:
    """What is owed, within one unit of work."""

    def __init__(self, connection: AsyncConnection, *, real: RealTime) -> None:
        """Work on this transaction."""
        self._connection = connection
        self._real = real
        self.planned = False
        self.settled = False

    async def enqueue(self, owed: Iterable[JobSpec]) -> None:
        """Plan; a key that was planned before stays as it is, whatever became of it."""
        self.planned = await plan(self._connection, owed) or self.planned

    async def complete(self, job: Job) -> bool:
        """Mark done; False when the lease was lost meanwhile."""
        done = await self._connection.execute(
            _mine(job).values(
                state=JobState.DONE.value, done_at=self._real.at(), lease_until=None, owner=None
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
        clock: Clock | None = None,
    ) -> None:
        """Work on this database; ``clock`` is real time, ``committed`` hears that something became due."""
        self._database = database
        self._committed = committed
        self._lease = lease
        self._real = RealTime(database, clock)

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
        heads = (
            select(JOBS.c.id)
            .where(self._claimable(now=now), _is_head(now=now))
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
                lease_until=self._real.at(self._lease),
                not_before=None,
                # Whoever leased it before may have got anywhere.
                last_outcome=case(
                    (JOBS.c.state == _LEASED, Outcome.UNKNOWN.value),
                    else_=JOBS.c.last_outcome,
                ),
            )
            .returning(*JOBS.c)
        )
        async with self._database.write(Urgency.JOB) as connection:
            rows = (await connection.execute(lease)).all()
            await connection.commit()
        return [_job(row) for row in sorted(rows, key=lambda row: (row.due_at, row.id))]

    def _claimable(self, *, now: datetime) -> ColumnElement[bool]:
        """Return the condition of what may be leased: due and not held back, or left behind by its owner."""
        jobs = JOBS.c
        free = or_(jobs.not_before.is_(None), self._real.is_over(jobs.not_before, longest=LONGEST_WAIT))
        waiting = and_(jobs.state == _DUE, jobs.due_at <= now, free)
        left_behind = and_(jobs.state == _LEASED, self._real.is_over(jobs.lease_until, longest=self._lease))
        return and_(jobs.state.in_(UNFINISHED), or_(waiting, left_behind))

    async def renew(self, jobs: Sequence[Job]) -> None:
        """Make leases last another while."""
        if not jobs:
            return
        still_mine = tuple_(JOBS.c.id, JOBS.c.owner, JOBS.c.attempt).in_(
            [(job.id, job.owner, job.attempt) for job in jobs]
        )
        await self._change(
            update(JOBS)
            # By id first: of pairs alone SQLite makes no use of an index.
            .where(JOBS.c.id.in_([job.id for job in jobs]), still_mine, JOBS.c.state == _LEASED)
            .values(lease_until=self._real.at(self._lease)),
            wakes=False,
        )

    async def release(self, owner: str) -> None:
        """Give back all that this owner has leased; what was under way counts as unknown."""
        given_back = (
            update(JOBS)
            .where(JOBS.c.owner == owner, JOBS.c.state == _LEASED)
            .values(
                state=JobState.DUE.value, owner=None, lease_until=None, last_outcome=Outcome.UNKNOWN.value
            )
        )
        await self._change(given_back)

    async def postpone(
        self, job: Job, *, wait: timedelta, outcome: Outcome, error: str, failed: bool
    ) -> None:
        """Try again after ``wait`` of real time; ``failed`` counts towards giving up.

        No wait is longer than `LONGEST_WAIT`. An unknown effect stays unknown, whatever came of a later
        attempt to look for it.
        """
        await self._change(
            _mine(job).values(
                state=JobState.DUE.value,
                owner=None,
                lease_until=None,
                not_before=self._real.at(min(wait, LONGEST_WAIT)),
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

    async def dismiss(self, job_id: int, *, by: Actor, why: str) -> bool:
        """Let a dead job be, for good; who did and why is kept with it. False when it is not dead."""
        return await self._change(
            update(JOBS)
            .where(JOBS.c.id == job_id, JOBS.c.state == JobState.DEAD.value)
            .values(
                state=JobState.CANCELLED.value,
                done_at=self._real.at(),
                dismissed_by=str(by),
                dismissed_why=_fit(why),
            ),
            wakes=False,
        )

    async def sweep(self, *, older_than: timedelta, limit: int = 500) -> int:
        """Drop at most ``limit`` done and dismissed jobs and inbox answers of real time gone by."""
        before = self._real.at(-older_than)
        done = (
            select(JOBS.c.id)
            .where(JOBS.c.state.in_(_ENDED), JOBS.c.done_at < before)
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
        async with self._database.read() as connection:
            earliest: datetime | None = (await connection.execute(EARLIEST)).scalar()
            under_way = (await connection.execute(UNDER_WAY)).scalar()
        if not under_way:
            return earliest
        return min(earliest, now) if earliest else now

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
    return True


def stream_of(owed: JobSpec) -> Stream | None:
    """Return what something owed is about."""
    return owed.about if owed.incident is None else Stream.incident(owed.incident)


def _row(owed: JobSpec) -> dict[str, Any]:
    return {
        "kind": owed.kind,
        "key": owed.key,
        **columns(stream_of(owed)),
        "lane": owed.lane,
        "due_at": owed.due_at,
        "not_before": None,
        "payload": dict(owed.payload),
        "state": JobState.DUE.value,
        "attempt": 0,
        "last_outcome": Outcome.NONE.value,
        "failures": 0,
    }


def _is_head(*, now: datetime) -> ColumnElement[bool]:
    """Return the condition that nothing of the lane comes before a job.

    What is under way comes first; then the earliest that is due, even while it waits for a retry.
    """
    other = JOBS.alias("other")
    mates = and_(other.c.lane == JOBS.c.lane, other.c.id != JOBS.c.id)
    under_way = exists().where(mates, other.c.state == _LEASED)
    earlier = exists().where(
        mates,
        other.c.state.in_(UNFINISHED),
        other.c.due_at <= now,
        tuple_(other.c.due_at, other.c.id) < tuple_(JOBS.c.due_at, JOBS.c.id),
    )
    return or_(JOBS.c.lane.is_(None), JOBS.c.state == _LEASED, and_(~under_way, ~earlier))


def _mine(job: Job) -> Update:
    """Return the change of a job's row that only the holder of its lease can make."""
    return update(JOBS).where(
        JOBS.c.id == job.id,
        JOBS.c.owner == job.owner,
        JOBS.c.attempt == job.attempt,
        JOBS.c.state == _LEASED,
    )


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        key=row.key,
        due_at=row.due_at,
        incident=IncidentId(row.stream_id) if row.stream_type == INCIDENT else None,
        about=None if row.stream_type is None else Stream(row.stream_type, row.stream_id),
        lane=row.lane,
        payload=row.payload,
        attempt=row.attempt,
        owner=row.owner,
        look=row.last_outcome == Outcome.UNKNOWN.value,
        failures=row.failures,
    )


def _fit(error: str) -> str:
    return storable(log.redact(error))[:ERROR_MAX]
