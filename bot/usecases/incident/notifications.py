"""What the bot says in the room and to people: lines, CAN updates, duties, failures."""

from bot.domain.incident import facts
from bot.domain.shared.vocabulary import SYSTEM, Role, label
from bot.usecases.incident.card import report_facts
from bot.usecases.incident.room import in_room, incident_of, why_not
from bot.usecases.messages import Duties, Failed, Happened, InsteadOfRoom, Plain, PostmortemGiven, ReportShown
from bot.usecases.outbox import After, room_lane
from bot.usecases.ports import (
    DONE,
    Effects,
    Job,
    JobSpec,
    PermanentFailure,
    Ports,
    Recorded,
    Unavailable,
    nothing_to_do,
)

SAY_HAPPENED = "say_happened"
SHOW_REPORT = "show_report"
TELL_DUTIES = "tell_duties"
SAY_FAILED = "say_failed"
ANSWER_SOURCE = "answer_source"
TELL_WRITER = "tell_writer"

OUTSIDE = frozenset(
    {
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "restricted_action",
        "method_not_supported_for_channel_type",
        "thread_not_found",
        "message_not_found",
    }
)
"""Slack's words for a place that the bot cannot write in."""


def say_it(after: After) -> tuple[JobSpec, ...]:
    """Owe a line in the room that says what happened."""
    return (after.job(SAY_HAPPENED, lane=room_lane(after.incident)),)


def say_assignment(after: After) -> tuple[JobSpec, ...]:
    """Owe a line when somebody got a role; a take-over has said so, and of a hand-over its question does."""
    if any(isinstance(fact, facts.CommandTakenOver | facts.HandoverAgreed) for fact in after.together):
        return ()
    return say_it(after)


def say_release(after: After) -> tuple[JobSpec, ...]:
    """Owe a line when a role was given back; whoever has it instead now says so themselves.

    SMEs stand side by side: of them each that goes is told, unless they move to another workstream.
    """
    fact = after.fact
    if not isinstance(fact, facts.RoleReleased):
        return ()
    standing = {held.person for held in after.incident.state.roles if held.role is fact.role}
    passed_on = fact.person in standing if fact.role is Role.SME else bool(standing)
    return () if passed_on else say_it(after)


def say_waiver(after: After) -> tuple[JobSpec, ...]:
    """Owe a line when the postmortem was waived; that the work goes on is said by the move itself."""
    fact = after.fact
    waived = isinstance(fact, facts.PostmortemWithdrawn) and fact.reason is not None
    return say_it(after) if waived else ()


async def say_happened(job: Job, ports: Ports) -> Effects:
    """Say a fact in the room."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    recorded = await _recorded(job, ports)
    said = Happened(incident=incident.id, fact=recorded.fact, words={**incident.texts, **recorded.texts})
    await ports.chat.post(in_room(incident), said, key=job.key, look=job.look, since=job.due_at)
    return DONE


async def _recorded(job: Job, ports: Ports) -> Recorded:
    """Return the fact a job was owed for; raises ``Unavailable`` for one of newer code, which does it."""
    number, place = incident_of(job), int(str(job.payload["seq"]))
    recorded = await ports.reads.fact(number, place, seen_by=SYSTEM)
    if recorded is None:
        what = f"fact {place + 1} of {label(number)} was recorded by a newer Warroom"
        raise Unavailable(what, unknown=False)
    return recorded


def enqueue_report(after: After) -> tuple[JobSpec, ...]:
    """Owe the CAN update's message."""
    return (after.job(SHOW_REPORT, lane=room_lane(after.incident)),)


async def show_report(job: Job, ports: Ports) -> Effects:
    """Post a CAN update in the room."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    fact = (await _recorded(job, ports)).fact
    report = next((one for one in incident.state.reports if _is_of(one.conditions, fact)), None)
    if report is None:
        return nothing_to_do("There is no such report.")
    said = ReportShown(incident=incident.id, report=report_facts(incident, report, ports.policy))
    await ports.chat.post(in_room(incident), said, key=job.key, look=job.look, since=job.due_at)
    return DONE


def _is_of(conditions: str, fact: facts.Fact) -> bool:
    return isinstance(fact, facts.ReportPosted) and fact.conditions == conditions


def enqueue_duties(after: After) -> tuple[JobSpec, ...]:
    """Owe the direct message that tells a person what their role asks of them."""
    fact = after.fact
    if not isinstance(fact, facts.RoleAssigned):
        return ()
    return (after.job(TELL_DUTIES, lane=f"dm:{fact.person}"),)


async def tell_duties(job: Job, ports: Ports) -> Effects:
    """Tell a person the duties of their role, unless they gave it back meanwhile."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    fact = (await _recorded(job, ports)).fact
    held = {(held.role, held.person) for held in incident.state.roles}
    if not isinstance(fact, facts.RoleAssigned) or (fact.role, fact.person) not in held:
        return nothing_to_do("The role was given back.")
    said = Duties(
        incident=incident.id,
        title=incident.title,
        channel=incident.state.channel,
        role=fact.role,
        workstream=incident.text(fact.workstream) if fact.role is Role.SME else None,
        by=fact.by,
    )
    await ports.chat.tell(fact.person, said, key=job.key, look=job.look, since=job.due_at)
    return DONE


def answer_source(after: After) -> tuple[JobSpec, ...]:
    """Owe an answer in the thread of the message that the incident was declared from."""
    state = after.incident.state
    # A private incident is not named where everybody reads, and a drill is announced nowhere.
    if state.private or state.drill or not (state.from_channel and state.from_message):
        return ()
    return (after.job(ANSWER_SOURCE, lane=f"source:{state.from_channel}"),)


async def answer(job: Job, ports: Ports) -> Effects:
    """Answer under the message; where we cannot write, the declarer knows from the war room anyway."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    state = incident.state
    if not (state.from_channel and state.from_message) or state.private:
        return nothing_to_do("It was declared from no message, or is private by now.")
    said = Plain(text=f"This is now {label(incident.id)}: <#{state.channel}>")
    try:
        await ports.chat.join(state.from_channel)
        await ports.chat.post(
            state.from_channel,
            said,
            key=job.key,
            look=job.look,
            since=job.due_at,
            thread=state.from_message,
        )
    except PermanentFailure as refusal:
        if refusal.code not in OUTSIDE:
            raise
        return nothing_to_do(f"We cannot write there: {refusal.code}.")
    return DONE


def failure_notice(job: Job, why: str) -> tuple[JobSpec, ...]:
    """Owe the visible line of a job that was given up, with its Retry; its own failure stays in the list."""
    if job.incident is None or job.kind == SAY_FAILED:
        return ()
    return (
        JobSpec(
            kind=SAY_FAILED,
            key=f"{SAY_FAILED}:{job.id}:{job.attempt}",
            due_at=job.due_at,
            incident=job.incident,
            payload={"job": job.id, "kind": job.kind, "why": why},
        ),
    )


async def say_failed(job: Job, ports: Ports) -> Effects:
    """Say in the room what could not be done and why; where that cannot be written in, to who leads."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    said = Failed(
        incident=incident.id,
        job=int(str(job.payload["job"])),
        what=str(job.payload["kind"]),
        why=str(job.payload["why"]),
    )
    try:
        await ports.chat.post(in_room(incident), said, key=job.key, look=job.look, since=job.due_at)
    except PermanentFailure as refusal:
        instead = InsteadOfRoom(incident=incident.id, said=said, why=why_not(refusal))
        person = incident.state.commander or incident.state.declared_by.user
        if person is None:
            return nothing_to_do("There is nobody to tell.")
        await ports.chat.tell(person, instead, key=job.key, look=job.look, since=job.due_at)
    return DONE


def tell_writer(after: After) -> tuple[JobSpec, ...]:
    """Owe the direct message to somebody who was asked to write the postmortem; who took it on knows."""
    fact = after.fact
    if not isinstance(fact, facts.PostmortemOwned) or fact.person == fact.by.user:
        return ()
    return (after.job(TELL_WRITER, lane=f"dm:{fact.person}"),)


async def told_writer(job: Job, ports: Ports) -> Effects:
    """Tell a person that the postmortem is theirs to write, unless that changed meanwhile."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    fact, owed = (await _recorded(job, ports)).fact, incident.state.postmortem
    if not isinstance(fact, facts.PostmortemOwned) or owed is None or owed.owner != fact.person:
        return nothing_to_do("Somebody else writes it, or nobody has to.")
    said = PostmortemGiven(
        incident=incident.id,
        title=incident.title,
        channel=incident.state.channel,
        due_at=owed.due_at,
        by=fact.by,
    )
    await ports.chat.tell(fact.person, said, key=job.key, look=job.look, since=job.due_at)
    return DONE
