"""The jobs as people look at them: lists, and how far behind they are."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.shared.vocabulary import INCIDENT, IncidentId, Stream
from bot.usecases.ports import Backlog, JobLine, JobState
from storage.tables import JOBS


async def lines(connection: AsyncConnection, *, states: Sequence[JobState], limit: int) -> list[JobLine]:
    """Return jobs by due time, all states where none is given."""
    query = select(JOBS).order_by(JOBS.c.due_at, JOBS.c.id).limit(limit)
    if states:
        query = query.where(JOBS.c.state.in_([state.value for state in states]))
    return [
        JobLine(
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
        )
        for row in (await connection.execute(query)).all()
    ]


async def standing(connection: AsyncConnection, *, now: datetime) -> Backlog:
    """Return the oldest overdue due time, how many jobs are still owed, and how many are dead."""
    unfinished = JOBS.c.state.in_([JobState.DUE.value, JobState.LEASED.value])
    query = select(
        func.min(case((unfinished & (JOBS.c.due_at <= now), JOBS.c.due_at)), type_=JOBS.c.due_at.type),
        func.count(case((unfinished, 1))),
        func.count(case((JOBS.c.state == JobState.DEAD.value, 1))),
    ).where(JOBS.c.state.in_([JobState.DUE.value, JobState.LEASED.value, JobState.DEAD.value]))
    oldest, owed, dead = (await connection.execute(query)).one()
    return Backlog(oldest_due=oldest, owed=owed, dead=dead)
