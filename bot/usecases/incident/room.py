"""The war room: opened once, filled with the right people, told by its topic."""

import re
import unicodedata
from collections.abc import Mapping

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Incident
from bot.domain.shared.vocabulary import SYSTEM, ChannelId, IncidentId, Milestone, UserId, label
from bot.usecases.messages import NoRoom
from bot.usecases.outbox import After, room_lane
from bot.usecases.ports import (
    Effects,
    Job,
    JobSpec,
    PermanentFailure,
    Ports,
    Posted,
    RoomOpened,
    RoomWanted,
    nothing_to_do,
)

OPEN_ROOM = "open_war_room"
INVITE = "invite"
SET_TOPIC = "set_topic"

NOT_OPENED = "no_war_room"
CLOSED: Mapping[str, NoRoom] = {
    NOT_OPENED: NoRoom.NOT_OPENED,
    "is_archived": NoRoom.ARCHIVED,
    "is_inactive": NoRoom.ARCHIVED,
    "not_in_channel": NoRoom.REMOVED,
    "channel_not_found": NoRoom.GONE,
}
"""Slack's words for a room that we cannot write in, and ours for one that was never opened."""
NAME_MAX = 80
"""The longest channel name that Slack takes."""


def channel_name(incident: Incident, *, prefix: str) -> str:
    """Return ``inc-<n>-<slug>``, at most 80 of a-z 0-9 -; a drill's slug begins with ``drill-``."""
    plain = unicodedata.normalize("NFKD", incident.title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if incident.state.drill:
        slug = f"drill-{slug}"
    return f"{prefix}{incident.id}-{slug}"[:NAME_MAX].rstrip("-")


def enqueue_room(after: After) -> tuple[JobSpec, ...]:
    """Owe the channel of a declared incident."""
    # The head of the room's lane: what is said in it waits behind this, without asking again and again.
    return (after.job(OPEN_ROOM, lane=room_lane(after.incident)),)


async def open_war_room(job: Job, ports: Ports) -> Effects:
    """Open the channel, or find the one an earlier attempt made; the fact of it owes all the rest."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    if incident.state.channel:
        return nothing_to_do("It has its war room.")
    taken = await _taken(ports) if job.look else frozenset[ChannelId]()
    room = await ports.chat.open_room(
        RoomWanted(
            incident=incident.id,
            name=channel_name(incident, prefix=ports.policy.channel_prefix),
            private=incident.state.private,
            declared_at=incident.state.milestones[Milestone.DECLARED].recorded,
            taken=taken,
        ),
        look=job.look,
    )
    return Effects(records=(RoomOpened(channel=room.channel, name=room.name),))


async def _taken(ports: Ports) -> frozenset[ChannelId]:
    lines = await ports.reads.incidents(seen_by=SYSTEM, limit=1000)
    return frozenset(line.channel for line in lines if line.channel)


def invite_everybody(after: After) -> tuple[JobSpec, ...]:
    """Owe a new room its people."""
    people = sorted(after.incident.state.people())
    return (after.job(INVITE, payload={"people": [*people]}),) if people else ()


def invite_assigned(after: After) -> tuple[JobSpec, ...]:
    """Owe the invitation of somebody who got a role."""
    fact = after.fact
    if not isinstance(fact, facts.RoleAssigned) or after.incident.state.channel is None:
        return ()
    return (after.job(INVITE, payload={"people": [fact.person]}),)


def invite_asked(after: After) -> tuple[JobSpec, ...]:
    """Owe the invitation of somebody who is asked to take the command: outside they could not answer."""
    fact = after.fact
    if not isinstance(fact, facts.HandoverAsked) or after.incident.state.channel is None:
        return ()
    return (after.job(INVITE, payload={"people": [fact.to]}),)


async def invite(job: Job, ports: Ports) -> Effects:
    """Bring people in; who is in already stays. They may act at once, before Slack tells of their joining."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    listed = job.payload.get("people")
    if incident.state.channel is None or not isinstance(listed, list):
        return nothing_to_do("There is nobody to bring in, or nowhere to bring them.")
    people = [UserId(person) for person in listed]
    await ports.chat.invite(incident.state.channel, people)
    return Effects(invited=frozenset(people))


def topic_lane(incident: Incident) -> str:
    """Return the lane of a room's topic."""
    return f"topic:{incident.id}"


def enqueue_topic(after: After) -> tuple[JobSpec, ...]:
    """Owe the topic, which says how bad it is and where it stands."""
    return (after.state_job(SET_TOPIC, lane=topic_lane(after.incident)),)


async def set_topic(job: Job, ports: Ports) -> Effects:
    """Set the newest topic; it is a state, so what a newer job has set already is not set again."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    channel = incident.state.channel
    stands = await ports.reads.posted(incident.id, "topic")
    if channel is None or (stands and stands.version >= int(str(job.payload["version"]))):
        return nothing_to_do("A newer topic stands already.")
    await ports.chat.set_topic(channel, topic(incident))
    return Effects(posts={"topic": Posted(channel=channel, ts="", version=incident.length)})


def topic(incident: Incident) -> str:
    """Return the room's topic: severity, status, title, and how to act."""
    state = incident.state
    marks = "DRILL · " if state.drill else ""
    return f"{marks}{state.severity} · {state.status} · {incident.title} · /incident for what you can do"


def in_room(incident: Incident) -> ChannelId:
    """Return the room; raises ``PermanentFailure`` where there is none.

    What is said in a room stands behind its opening in their lane, so it only finds none where that was
    given up; then it goes another way, or waits aside (`bot.usecases.incident.room_handlers.said_in_room`).
    """
    if incident.state.channel is None:
        what = f"the war room of {label(incident.id)}"
        raise PermanentFailure(what, code=NOT_OPENED)
    return incident.state.channel


def why_not(refusal: PermanentFailure) -> NoRoom:
    """Return why a room cannot be written in; any other refusal is raised again."""
    if refusal.code not in CLOSED:
        raise refusal
    return CLOSED[refusal.code]


def incident_of(job: Job) -> IncidentId:
    """Return the incident a job is about; raises ``ValueError`` for one that is about none."""
    if job.incident is None:
        msg = f"A job of kind {job.kind} without an incident."
        raise ValueError(msg)
    return job.incident
