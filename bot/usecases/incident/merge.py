"""What a merge leads to in the incident that goes on: it is told, its room is filled, it remembers."""

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Incident
from bot.domain.shared.vocabulary import SYSTEM, Status, UserId
from bot.usecases.incident.card import card_facts
from bot.usecases.incident.notifications import fact_of
from bot.usecases.incident.room import INVITE, in_room, incident_of
from bot.usecases.messages import MergedIn
from bot.usecases.outbox import After, new_job, room_lane
from bot.usecases.ports import (
    DONE,
    Account,
    Effects,
    Job,
    JobSpec,
    MergedInto,
    Payload,
    PermanentFailure,
    Ports,
    nothing_to_do,
)

RECEIVE_MERGE = "receive_merge"
SAY_MERGED = "say_merged"


def enqueue_receiving(after: After) -> tuple[JobSpec, ...]:
    """Owe the other incident the word that this one was merged into it."""
    fact = after.fact
    is_merge = isinstance(fact, facts.StatusChanged) and fact.after is Status.MERGED
    return (after.job(RECEIVE_MERGE),) if is_merge else ()


async def receive(job: Job, ports: Ports) -> Effects:
    """Record the merge where the work goes on, and bring the people of the merged room there."""
    merged = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    ending, into = merged.state.ending, merged.state.merged_into
    if into is None or ending is None:
        return nothing_to_do("It is not merged any more.")
    target = await ports.reads.incident(into, seen_by=SYSTEM)
    in_room(target)
    people = await _to_bring(merged, target, ports)
    private, room = merged.state.private, merged.state.channel
    came = MergedInto(into=into, merged=merged.id, room=room, private=private, by=ending.by, at=ending.at)
    payload: Payload = {"people": [*people]}
    invited = new_job(target, INVITE, f"merged:{merged.id}", at=job.due_at, payload=payload)
    return Effects(records=(came,), jobs=(invited,) if people else ())


async def _to_bring(merged: Incident, target: Incident, ports: Ports) -> list[UserId]:
    """Return who is invited: whoever is in the merged room, where it is still there to be asked.

    An open room shows who came; of a private incident nobody is brought into one, they join by themselves.
    """
    if merged.state.private and not target.state.private:
        return []
    people = merged.state.people()
    if merged.state.channel:
        try:
            people |= await ports.chat.members(merged.state.channel)
        except PermanentFailure:
            # Archived or closed to us: those who had a part in it are known without asking.
            return sorted(people)
    return sorted(person for person in people if ports.chat.account(person) is not Account.BOT)


def say_merge(after: After) -> tuple[JobSpec, ...]:
    """Owe the line that says what came in, with what is known of it."""
    return (after.job(SAY_MERGED, lane=room_lane(after.incident)),)


async def say(job: Job, ports: Ports) -> Effects:
    """Say in the room that goes on what was merged into it; of a private incident only that one was."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    fact = (await fact_of(job, ports)).fact
    if not isinstance(fact, facts.MergeReceived):
        return nothing_to_do("Nothing was merged.")
    known = None if fact.private else await ports.reads.incident(fact.merged, seen_by=SYSTEM)
    # It may have become private since.
    shown = card_facts(known, ports.policy) if known and not known.state.private else None
    said = MergedIn(incident=incident.id, by=fact.by, merged=shown)
    await ports.chat.post(in_room(incident), said, key=job.key, look=job.look, since=job.due_at)
    return DONE
