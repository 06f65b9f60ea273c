"""What keeps the mirror true and the tables small: back-filling, sweeping, dead jobs."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.incident.timeline import Message
from bot.domain.shared.errors import NotFound
from bot.domain.shared.texts import paragraph
from bot.domain.shared.vocabulary import SYSTEM, Actor, IncidentId
from bot.usecases.incident.acting import is_admin
from bot.usecases.incident.catching_up import CATCH_UP, catching_up
from bot.usecases.incident.membership import forget_after_gap
from bot.usecases.incident.room import incident_of, why_not
from bot.usecases.ports import (
    DONE,
    Deleted,
    Effects,
    History,
    Job,
    PermanentFailure,
    Ports,
    Posted,
    Urgency,
    nothing_to_do,
)

CATCH_UP_ROOMS = "catch_up_rooms"
SWEEP = "sweep"

KEPT = timedelta(days=30)
"""How long done jobs and answered requests are kept: longer than anything repeats them."""
OVERLAP = timedelta(minutes=2)
"""How far before a look the next one begins: clocks differ, and what was just said may not show yet."""
BITE = 500
"""Rows deleted at once, so that nobody waits long behind a sweep."""


async def enqueue_catch_up(ports: Ports) -> None:
    """Owe a look at the rooms for what was missed while the bot, its socket or its database was away."""
    await forget_after_gap(ports)
    planned = await catching_up(await _rooms_in_use(ports), ports)
    async with ports.work(Urgency.JOB) as work:
        await work.outbox.enqueue(planned)
        await work.commit()


async def catch_up_rooms(job: Job, ports: Ports) -> Effects:
    """Owe a look at the rooms in use, or at ``all`` that have not ended for good."""
    rooms = await ports.reads.open_rooms() if job.payload.get("all") else await _rooms_in_use(ports)
    return Effects(jobs=await catching_up(rooms, ports))


async def _rooms_in_use(ports: Ports) -> list[IncidentId]:
    """Return the incidents with a room that people work on, or that a postmortem is owed of."""
    working = await ports.reads.open_incidents(seen_by=SYSTEM)
    owed = await ports.reads.postmortems_owed(seen_by=SYSTEM)
    return sorted({line.id for line in (*working, *owed) if line.channel})


async def catch_up(job: Job, ports: Ports) -> Effects:
    """Record what was said, edited and deleted in a room since it was last caught up with.

    The mark moves only here: a message heard right after a gap says nothing of the gap before it.
    """
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    channel = incident.state.channel
    if channel is None:
        return nothing_to_do("There is no war room to catch up with.")
    began = ports.now()
    mark = await ports.reads.posted(incident.id, CATCH_UP)
    after = mark.ts if mark else None
    try:
        history = await ports.chat.history(channel, after=after)
    except PermanentFailure as refusal:
        return nothing_to_do(f"The room cannot be read: {why_not(refusal)}.")
    known = await ports.reads.messages(incident.id, seen_by=SYSTEM) if history.whole else []
    await ports.archive.record([*history.messages, *_gone(known, history, after=after, at=began)])
    reached = Posted(channel=channel, ts=f"{(began - OVERLAP).timestamp():.6f}")
    return Effects(posts={CATCH_UP: reached})


def _gone(known: Iterable[Message], history: History, *, after: str | None, at: datetime) -> list[Deleted]:
    """Return the messages that we hold and a history that was read whole does not."""
    there = {message.ts for message in history.messages}
    return [
        Deleted(channel=message.channel, ts=message.ts, at=at)
        for message in known
        if message.deleted_at is None
        and (after or "") < message.ts < f"{at.timestamp():.6f}"
        and (message.thread_ts is None or message.thread_ts in history.roots)
        and message.ts not in there
    ]


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
