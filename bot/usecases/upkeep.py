"""What keeps the mirror true and the tables small: back-filling, membership, sweeping, retrying."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.incident.timeline import Message
from bot.domain.shared.errors import NotFound
from bot.domain.shared.vocabulary import SYSTEM, Actor, ChannelId, IncidentId, UserId, label
from bot.usecases.incident.acting import is_admin
from bot.usecases.incident.room import incident_of
from bot.usecases.outbox import slot
from bot.usecases.ports import (
    DONE,
    Deleted,
    Effects,
    History,
    Job,
    JobSpec,
    Ports,
    Posted,
    Urgency,
    nothing_to_do,
)

CATCH_UP = "catch_up"
SWEEP = "sweep"

KEPT = timedelta(days=30)
"""How long done jobs and answered requests are kept: longer than anything repeats them."""
OVERLAP = timedelta(minutes=2)
"""How far before a look the next one begins: clocks differ, and what was just said may not show yet."""
BITE = 500
"""Rows deleted at once, so that nobody waits long behind a sweep."""


async def enqueue_catch_up(ports: Ports) -> None:
    """Owe a look at every room for what was missed while the bot was away or its socket was down."""
    now = ports.now()
    rooms = await ports.reads.open_rooms()
    async with ports.work(Urgency.JOB) as work:
        await work.outbox.enqueue(
            JobSpec(
                kind=CATCH_UP,
                key=f"{CATCH_UP}:{label(incident)}:{slot(now)}",
                due_at=now,
                incident=incident,
                lane=f"catch_up:{label(incident)}",
            )
            for incident in rooms
        )
        await work.commit()


async def catch_up(job: Job, ports: Ports) -> Effects:
    """Record what was said, edited and deleted in a room since it was last caught up with, and who is in it.

    The mark moves only here: a message heard right after a gap says nothing of the gap before it.
    """
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    channel = incident.state.channel
    if channel is None:
        return nothing_to_do("There is no war room to catch up with.")
    began = ports.now()
    known_in = await _members(incident.id, ports)
    mark = await ports.reads.posted(incident.id, CATCH_UP)
    after = mark.ts if mark else None
    history = await ports.chat.history(channel, after=after)
    people = await ports.chat.members(channel)
    known = await ports.reads.messages(incident.id, seen_by=SYSTEM)
    await ports.archive.record([*history.messages, *_gone(known, history, after=after, at=began)])
    reached = Posted(channel=channel, ts=f"{(began - OVERLAP).timestamp():.6f}")
    # Compared with who was in before Slack was asked: who came or went meanwhile was heard of by events.
    return Effects(posts={CATCH_UP: reached}, joined=people - known_in, left=known_in - people)


async def _members(incident: IncidentId, ports: Ports) -> frozenset[UserId]:
    async with ports.work(Urgency.JOB) as work:
        return await work.members.of(incident)


def _gone(known: Iterable[Message], history: History, *, after: str | None, at: datetime) -> list[Deleted]:
    """Return the messages that we hold and Slack no longer does; none where not all could be read."""
    if not history.whole:
        return []
    there = {message.ts for message in history.messages}
    return [
        Deleted(channel=message.channel, ts=message.ts, at=at)
        for message in known
        if message.deleted_at is None
        and (after or "") < message.ts < f"{at.timestamp():.6f}"
        and (message.thread_ts is None or message.thread_ts in history.roots)
        and message.ts not in there
    ]


async def note_joined(channel: ChannelId, people: Iterable[UserId], ports: Ports) -> None:
    """Note that people are in a war room; other channels are none of our business."""
    async with ports.work() as work:
        incident = await work.incidents.in_room(channel)
        if incident:
            await work.members.add(incident, people)
            await work.commit()


async def note_left(channel: ChannelId, person: UserId, ports: Ports) -> None:
    """Note that a person left a war room."""
    async with ports.work() as work:
        incident = await work.incidents.in_room(channel)
        if incident:
            await work.members.remove(incident, person)
            await work.commit()


async def sweep(job: Job, ports: Ports) -> Effects:
    """Drop what nobody asks for any more, in bites."""
    del job
    while await ports.queue.sweep(older_than=KEPT, limit=BITE) == BITE:
        pass
    return DONE


async def retry(job: int, ports: Ports, *, actor: Actor, incident: IncidentId | None) -> bool:
    """Put a dead job back among the due ones; False when it is not dead.

    People retry what failed in an incident they may see; what belongs to none is for admins.
    """
    if incident is not None:
        await ports.reads.incident(incident, seen_by=actor)
        found = await ports.reads.job(job)
        if found is None or found.incident != incident:
            return False
    elif not is_admin(actor, ports.policy.who_may):
        msg = "There is no such job."
        raise NotFound(msg)
    return await ports.queue.revive(job)
