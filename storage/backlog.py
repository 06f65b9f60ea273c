"""The jobs as people look at them: lists, and how far behind they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.shared.vocabulary import INCIDENT, Actor, IncidentId, Stream
from bot.usecases.ports import Backlog, JobLine, JobState
from storage.jobs import UNFINISHED
from storage.tables import INCIDENTS, JOBS

OLDEST = select(JOBS.c.due_at).where(JOBS.c.state.in_(UNFINISHED)).order_by(JOBS.c.due_at, JOBS.c.id).limit(1)
_COUNTED = [state.value for state in (JobState.DUE, JobState.LEASED, JobState.DEAD)]


async def lines(
    connection: AsyncConnection, *, states: Sequence[JobState], limit: int, seen: ColumnElement[bool] | None
) -> list[JobLine]:
    """Return jobs by due time, all states where none is given.

    ``seen`` is the condition on `INCIDENTS` for those whose jobs are shown; a job of none is shown always.
    """
    shown: ColumnElement[bool] = true()
    if seen is not None:
        of_one = exists().where(INCIDENTS.c.id == JOBS.c.stream_id, JOBS.c.stream_type == INCIDENT, seen)
        shown = or_(JOBS.c.stream_type.is_(None), of_one)
    rows: list[Row[Any]] = []
    # State by state, so that each is read from an index that ends at the limit.
    for state in states or tuple(JobState):
        query = (
            select(JOBS)
            .where(JOBS.c.state == state.value, shown)
            .order_by(JOBS.c.due_at, JOBS.c.id)
            .limit(limit)
        )
        rows += (await connection.execute(query)).all()
    return [_line(row) for row in sorted(rows, key=lambda row: (row.due_at, row.id))[:limit]]


async def line(connection: AsyncConnection, number: int) -> JobLine | None:
    """Return one job, or None where there is none."""
    row = (await connection.execute(select(JOBS).where(JOBS.c.id == number))).one_or_none()
    return None if row is None else _line(row)


def _line(row: Row[Any]) -> JobLine:
    return JobLine(
        id=row.id,
        kind=row.kind,
        key=row.key,
        state=JobState(row.state),
        due_at=row.due_at,
        incident=IncidentId(row.stream_id) if row.stream_type == INCIDENT else None,
        lane=row.lane,
        attempt=row.attempt,
        last_error=row.last_error,
        done_at=row.done_at,
        about=None if row.stream_type is None else Stream(row.stream_type, row.stream_id),
        dismissed_by=Actor.parse(row.dismissed_by) if row.dismissed_by else None,
        dismissed_why=row.dismissed_why,
    )


async def standing(connection: AsyncConnection, *, now: datetime) -> Backlog:
    """Return the oldest overdue due time, how many jobs are still owed, and how many are dead."""
    oldest = (await connection.execute(OLDEST)).scalar()
    counts = (
        select(JOBS.c.state, func.count().label("number"))
        .where(JOBS.c.state.in_(_COUNTED))
        .group_by(JOBS.c.state)
    )
    numbers: dict[str, int] = {row.state: row.number for row in await connection.execute(counts)}
    dead = numbers.pop(JobState.DEAD.value, 0)
    return Backlog(
        oldest_due=oldest if oldest and oldest <= now else None, owed=sum(numbers.values()), dead=dead
    )
