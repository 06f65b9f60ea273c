"""What an incident's facts add up to: a pure fold, the one place that reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import singledispatch
from types import MappingProxyType

from bot.domain.incident import facts
from bot.domain.incident.handover import Handover
from bot.domain.incident.milestones import Milestones, Moment
from bot.domain.incident.postmortem import Postmortem
from bot.domain.incident.report import Need, Report
from bot.domain.incident.roles import Holding
from bot.domain.incident.status import MITIGATING, OPEN, is_reopening
from bot.domain.shared.severity import SeverityKey
from bot.domain.shared.vocabulary import (
    SYSTEM,
    Actor,
    ChannelId,
    IncidentId,
    Milestone,
    Role,
    Status,
    TextId,
    UserId,
)

NO_TEXT = TextId("")
UNRATED = SeverityKey("")


@dataclass(frozen=True, kw_only=True)
class Snooze:
    """Until when the bot keeps quiet about one thing, and who asked for it."""

    until: datetime
    by: Actor


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How it ended: as what, by whom, when, and in whose words."""

    status: Status
    by: Actor
    at: datetime
    reason: TextId | None


@dataclass(frozen=True, kw_only=True)
class State:
    """One incident as it stands. Before the first fact it is empty.

    ``working_since`` is when it was declared or last reopened, ``vacant_since`` since when people work
    on it without a commander. ``ending`` stays when a resolved incident is closed.
    """

    title: TextId = NO_TEXT
    summary: TextId | None = None
    affected: TextId | None = None
    severity: SeverityKey = UNRATED
    status: Status = Status.INVESTIGATING
    private: bool = False
    drill: bool = False
    declared_by: Actor = SYSTEM
    from_channel: ChannelId | None = None
    from_message: str | None = None
    channel: ChannelId | None = None
    channel_name: str | None = None
    merged_into: IncidentId | None = None
    resolved_by: Actor | None = None
    merged_room: ChannelId | None = None
    merged_in: tuple[facts.MergeReceived, ...] = ()
    ending: Ending | None = None
    roles: tuple[Holding, ...] = ()
    handover: Handover | None = None
    working_since: datetime | None = None
    vacant_since: datetime | None = None
    milestones: Milestones = field(default_factory=lambda: MappingProxyType({}))
    reports: tuple[Report, ...] = ()
    needs: tuple[Need, ...] = ()
    moments: frozenset[tuple[ChannelId, str, Actor]] = frozenset()
    postmortem: Postmortem | None = None
    postmortem_waived: bool = False
    snoozes: Mapping[str, Snooze] = field(default_factory=lambda: MappingProxyType({}))
    readings: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_open(self) -> bool:
        """Return whether people still work on it."""
        return self.status in OPEN

    @property
    def commander(self) -> UserId | None:
        """Return who decides, if anybody does yet."""
        return self.holder(Role.COMMANDER)

    @property
    def last_report(self) -> Report | None:
        """Return the newest CAN report."""
        return self.reports[-1] if self.reports else None

    def holder(self, role: Role) -> UserId | None:
        """Return who has a role; of SMEs the first."""
        return next((held.person for held in self.roles if held.role is role), None)

    def people(self) -> frozenset[UserId]:
        """Return everybody with a role, and the declarer."""
        declarer = {self.declared_by.user} if self.declared_by.user else set()
        return frozenset({held.person for held in self.roles} | declarer)

    def at(self, milestone: Milestone) -> datetime | None:
        """Return when a milestone occurred, if it has."""
        moment = self.milestones.get(milestone)
        return moment.occurred if moment else None


@singledispatch
def fold(fact: facts.Fact, state: State) -> State:
    """Return the state after a fact. Facts that change nothing leave it as it is."""
    del fact
    return state


def _reached(state: State, milestone: Milestone, fact: facts.Fact) -> Milestones:
    """Return the milestones with one more, unless it was reached before."""
    if milestone in state.milestones:
        return state.milestones
    moment = Moment(occurred=fact.occurred_at, recorded=fact.recorded_at)
    return MappingProxyType({**state.milestones, milestone: moment})


@fold.register
def _(fact: facts.IncidentDeclared, state: State) -> State:
    declared = Moment(occurred=fact.occurred_at, recorded=fact.recorded_at)
    started = Moment(occurred=fact.started_at, recorded=fact.recorded_at)
    return replace(
        state,
        title=fact.title,
        summary=fact.summary,
        affected=fact.affected,
        severity=fact.severity,
        private=fact.private,
        drill=fact.drill,
        declared_by=fact.by,
        from_channel=fact.from_channel,
        from_message=fact.from_message,
        working_since=fact.occurred_at,
        vacant_since=fact.occurred_at,
        milestones=MappingProxyType(
            {Milestone.STARTED: started, Milestone.DETECTED: declared, Milestone.DECLARED: declared}
        ),
    )


@fold.register
def _(fact: facts.WarRoomOpened, state: State) -> State:
    return replace(state, channel=fact.channel, channel_name=fact.name)


@fold.register
def _(fact: facts.MadePrivate, state: State) -> State:
    del fact
    return replace(state, private=True)


@fold.register
def _(fact: facts.PrivateRead, state: State) -> State:
    return replace(state, readings=MappingProxyType({**state.readings, str(fact.by): fact.occurred_at}))


@fold.register
def _(fact: facts.StatusChanged, state: State) -> State:
    # Work that goes on does not call a hand-over off; its end does.
    handover = state.handover if fact.after in OPEN else None
    after = replace(
        state,
        status=fact.after,
        merged_into=fact.into,
        merged_room=fact.into_room,
        handover=handover,
        ending=_ended(fact, state),
    )
    if is_reopening(fact.before, fact.after):
        withdrawn = {Milestone.RESOLVED, Milestone.CLOSED}
        kept = {name: moment for name, moment in state.milestones.items() if name not in withdrawn}
        vacant = None if state.commander else fact.occurred_at
        after = replace(
            after,
            working_since=fact.occurred_at,
            vacant_since=vacant,
            postmortem_waived=False,
            milestones=MappingProxyType(kept),
        )
    if fact.after in MITIGATING:
        after = replace(after, milestones=_reached(after, Milestone.MITIGATED, fact))
    if fact.after is Status.RESOLVED:
        after = replace(after, resolved_by=fact.by, milestones=_reached(after, Milestone.RESOLVED, fact))
    if fact.after is Status.CLOSED:
        after = replace(after, milestones=_reached(after, Milestone.CLOSED, fact))
    return after


def _ended(fact: facts.StatusChanged, state: State) -> Ending | None:
    if fact.after in OPEN:
        return None
    # Closing says nothing new of how it was resolved.
    if fact.after is Status.CLOSED and state.ending:
        return state.ending
    return Ending(status=fact.after, by=fact.by, at=fact.occurred_at, reason=fact.reason)


@fold.register
def _(fact: facts.MergeReceived, state: State) -> State:
    return replace(state, merged_in=(*state.merged_in, fact))


@fold.register
def _(fact: facts.IncidentRenamed, state: State) -> State:
    return replace(state, title=fact.title)


@fold.register
def _(fact: facts.DetailsChanged, state: State) -> State:
    return replace(state, summary=fact.summary, affected=fact.affected)


@fold.register
def _(fact: facts.SeverityChanged, state: State) -> State:
    return replace(state, severity=fact.after)


@fold.register
def _(fact: facts.RoleAssigned, state: State) -> State:
    held = Holding(role=fact.role, person=fact.person, workstream=fact.workstream)
    after = replace(state, roles=(*state.roles, held))
    if fact.role is Role.COMMANDER:
        acknowledged = _reached(after, Milestone.ACKNOWLEDGED, fact)
        after = replace(after, handover=None, vacant_since=None, milestones=acknowledged)
    return after


@fold.register
def _(fact: facts.RoleReleased, state: State) -> State:
    gone = Holding(role=fact.role, person=fact.person, workstream=fact.workstream)
    after = replace(state, roles=tuple(held for held in state.roles if held != gone))
    if fact.role is Role.COMMANDER:
        after = replace(after, handover=None, vacant_since=fact.occurred_at)
    return after


@fold.register
def _(fact: facts.HandoverAsked, state: State) -> State:
    asked = Handover(holder=fact.holder, to=fact.to, asked_by=fact.by, asked_at=fact.occurred_at)
    return replace(state, handover=asked)


@fold.register
def _(fact: facts.HandoverAgreed, state: State) -> State:
    if state.handover is None:
        return state
    return replace(state, handover=replace(state.handover, agreed=state.handover.agreed | {fact.person}))


@fold.register
def _(fact: facts.HandoverDeclined, state: State) -> State:
    del fact
    return replace(state, handover=None)


@fold.register
def _(fact: facts.ReportPosted, state: State) -> State:
    report = Report(
        at=fact.occurred_at,
        by=fact.by,
        status=fact.status,
        severity=fact.severity,
        condition=fact.condition,
        conditions=fact.conditions,
        actions=fact.actions,
        blast_radius=fact.blast_radius,
        needs=fact.needs,
        met=fact.met,
    )
    still = tuple(need for need in state.needs if need.text not in fact.met)
    new = tuple(Need(text=text, since=fact.occurred_at) for text in fact.needs)
    return replace(state, reports=(*state.reports, report), needs=still + new)


@fold.register
def _(fact: facts.NeedsMet, state: State) -> State:
    return replace(state, needs=tuple(need for need in state.needs if need.text not in fact.needs))


@fold.register
def _(fact: facts.MomentMarked, state: State) -> State:
    return replace(state, moments=state.moments | {(fact.channel, fact.ts, fact.by)})


@fold.register
def _(fact: facts.MomentUnmarked, state: State) -> State:
    return replace(state, moments=state.moments - {(fact.channel, fact.ts, fact.by)})


@fold.register
def _(fact: facts.MilestoneCorrected, state: State) -> State:
    moment = Moment(occurred=fact.occurred_at, recorded=fact.recorded_at)
    return replace(state, milestones=MappingProxyType({**state.milestones, fact.milestone: moment}))


@fold.register
def _(fact: facts.PostmortemOwed, state: State) -> State:
    owed = Postmortem(owed_at=fact.occurred_at, due_at=fact.due_at)
    return replace(state, postmortem=owed, postmortem_waived=False)


@fold.register
def _(fact: facts.PostmortemWithdrawn, state: State) -> State:
    return replace(state, postmortem=None, postmortem_waived=fact.reason is not None)


@fold.register
def _(fact: facts.PostmortemOwned, state: State) -> State:
    return replace(state, postmortem=state.postmortem and replace(state.postmortem, owner=fact.person))


@fold.register
def _(fact: facts.PostmortemDone, state: State) -> State:
    if state.postmortem is None:
        return state
    # Another link does not move when it was done.
    done_at = state.postmortem.done_at or fact.occurred_at
    return replace(state, postmortem=replace(state.postmortem, link=fact.link, done_at=done_at))


@fold.register
def _(fact: facts.NudgeSnoozed, state: State) -> State:
    snooze = Snooze(until=fact.until, by=fact.by)
    return replace(state, snoozes=MappingProxyType({**state.snoozes, fact.nudge: snooze}))
