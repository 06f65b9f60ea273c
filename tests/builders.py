"""Values for tests, whole and plausible by default, so that a test mentions only what it is about."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from bot.domain.incident.aggregate import Declaration, Incident, ReportDraft
from bot.domain.incident.postmortem import PostmortemTerms
from bot.domain.shared.severity import DEFAULT_SCALE
from bot.domain.shared.vocabulary import (
    Actor,
    ChannelId,
    ConditionType,
    IncidentId,
    Milestone,
    Role,
    Status,
    TextId,
    UserId,
)
from bot.usecases.messages import (
    CardFacts,
    HandoverFacts,
    Home,
    HomeLine,
    NeedLine,
    PostmortemFacts,
    ReportFacts,
    RoleLine,
)
from bot.usecases.ports import IncidentLine

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday; incidents of tests are declared then unless they say otherwise."""
DECLARER = Actor.person("U0DECLARER")
COMMANDER = UserId("U0COMMANDER")
SCRIBE = UserId("U0SCRIBE")
EXPERT = UserId("U0EXPERT")
ROOM = ChannelId("C0ROOM")
SEV1, SEV2, SEV3, SEV4, SEV5 = DEFAULT_SCALE.levels
TERMS = PostmortemTerms(scale=DEFAULT_SCALE, due_after=timedelta(hours=48))

Value = TypeVar("Value")


def after(minutes: float) -> datetime:
    """Return a time so many minutes after `NOON`."""
    return NOON + timedelta(minutes=minutes)


def _but(value: Value, changes: Mapping[str, object]) -> Value:
    # What a field may hold is checked where the value is used; here it only passes through.
    return cast("Value", replace(cast("Any", value), **changes))


# -- the domain


def declaration(**changes: object) -> Declaration:
    """Return what somebody says when they declare."""
    return _but(Declaration(title="Orders are late", severity=SEV2), changes)


def an_incident(*, by: Actor = DECLARER, at: datetime = NOON, number: int = 1, **said: object) -> Incident:
    """Return an incident that was just declared, its facts still to be saved."""
    incident = Incident.declare(declaration(**said), by=by, at=at)
    incident.id = IncidentId(number)
    return incident


def report_draft(**changes: object) -> ReportDraft:
    """Return a CAN report as somebody types it."""
    draft = ReportDraft(
        condition=ConditionType.LATE,
        conditions="Yesterday's orders are missing in finance",
        actions="Rerunning the orders pipeline",
    )
    return _but(draft, changes)


# -- what is shown


def need(text: str = "Somebody with production access", *, since: datetime = NOON) -> NeedLine:
    """Return an open Need; its id is made of its text."""
    return NeedLine(id=TextId(f"need-{text}"[:70]), text=text, since=since)


def role(of: Role = Role.COMMANDER, person: str = COMMANDER, workstream: str | None = None) -> RoleLine:
    """Return who has a role."""
    return RoleLine(role=of, person=UserId(person), workstream=workstream)


def report_facts(**changes: object) -> ReportFacts:
    """Return a CAN report of the commander, half an hour in."""
    facts = ReportFacts(
        by=Actor.person(COMMANDER),
        at=after(30),
        status=Status.FIXING,
        severity=SEV2,
        condition=ConditionType.LATE,
        conditions="Yesterday's orders are missing in finance",
        actions="Rerunning the orders pipeline",
        blast_radius=None,
        needs=(),
        met=(),
        still=(),
    )
    return _but(facts, changes)


def handover(**changes: object) -> HandoverFacts:
    """Return a hand-over that the next commander asked for, unanswered."""
    facts = HandoverFacts(
        holder=COMMANDER,
        to=EXPERT,
        asked_by=Actor.person(EXPERT),
        asked_at=after(40),
        agreed=frozenset({EXPERT}),
    )
    return _but(facts, changes)


def postmortem(**changes: object) -> PostmortemFacts:
    """Return a postmortem nobody has taken on yet."""
    return _but(PostmortemFacts(due_at=after(48 * 60), owner=None, link=None, done=False), changes)


def card_facts(**changes: object) -> CardFacts:
    """Return an incident declared at `NOON`, with its room open and nobody in a role."""
    facts = CardFacts(
        incident=IncidentId(1),
        version=1,
        title="Orders are late",
        summary=None,
        affected=None,
        severity=SEV2,
        status=Status.INVESTIGATING,
        private=False,
        drill=False,
        declared_by=DECLARER,
        from_message=None,
        channel=ROOM,
        channel_name="inc-1-orders-are-late",
        merged_into=None,
        milestones={Milestone.STARTED: NOON, Milestone.DETECTED: NOON, Milestone.DECLARED: NOON},
        roles=(),
        handover=None,
        report=None,
        report_due=None,
        needs=(),
        postmortem=None,
    )
    return _but(facts, changes)


def incident_line(number: int = 1, **changes: object) -> IncidentLine:
    """Return an incident as a line of a list."""
    line = IncidentLine(
        id=IncidentId(number),
        title="Orders are late",
        severity=SEV2.key,
        status=Status.INVESTIGATING,
        private=False,
        drill=False,
        channel=ROOM,
        channel_name="inc-1-orders-are-late",
        commander=None,
        declared_at=NOON,
        declared_by=DECLARER,
    )
    return _but(line, changes)


def home_line(number: int = 1, **changes: object) -> HomeLine:
    """Return an incident as the App Home lists it."""
    line = HomeLine(
        incident=IncidentId(number),
        title="Orders are late",
        severity=SEV2.key,
        status=Status.INVESTIGATING,
        private=False,
        drill=False,
        channel=ROOM,
        commander=None,
        declared_at=NOON,
    )
    return _but(line, changes)


def home(**changes: object) -> Home:
    """Return an App Home with nothing on it."""
    return _but(Home(at=NOON, open=(), mine=(), owed=()), changes)
