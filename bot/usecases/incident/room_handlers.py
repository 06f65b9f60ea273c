"""How a handler that speaks in a war room meets a room that is archived, or was never opened."""

from datetime import timedelta

from bot.usecases.incident import room
from bot.usecases.messages import NoRoom
from bot.usecases.ports import (
    Effects,
    Handler,
    Job,
    JobSpec,
    PermanentFailure,
    Ports,
    RateLimited,
    nothing_to_do,
)

ASIDE_FIRST, ASIDE_MOST = timedelta(seconds=2), timedelta(minutes=5)
"""How soon, and how seldom, is looked again whether a room is there whose opening was given up."""


def unless_archived(handle: Handler) -> Handler:
    """Return what handles a kind and finds nothing to do in an archived room: nobody reads there.

    What is edited in place is brought up to date when the room comes back; the timeline has the rest.
    """

    async def handled(job: Job, ports: Ports) -> Effects:
        try:
            return await handle(job, ports)
        except PermanentFailure as refusal:
            if room.CLOSED.get(refusal.code) is not NoRoom.ARCHIVED:
                raise
            return nothing_to_do("The war room is archived.")

    return handled


def said_in_room(handle: Handler) -> Handler:
    """Return what handles a kind that is said in the room, and waits aside while there never was one.

    Aside it holds nobody back, least of all the nudges that go by direct message meanwhile; once somebody
    has tried the opening again, it is said in its order.
    """

    async def handled(job: Job, ports: Ports) -> Effects:
        try:
            return await handle(job, ports)
        except PermanentFailure as refusal:
            if refusal.code != room.NOT_OPENED:
                raise
            aside = f"aside:{job.incident}"
            if job.lane == aside:
                wait = min(ASIDE_FIRST * 2.0 ** min(job.attempt, 10), ASIDE_MOST)
                raise RateLimited(str(refusal), wait=wait) from refusal
            later = JobSpec(
                kind=job.kind,
                key=f"{job.key}:aside",
                due_at=job.due_at,
                incident=job.incident,
                lane=aside,
                payload=job.payload,
            )
            return Effects(jobs=(later,), idle="There is no war room yet.")

    return unless_archived(handled)
