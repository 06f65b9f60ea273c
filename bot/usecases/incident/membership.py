"""Who is in a war room: heard from Slack, asked of Slack where that is in doubt, never guessed.

Members act, and see what is private. So a sign of presence (a command typed, a button pressed, a reaction)
lets nobody in: it only makes us ask.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.domain.shared.errors import NotFound, Refused
from bot.domain.shared.vocabulary import SYSTEM, Actor, ChannelId, IncidentId, RequestKey, UserId, label
from bot.usecases.incident.acting import Outsider, Unrecognised
from bot.usecases.incident.completion import renew
from bot.usecases.incident.notifications import OUTSIDE
from bot.usecases.incident.room import incident_of
from bot.usecases.ports import (
    LOOKED,
    Effects,
    Job,
    JobSpec,
    KnownRoom,
    MembersAsked,
    PermanentFailure,
    Ports,
    Posted,
    Urgency,
    Work,
    nothing_to_do,
)

RENEW = "renew_members"

OVERLAP = timedelta(minutes=2)
"""How far our clock and Slack's may be apart when what was heard is compared with what was asked."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Slack's word that a person came into a channel or left it, ``at`` a time of Slack's clock.

    ``event`` names the delivery, so that a repeated one changes nothing.
    """

    channel: ChannelId
    person: UserId
    at: datetime
    event: RequestKey | None = None


# -- heard


async def note_joined(moved: Moved, ports: Ports) -> None:
    """Note that a person is in a war room; other channels are none of our business."""
    async with ports.work() as work:
        incident = await _heard_in(moved, work)
        if incident is None:
            return
        if await _is_over(moved, incident, work):
            sure = moved.person in await work.members.of(incident)
        else:
            sure = await work.members.joined(incident, moved.person, at=moved.at)
        if not sure:
            await enqueue_look(incident, work, ports)
        await work.commit()


async def _is_over(moved: Moved, incident: IncidentId, work: Work) -> bool:
    """Return whether somebody new came long before Slack was last asked: they may have left again unheard."""
    looked = await work.posts.get(incident, LOOKED)
    if looked is None or moved.at >= _when(looked) - OVERLAP:
        return False
    return moved.person not in await work.members.stamps(incident)


async def note_left(moved: Moved, ports: Ports) -> None:
    """Note that a person left a war room."""
    async with ports.work() as work:
        incident = await _heard_in(moved, work)
        if incident is None:
            return
        if not await work.members.left(incident, moved.person, at=moved.at):
            await enqueue_look(incident, work, ports)
        await work.commit()


async def note_us_gone(channel: ChannelId, ports: Ports) -> None:
    """Note that we were put out of a room: who leaves now we do not hear, so a private one has no members."""
    async with ports.work() as work:
        incident = await work.incidents.in_room(channel)
        if incident and (await work.incidents.get(incident, seen_by=SYSTEM)).state.private:
            await work.members.forget(incident)
            await work.commit()


async def note_us_back(channel: ChannelId, ports: Ports) -> None:
    """Note that we are in a room again: where nobody is known to be in, that has to be asked."""
    async with ports.work() as work:
        incident = await work.incidents.in_room(channel)
        if incident and not await work.members.of(incident):
            await enqueue_look(incident, work, ports)
            await work.commit()


async def _heard_in(moved: Moved, work: Work) -> IncidentId | None:
    """Return the incident whose room somebody moved in; None where there is none, or it was heard before."""
    incident = await work.incidents.in_room(moved.channel)
    if incident is None or (moved.event and await work.inbox.take(moved.event) is not None):
        return None
    return incident


# -- asked


async def forget_after_gap(ports: Ports) -> None:
    """After a time in which a leaving may have been missed: hold nobody for a member of a private room.

    Until Slack was asked again, which is owed here, everybody is refused there. The rooms that are still
    worked in come first; one whose look has not begun yet is not looked at twice.
    """
    async with ports.work(Urgency.JOB) as work:
        await work.members.forget()
        await work.outbox.enqueue([_look(room, ports.now()) for room in await work.members.rooms()])
        await work.commit()


async def enqueue_look(incident: IncidentId, work: Work, ports: Ports) -> None:
    """Owe a look at who is in a room."""
    looked = await work.posts.get(incident, LOOKED)
    room = KnownRoom(incident=incident, looks=looked.version if looked else 0)
    await work.outbox.enqueue([_look(room, ports.now())])


def _look(room: KnownRoom, at: datetime) -> JobSpec:
    return JobSpec(
        kind=RENEW,
        # Named for the look before it: until this one begins, whoever else wants one wants the same.
        key=f"{RENEW}:{label(room.incident)}:{room.looks}",
        due_at=at,
        incident=room.incident,
        lane=f"members:{label(room.incident)}",
    )


async def renew_members(job: Job, ports: Ports) -> Effects:
    """Ask Slack who is in a room, and hold those for its members; also whether it was made private."""
    channel = await _public_room(incident_of(job), ports)
    if channel and await _was_made_private(channel, ports):
        await note_private(channel, ports)
    asked = await _asked(incident_of(job), ports, Urgency.JOB)
    return Effects(members=asked) if asked else nothing_to_do("There is no room that can be asked about.")


async def look(incident: IncidentId, ports: Ports) -> None:
    """Ask Slack now who is in a room, because somebody waits for it; raises as every call does."""
    asked = await _asked(incident, ports, Urgency.REQUEST)
    async with ports.work() as work:
        if asked:
            await renew(asked, incident, work)
        await work.commit()


async def _asked(incident: IncidentId, ports: Ports, urgency: Urgency) -> MembersAsked | None:
    channel = (await ports.reads.incident(incident, seen_by=SYSTEM)).state.channel
    if channel is None:
        return None
    began = ports.now()
    async with ports.work(urgency) as work:
        known = await work.members.stamps(incident)
        before = await work.posts.get(incident, LOOKED)
        looks = before.version + 1 if before else 1
        await work.posts.put(incident, LOOKED, Posted(channel=channel, ts=_ts(began), version=looks))
        await work.commit()
    try:
        people = await ports.chat.members(channel)
    except PermanentFailure as refusal:
        if refusal.code not in OUTSIDE:
            raise
        # We are not in there any more: then nobody is known to be.
        return None
    return MembersAsked(people=people, known=known, at=began - OVERLAP)


def _ts(at: datetime) -> str:
    return f"{at.timestamp():.6f}"


def _when(looked: Posted) -> datetime:
    return datetime.fromtimestamp(float(looked.ts), UTC)


# -- made private by hand


async def _public_room(incident: IncidentId, ports: Ports) -> ChannelId | None:
    state = (await ports.reads.incident(incident, seen_by=SYSTEM)).state
    return None if state.private else state.channel


async def _was_made_private(channel: ChannelId, ports: Ports) -> bool:
    try:
        return await ports.chat.is_private(channel)
    except PermanentFailure as refusal:
        if refusal.code not in OUTSIDE:
            raise
        return False


async def is_public(channel: ChannelId, ports: Ports) -> bool:
    """Return whether a channel is the war room of an incident that everybody may see."""
    number = await ports.reads.in_room(channel)
    return number is not None and not (await ports.reads.incident(number, seen_by=SYSTEM)).state.private


async def note_private(channel: ChannelId, ports: Ports, *, by: Actor = SYSTEM) -> None:
    """Note that a channel is private; its incident is from now on, and who is in has to be asked anew.

    There is no way back: a room made public again shows no one what was said while it was private.
    """
    async with ports.work() as work:
        number = await work.incidents.in_room(channel)
        if number is None:
            return
        incident = await work.incidents.get(number, seen_by=SYSTEM)
        incident.make_private(by=by, at=ports.now())
        if not incident.new_facts:
            return
        await work.incidents.save(incident)
        await work.members.forget(number)
        await enqueue_look(number, work, ports)
        await work.commit()


# -- in doubt


WHETHER = "whether you are in the war room"
WHO = "who that person is"


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A refusal that may be wrong: ``settle`` asks Slack (raises as every call does), then one tries anew.

    ``question`` says what is asked, as part of a sentence.
    """

    question: str
    settle: Callable[[], Coroutine[object, object, None]]


async def doubted(
    refused: Refused,
    *,
    actor: Actor,
    place: ChannelId | None,
    ports: Ports,
    unless_asked_within: timedelta = timedelta(),
) -> Doubt | None:
    """Return how to make sure before a refusal is final; None where it is.

    ``place`` is the channel in which Slack says the gesture was made. In a private room that is a reason
    to ask; from elsewhere it is not, or the pause alone would tell that there is something private.
    """
    if isinstance(refused, Unrecognised):
        return Doubt(question=WHO, settle=partial(ports.chat.look_up, refused.person))
    if isinstance(refused, Outsider):
        incident = refused.incident
    elif isinstance(refused, NotFound) and place and actor.user:
        here = await ports.reads.in_room(place)
        if here is None or await ports.reads.is_member(here, actor.user):
            return None
        incident = here
    else:
        return None
    looked = await ports.reads.posted(incident, LOOKED)
    if looked and ports.now() - _when(looked) < unless_asked_within:
        return None
    return Doubt(question=WHETHER, settle=partial(look, incident, ports))
