"""What the bot asks for when nobody does it: a commander, a CAN update, the postmortem.

A nudge that was planned is not cancelled when the world changes; it looks at the world when it is due.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Incident
from bot.domain.incident.postmortem import reminder_times
from bot.domain.incident.state import State
from bot.domain.incident.status import is_reopening
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import SYSTEM, Milestone, Role, Status
from bot.domain.shared.working_hours import WorkingHours, fitting
from bot.usecases.incident.acting import Act, change
from bot.usecases.incident.report import report_due
from bot.usecases.incident.room import incident_of, opened
from bot.usecases.messages import (
    CommanderMissing,
    PostmortemMoment,
    PostmortemNudge,
    PostmortemOffered,
    ReportOverdue,
    Said,
)
from bot.usecases.outbox import After, new_job, room_lane, slot
from bot.usecases.policy import Policy
from bot.usecases.ports import DONE, Effects, Job, JobSpec, Payload, Ports, nothing_to_do

COMMANDER = "nudge_commander"
REPORT = "nudge_report"
POSTMORTEM = "nudge_postmortem"
OFFER = "offer_postmortem"

NAMES = {COMMANDER: "commander", REPORT: "report", POSTMORTEM: "postmortem"}
"""What people call each nudge when they snooze it."""

ROOM_WAIT = timedelta(seconds=30)
"""How long a nudge waits for a room that is still being opened (Slack may be away)."""


SNOOZE_MOST = timedelta(days=7)
"""The longest that one person keeps a reminder quiet for everybody."""


# -- planning


def plan(incident: Incident, kind: str, at: datetime, *, of: str, payload: Payload | None = None) -> JobSpec:
    """Return a nudge due at a time; planning the same one twice plans it once.

    ``of`` names the series: the vacancy, the missing report or the obligation that it asks about. A nudge
    whose series has ended says nothing, so that two series never ask side by side.
    """
    suffix = f"{of}:{slot(at)}"
    return new_job(
        incident, kind, suffix, at=at, lane=room_lane(incident), payload={**(payload or {}), "of": of}
    )


def plan_commander(after: After) -> tuple[JobSpec, ...]:
    """Owe a look at whether somebody has taken command."""
    fact, state = after.fact, after.incident.state
    if isinstance(fact, facts.RoleReleased) and fact.role is not Role.COMMANDER:
        return ()
    if isinstance(fact, facts.StatusChanged) and not is_reopening(fact.before, fact.after):
        return ()
    if state.vacant_since is None or not state.is_open:
        return ()
    at = fitting(fact.recorded_at + after.policy.nudges.commander_after, _hours(state, after.policy))
    return (plan(after.incident, COMMANDER, at, of=slot(state.vacant_since)),)


def plan_report(after: After) -> tuple[JobSpec, ...]:
    """Owe a look at whether a CAN update went out, by the severity's cadence."""
    fact, state = after.fact, after.incident.state
    if isinstance(fact, facts.StatusChanged) and not is_reopening(fact.before, fact.after):
        return ()
    due = report_due(state, after.policy)
    if due is None or not state.is_open:
        return ()
    return (plan(after.incident, REPORT, max(due, fact.recorded_at), of=slot(due)),)


def plan_postmortem(after: After) -> tuple[JobSpec, ...]:
    """Owe the question for an owner now; it plans the reminder after it, which plans the next."""
    if not isinstance(after.fact, facts.PostmortemOwed):
        return ()
    payload = {"moment": PostmortemMoment.ASKED.value}
    of = slot(after.fact.due_at)
    return (plan(after.incident, POSTMORTEM, after.fact.recorded_at, of=of, payload=payload),)


def offer_postmortem(after: After) -> tuple[JobSpec, ...]:
    """Owe the one-click offer after an incident whose severity does not ask for a postmortem."""
    fact = after.fact
    is_end = isinstance(fact, facts.StatusChanged) and fact.after is Status.RESOLVED
    if not is_end or after.incident.state.postmortem:
        return ()
    return (after.job(OFFER, lane=room_lane(after.incident)),)


def _hours(state: State, policy: Policy) -> WorkingHours | None:
    return policy.hours_for(policy.scale.get(state.severity), is_open=state.is_open)


# -- paying


async def nudge_commander(job: Job, ports: Ports) -> Effects:
    """Ask for a commander while there is none, and again after a while; each vacancy asks for itself."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    state = incident.state
    if not state.is_open or state.vacant_since is None:
        return nothing_to_do("It is asked for no longer.")
    if slot(state.vacant_since) != job.payload.get("of"):
        return nothing_to_do("It is asked for no longer.")
    said = CommanderMissing(incident=incident.id, since=state.vacant_since, snooze=ports.policy.nudges.snooze)
    again = ports.now() + ports.policy.nudges.commander_again
    again = fitting(again, _hours(state, ports.policy))
    return await _nudge(job, ports, incident, said, again=again)


async def nudge_report(job: Job, ports: Ports) -> Effects:
    """Ask for the CAN update that is due, and again after another cadence.

    A newer report and another severity have nudges of their own.
    """
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    state, cadence = incident.state, ports.policy.scale.get(incident.state.severity).cadence
    due = report_due(state, ports.policy)
    if not state.is_open or due is None or cadence is None or slot(due) != job.payload.get("of"):
        return nothing_to_do("It is asked for no longer.")
    said = ReportOverdue(
        incident=incident.id,
        last_at=state.last_report.at if state.last_report else None,
        due_at=due,
        ask=state.holder(Role.LIAISON) or state.commander,
        snooze=ports.policy.nudges.snooze,
    )
    again = fitting(ports.now() + cadence, _hours(state, ports.policy))
    return await _nudge(job, ports, incident, said, again=again)


async def nudge_postmortem(job: Job, ports: Ports) -> Effects:
    """Ask for the postmortem, and plan the next reminder, until it is done or the work went on."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    owes, nudges = incident.state.postmortem, ports.policy.nudges
    if owes is None or not owes.is_open or slot(owes.due_at) != job.payload.get("of"):
        return nothing_to_do("It is asked for no longer.")
    now = max(ports.now(), job.due_at)
    said = PostmortemNudge(
        incident=incident.id,
        title=incident.title,
        moment=_moment(str(job.payload["moment"]), now - owes.due_at, nudges.postmortem_again),
        due_at=owes.due_at,
        owner=owes.owner,
        snooze=nudges.snooze_postmortem,
    )
    following = reminder_times(
        owes, before=nudges.postmortem_before, again=nudges.postmortem_again, after=now
    )[0]
    again = fitting(following, _hours(incident.state, ports.policy))
    payload = {"moment": PostmortemMoment.BEFORE.value}
    return await _nudge(job, ports, incident, said, again=again, payload=payload)


def _moment(planned: str, late: timedelta, again: timedelta) -> PostmortemMoment:
    """Return why the bot speaks now; a reminder that comes late says what is true when it is said."""
    if planned == PostmortemMoment.ASKED:
        return PostmortemMoment.ASKED
    if late < timedelta():
        return PostmortemMoment.BEFORE
    return PostmortemMoment.DUE if late < again / 2 else PostmortemMoment.LATE


async def _nudge(
    job: Job,
    ports: Ports,
    incident: Incident,
    said: Said,
    *,
    again: datetime,
    payload: Payload | None = None,
) -> Effects:
    """Say it and plan the next; while it is snoozed, or there is no room yet, only move it."""
    later = _not_before(job, ports, incident)
    if later is None and incident.state.channel:
        await ports.chat.post(incident.state.channel, said, key=job.key, look=job.look)
    of = str(job.payload["of"])
    following = plan(incident, job.kind, later or again, of=of, payload=job.payload if later else payload)
    return Effects(jobs=(following,))


def _not_before(job: Job, ports: Ports, incident: Incident) -> datetime | None:
    """Return until when a nudge has to wait, or None when it goes out now."""
    if incident.state.channel is None:
        return ports.now() + ROOM_WAIT
    snooze = incident.state.snoozes.get(NAMES[job.kind])
    if snooze is None or snooze.until <= ports.now():
        return None
    # A day's quiet asked for on a Friday does not end on a Saturday.
    return fitting(snooze.until, _hours(incident.state, ports.policy))


async def offer(job: Job, ports: Ports) -> Effects:
    """Offer the postmortem of a minor incident, unless one is owed or the work went on."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    state = incident.state
    if state.at(Milestone.RESOLVED) and state.postmortem is None:
        said = PostmortemOffered(incident=incident.id, title=incident.title)
        await ports.chat.post(opened(incident), said, key=job.key, look=job.look)
    return DONE


# -- snoozing


@dataclass(frozen=True, kw_only=True)
class Snooze(Act):
    """Keep the bot quiet about one thing; without a length, as long as the settings say."""

    nudge: str
    length: timedelta | None = None


async def snooze(command: Snooze, ports: Ports) -> Incident:
    """Return the incident with one nudge snoozed; who asked and until when is shown in the room."""
    nudges = ports.policy.nudges
    usual = nudges.snooze_postmortem if command.nudge == NAMES[POSTMORTEM] else nudges.snooze
    if command.length and command.length > SNOOZE_MOST:
        msg = f"A reminder can be kept quiet for {SNOOZE_MOST.days} days at most. Choose a shorter time."
        raise Refused(msg, field="until")
    until = ports.now() + (command.length or usual)
    return await change(
        command,
        ports,
        lambda incident: incident.snooze(command.nudge, until, by=command.actor, at=ports.now()),
    )
