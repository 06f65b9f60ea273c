"""What keeps the mirror of a war room true: what was missed while nobody listened is read from Slack."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.incident.timeline import Message
from bot.domain.shared.vocabulary import SYSTEM, IncidentId, label
from bot.usecases.incident.membership import forget_after_gap
from bot.usecases.incident.room import incident_of, why_not
from bot.usecases.ports import (
    Deleted,
    Effects,
    History,
    Job,
    JobSpec,
    PermanentFailure,
    Ports,
    Posted,
    Urgency,
    nothing_to_do,
)

CATCH_UP = "catch_up"
CATCH_UP_ROOMS = "catch_up_rooms"

OVERLAP = timedelta(minutes=2)
"""How far before a look the next one begins: clocks differ, and what was just said may not show yet."""
AT_ONCE = 2
"""How many rooms are caught up with at once: it reads by the page, and what people wait for goes first."""


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


async def catching_up(rooms: Iterable[IncidentId], ports: Ports) -> tuple[JobSpec, ...]:
    """Return a look at each room, the newest first, a few at a time.

    Its key is from where it looks: however often it is owed before it was done, it is done once.
    """
    now, planned = ports.now(), []
    for number in sorted(rooms, reverse=True):
        mark = await ports.reads.posted(number, CATCH_UP)
        since = mark.ts if mark else "0"
        planned.append(
            JobSpec(
                kind=CATCH_UP,
                key=f"{CATCH_UP}:{label(number)}:{since}:{now:%Y-%m-%d}",
                due_at=now,
                incident=number,
                lane=f"{CATCH_UP}:{number % AT_ONCE}",
            )
        )
    return tuple(planned)


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
