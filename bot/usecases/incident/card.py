"""What is shown of an incident, and the two messages that show it: the card and the announcement."""

from dataclasses import replace

from bot.domain.incident.aggregate import Incident, Looked
from bot.domain.incident.report import Report
from bot.domain.shared.vocabulary import SYSTEM, ChannelId, IncidentId, label
from bot.usecases.incident.report import report_due
from bot.usecases.incident.room import CLOSED, incident_of
from bot.usecases.messages import (
    Announcement,
    Card,
    CardFacts,
    EndingFacts,
    HandoverFacts,
    MergedLine,
    NeedLine,
    PostmortemFacts,
    ReportFacts,
    RoleLine,
    Said,
)
from bot.usecases.outbox import After, new_job
from bot.usecases.policy import Policy
from bot.usecases.ports import DONE, Effects, Job, JobSpec, PermanentFailure, Ports, Posted, nothing_to_do

SHOW_CARD = "show_card"
ANNOUNCE = "announce"
PIN_CARD = "pin_card"
BOOKMARK_CARD = "bookmark_card"

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""Slack's words for a message of ours that cannot be edited any more."""


def card_facts(incident: Incident, policy: Policy) -> CardFacts:
    """Return all that is shown of an incident, words included."""
    state = incident.state
    return CardFacts(
        incident=incident.id,
        version=incident.length,
        title=incident.title,
        summary=incident.text(state.summary),
        affected=incident.text(state.affected),
        severity=policy.scale.get(state.severity),
        status=state.status,
        private=state.private,
        drill=state.drill,
        declared_by=state.declared_by,
        from_message=None,
        channel=state.channel,
        channel_name=state.channel_name,
        merged_into=state.merged_into,
        milestones={name: moment.occurred for name, moment in state.milestones.items()},
        roles=tuple(
            RoleLine(role=held.role, person=held.person, workstream=incident.text(held.workstream))
            for held in state.roles
        ),
        handover=_handover(incident),
        report=report_facts(incident, state.last_report, policy) if state.last_report else None,
        report_due=report_due(state, policy) if state.is_open else None,
        needs=open_needs(incident),
        postmortem=_postmortem(incident),
        merged_room=state.merged_room,
        # Of a private one, those who are not in its room are not even told its number.
        merged_in=tuple(
            MergedLine(incident=fact.merged, room=fact.room) for fact in state.merged_in if not fact.private
        ),
        ending=_ending(incident),
        looked=Looked(title=state.title, summary=state.summary, affected=state.affected),
    )


def _ending(incident: Incident) -> EndingFacts | None:
    ended = incident.state.ending
    if ended is None:
        return None
    return EndingFacts(status=ended.status, by=ended.by, at=ended.at, reason=incident.text(ended.reason))


def open_needs(incident: Incident) -> tuple[NeedLine, ...]:
    """Return the Needs that are not met yet, the oldest first."""
    return tuple(
        NeedLine(id=need.text, text=incident.text(need.text) or "(erased)", since=need.since)
        for need in incident.state.needs
    )


def report_facts(incident: Incident, report: Report, policy: Policy) -> ReportFacts:
    """Return a CAN report with its words."""
    return ReportFacts(
        by=report.by,
        at=report.at,
        status=report.status,
        severity=policy.scale.get(report.severity),
        condition=report.condition,
        conditions=incident.text(report.conditions) or "(erased)",
        actions=incident.text(report.actions) or "(erased)",
        blast_radius=incident.text(report.blast_radius),
        needs=tuple(incident.text(need) or "(erased)" for need in report.needs),
        met=tuple(incident.text(need) or "(erased)" for need in report.met),
        still=open_needs(incident),
    )


def _handover(incident: Incident) -> HandoverFacts | None:
    asked = incident.state.handover
    if asked is None:
        return None
    return HandoverFacts(
        holder=asked.holder,
        to=asked.to,
        asked_by=asked.asked_by,
        asked_at=asked.asked_at,
        agreed=asked.agreed,
    )


def _postmortem(incident: Incident) -> PostmortemFacts | None:
    owes = incident.state.postmortem
    if owes is None:
        return None
    return PostmortemFacts(
        due_at=owes.due_at, owner=owes.owner, link=incident.text(owes.link), done=not owes.is_open
    )


def card_lane(incident: Incident) -> str:
    """Return the lane of an incident's card."""
    return f"card:{label(incident.id)}"


def refresh_card(after: After) -> tuple[JobSpec, ...]:
    """Owe the card, which shows the newest state; before there is a room there is nothing to show."""
    if after.incident.state.channel is None:
        return ()
    return (after.state_job(SHOW_CARD, lane=card_lane(after.incident)),)


def refresh_announcement(after: After) -> tuple[JobSpec, ...]:
    """Owe the announcement; private incidents and drills are announced nowhere."""
    state = after.incident.state
    if state.channel is None or state.private or state.drill:
        return ()
    return (after.state_job(ANNOUNCE, lane=f"announcement:{label(after.incident.id)}"),)


async def show_card(job: Job, ports: Ports) -> Effects:
    """Post the card, or edit it to show the newest state; a first one is also pinned and bookmarked."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    if incident.state.channel is None:
        return nothing_to_do("There is no war room yet; its card comes with it.")
    stands = await ports.reads.posted(incident.id, "card")
    if _is_shown(stands, job):
        return nothing_to_do("A newer card is shown already.")
    said = Card(facts=await _with_source(card_facts(incident, ports.policy), incident, ports))
    posted = stands and await edited(ports, stands, said)
    if posted:
        return _remember(incident, "card", posted)
    key = f"card:{label(incident.id)}"
    posted = await _posted(ports, job, incident.state.channel, said, key=key)
    return _remember(incident, "card", posted, then=_pinning(incident, job, posted))


async def _with_source(shown: CardFacts, incident: Incident, ports: Ports) -> CardFacts:
    """Return the card's facts with the address of the message that the incident was declared from."""
    state = incident.state
    if state.from_channel is None or state.from_message is None:
        return shown
    source = Posted(channel=state.from_channel, ts=state.from_message)
    return replace(shown, from_message=await ports.chat.link_to(source))


async def announce(job: Job, ports: Ports) -> Effects:
    """Post the announcement, or edit it; a missing incidents channel blocks nothing."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    stands = await ports.reads.posted(incident.id, "announcement")
    if incident.state.private or incident.state.drill or _is_shown(stands, job):
        return nothing_to_do("It is announced nowhere, or something newer is shown already.")
    said = Announcement(facts=card_facts(incident, ports.policy))
    try:
        posted = stands and await edited(ports, stands, said)
        if posted:
            return _remember(incident, "announcement", posted)
        posted = await _announced(ports, job, said, stands.channel if stands else None)
    except PermanentFailure as refusal:
        if refusal.code not in CLOSED:
            raise
        # The channel was archived, made anew, or we were taken out: what is announced goes where it is now.
        posted = await _announced(ports, job, said, await ports.chat.incidents_channel(anew=True))
    if posted is None:
        return nothing_to_do("There is no channel to announce it in.")
    return _remember(incident, "announcement", posted, first="announced")


async def _announced(ports: Ports, job: Job, said: Announcement, channel: ChannelId | None) -> Posted | None:
    """Return where it is announced; None where there is no such channel, which blocks nothing."""
    channel = channel or await ports.chat.incidents_channel()
    if channel is None:
        return None
    return await _posted(ports, job, channel, said, key=f"announcement:{label(said.facts.incident)}")


async def announced_at_first(incident: IncidentId, ports: Ports) -> int:
    """Return the version that the announcement showed when it was posted; it may have been edited since."""
    first = await ports.reads.posted(incident, "announced")
    return first.version if first else 0


async def _posted(ports: Ports, job: Job, channel: ChannelId, said: Said, *, key: str) -> Posted:
    """Return where the message stands that shows the newest state, posted now or by an earlier attempt."""
    posted = await ports.chat.post(channel, said, key=key, look=job.look)
    if job.look:
        # What an earlier attempt posted shows the incident as it was then.
        await ports.chat.edit(posted, said)
    return posted


def _is_shown(stands: Posted | None, job: Job) -> bool:
    """Return whether a message already shows what this job was owed for, or something newer."""
    return stands is not None and stands.version >= int(str(job.payload["version"]))


def _remember(
    incident: Incident, what: str, posted: Posted, then: tuple[JobSpec, ...] = (), first: str | None = None
) -> Effects:
    """Return what remembers where a message stands and what it shows, under ``first`` as it began."""
    shown = replace(posted, version=incident.length)
    return Effects(posts={what: shown, **({first: shown} if first else {})}, jobs=then)


def _pinning(incident: Incident, job: Job, posted: Posted) -> tuple[JobSpec, ...]:
    return tuple(
        new_job(incident, kind, posted.ts, at=job.due_at, payload={"ts": posted.ts})
        for kind in (PIN_CARD, BOOKMARK_CARD)
    )


async def edited(ports: Ports, stands: Posted, said: Said) -> Posted | None:
    """Return where the edited message stands, or None where somebody deleted it."""
    try:
        await ports.chat.edit(stands, said)
    except PermanentFailure as refusal:
        if refusal.code in GONE:
            return None
        raise
    return stands


async def pin_card(job: Job, ports: Ports) -> Effects:
    """Pin the card, so that it is found at the top of the room."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    if incident.state.channel:
        await ports.chat.pin(Posted(channel=incident.state.channel, ts=str(job.payload["ts"])))
    return DONE


async def bookmark_card(job: Job, ports: Ports) -> Effects:
    """Put the card on the room's bookmarks bar."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    if incident.state.channel:
        stands = Posted(channel=incident.state.channel, ts=str(job.payload["ts"]))
        link = await ports.chat.link_to(stands)
        await ports.chat.bookmark(
            stands.channel, title=f"{label(incident.id)} card", link=link, look=job.look
        )
    return DONE
