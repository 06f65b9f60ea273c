"""What keeps the tables small, and what people do about jobs that were given up."""

from datetime import timedelta

from bot.domain.shared.errors import NotFound
from bot.domain.shared.texts import paragraph
from bot.domain.shared.vocabulary import Actor, IncidentId
from bot.usecases.incident.acting import is_admin
from bot.usecases.ports import (
    DONE,
    Effects,
    Job,
    Ports,
)

SWEEP = "sweep"

KEPT = timedelta(days=30)
"""How long done jobs and answered requests are kept: longer than anything repeats them."""
BITE = 500
"""Rows deleted at once, so that nobody waits long behind a sweep."""


async def sweep(job: Job, ports: Ports) -> Effects:
    """Drop what nobody asks for any more, in bites."""
    del job
    while await ports.queue.sweep(older_than=KEPT, limit=BITE) == BITE:
        pass
    return DONE


async def retry(job: int, ports: Ports, *, actor: Actor, incident: IncidentId | None) -> bool:
    """Put a dead job back among the due ones; False when it is not dead."""
    if not await _may_touch(job, ports, actor=actor, incident=incident):
        return False
    return await ports.queue.revive(job)


async def dismiss(job: int, ports: Ports, *, actor: Actor, incident: IncidentId | None, why: str) -> bool:
    """Put a dead job aside, so that nobody is told of it any more; False when it is not dead.

    Refused without a reason, at the field ``reason``.
    """
    reason = paragraph(why, field="reason", name="The reason")
    if not await _may_touch(job, ports, actor=actor, incident=incident):
        return False
    return await ports.queue.dismiss(job, by=actor, why=reason)


async def _may_touch(job: int, ports: Ports, *, actor: Actor, incident: IncidentId | None) -> bool:
    """Return whether a job is a dead one of this incident.

    People see to what failed in an incident they may see; what belongs to none is for admins.
    """
    if incident is None:
        if not is_admin(actor, ports.policy.who_may):
            msg = "There is no such job."
            raise NotFound(msg)
        return True
    await ports.reads.incident(incident, seen_by=actor)
    found = await ports.reads.job(job)
    return found is not None and found.incident == incident
