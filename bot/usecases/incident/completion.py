"""How a job is completed: the one place where what its handler returned becomes true."""

from typing import assert_never

from bot.domain.incident.aggregate import Incident
from bot.domain.shared.vocabulary import SYSTEM, IncidentId
from bot.usecases.ports import (
    FORGOTTEN,
    LOOKED,
    Effects,
    Job,
    MembersAsked,
    MergedInto,
    Ports,
    Record,
    RoomOpened,
    Urgency,
    Work,
)


async def complete(job: Job, effects: Effects, ports: Ports) -> bool:
    """Mark a job done and make its effects true, in one transaction; False where its lease was lost.

    A lost lease commits nothing: somebody else does the job, or has done it. Raises ``ValueError`` for
    effects on an incident by a job that is about none.
    """
    async with ports.work(Urgency.JOB) as work:
        if not await work.outbox.complete(job):
            return False
        if _on_incident(effects):
            await _apply(effects, _subject(job), work, ports)
        if effects.jobs:
            await work.outbox.enqueue(effects.jobs)
        await work.commit()
    return True


def _on_incident(effects: Effects) -> bool:
    return bool(effects.records or effects.posts or effects.invited or effects.members)


def _subject(job: Job) -> IncidentId:
    if job.incident is None:
        msg = f"A job of kind {job.kind} has effects on an incident, and is about none."
        raise ValueError(msg)
    return job.incident


async def _apply(effects: Effects, about: IncidentId, work: Work, ports: Ports) -> None:
    for one in effects.records:
        incident = await work.incidents.get(
            one.into if isinstance(one, MergedInto) else about, seen_by=SYSTEM
        )
        _record(one, incident, ports)
        await work.incidents.save(incident)
    for what, posted in effects.posts.items():
        await work.posts.put(about, what, posted)
    await work.members.expect(about, effects.invited)
    if effects.members:
        await renew(effects.members, about, work)


async def renew(asked: MembersAsked, about: IncidentId, work: Work) -> None:
    """Hold those for members of a war room whom Slack named, but for what was heard since it was asked."""
    looked = await work.posts.get(about, LOOKED)
    if looked and looked.ts == FORGOTTEN:
        # Something may have been missed after Slack answered.
        return
    await work.members.renew(about, asked.people, known=asked.known, at=asked.at)


def _record(one: Record, incident: Incident, ports: Ports) -> None:
    match one:
        case RoomOpened():
            incident.open_room(one.channel, one.name, by=SYSTEM, at=ports.now())
        case MergedInto():
            incident.receive_merge(one.merged, room=one.room, private=one.private, by=one.by, at=one.at)
        case _:
            assert_never(one)
