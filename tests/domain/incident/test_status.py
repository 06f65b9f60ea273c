"""Which status may follow which: a table, its words, and a machine that tries everything in any order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Concatenate, ParamSpec

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.incident import facts, status
from bot.domain.incident.aggregate import Incident
from bot.domain.shared.errors import Overtaken, Refused
from bot.domain.shared.severity import DEFAULT_SCALE
from bot.domain.shared.vocabulary import ChannelId, IncidentId, Milestone, Role, Status, UserId
from tests.builders import DECLARER, NOON, SEV1, SEV2, SEV3, TERMS, an_incident, declaration, report_draft
from tests.builders import after as minutes
from tests.domain.refusing import check_fit, refused

PEOPLE = [UserId(f"U{number}") for number in range(4)]
WORKED = {Status.RESOLVED, Status.CLOSED}
Said = ParamSpec("Said")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("fixing", Status.FIXING),
        ("  FIXING ", Status.FIXING),
        ("fix", Status.FIXING),
        ("replaying", Status.BACKFILLING),
        ("watching", Status.MONITORING),
        ("fixed", Status.RESOLVED),
        ("done", Status.RESOLVED),
        ("canceled", Status.CANCELLED),
        ("reopen", Status.INVESTIGATING),
    ],
)
def test_people_type_a_status_in_their_own_words(typed: str, meant: Status) -> None:
    assert status.find(typed) is meant


def test_a_word_that_is_no_status_is_answered_with_those_there_are() -> None:
    with refused("Choose one of triage, investigating", field="status"):
        status.find("paused")


MAY_BECOME = """
               triage investigating fixing backfilling monitoring resolved closed cancelled merged
triage         .      x             x      x           x          x        .      x         x
investigating  .      .             x      x           x          x        .      x         x
fixing         .      x             .      x           x          x        .      x         x
backfilling    .      x             x      .           x          x        .      x         x
monitoring     .      x             x      x           .          x        .      x         x
resolved       .      x             x      x           x          .        x      .         .
closed         .      x             x      x           x          .        .      .         .
cancelled      .      x             x      x           x          .        .      .         .
merged         .      .             .      .           .          .        .      .         .
"""
"""What people agreed on. Work goes back as often as forward, and what ended can only be reopened: it is not
called off afterwards, nor merged, and only what was resolved is closed."""


def _agreed() -> list[tuple[Status, Status, bool]]:
    columns, *rows = [line.split() for line in MAY_BECOME.strip().splitlines()]
    return [
        (Status(before), Status(after), mark == "x")
        for before, *marks in rows
        for after, mark in zip(columns, marks, strict=True)
    ]


@pytest.mark.parametrize(("before", "after", "legal"), _agreed())
def test_a_status_may_become_what_people_agreed_on_and_nothing_else(
    before: Status,
    after: Status,
    legal: bool,  # noqa: FBT001 - a column of the table
) -> None:
    if legal:
        status.check_move(before, after)
        return

    with refused(field="status"):
        status.check_move(before, after)


def test_the_agreement_speaks_of_every_status() -> None:
    assert {(before, after) for before, after, _ in _agreed()} == {(b, a) for b in Status for a in Status}


@pytest.mark.parametrize("end", [Status.RESOLVED, Status.CLOSED, Status.CANCELLED])
def test_going_back_to_work_from_an_end_is_a_reopening_and_nothing_else_is(end: Status) -> None:
    assert status.is_reopening(end, Status.FIXING)
    assert not status.is_reopening(end, Status.CLOSED)
    assert not status.is_reopening(Status.FIXING, end)
    assert not status.is_reopening(Status.MONITORING, Status.FIXING)


@pytest.mark.parametrize("to", [Status.CANCELLED, Status.INVESTIGATING])
@pytest.mark.parametrize("reason", [None, "", "  \u200b "])
def test_cancelling_and_reopening_ask_for_a_reason(to: Status, reason: str | None) -> None:
    incident = an_incident()
    if to is Status.INVESTIGATING:
        incident.move(Status.RESOLVED, by=DECLARER, at=minutes(1), terms=TERMS)

    with refused("needs a reason", field="reason"):
        incident.move(to, by=DECLARER, at=minutes(2), terms=TERMS, reason=reason)


@pytest.mark.parametrize("into", [None, 1])
def test_merging_needs_another_incident(into: int | None) -> None:
    incident = an_incident(number=1)
    target = IncidentId(into) if into else None

    with refused("Merging needs the other incident", field="into"):
        incident.move(Status.MERGED, by=DECLARER, at=minutes(1), terms=TERMS, into=target)


def test_who_looked_at_an_older_status_is_told_what_happened() -> None:
    incident = an_incident()
    incident.move(Status.FIXING, by=DECLARER, at=minutes(1), terms=TERMS)

    with refused("from investigating to fixing", kind=Overtaken, field="status"):
        incident.move(Status.MONITORING, by=DECLARER, at=minutes(2), terms=TERMS, seen=Status.INVESTIGATING)


def test_work_on_a_merged_incident_is_sent_to_the_one_that_goes_on() -> None:
    incident = an_incident(number=1)
    incident.move(Status.MERGED, by=DECLARER, at=minutes(1), terms=TERMS, into=IncidentId(7))

    with refused("merged into INC-7"):
        incident.report(report_draft(), by=DECLARER, at=minutes(2))


class Life(RuleBasedStateMachine):
    """An incident to which anything happens in any order, legal and illegal; time stands or moves on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.incident = an_incident()
        self.seen: list[facts.Fact] = []
        self.was = Status.INVESTIGATING
        self.mitigated = False

    def do(
        self, act: Callable[Concatenate[Incident, Said], None], *said: Said.args, **named: Said.kwargs
    ) -> bool:
        before = self.incident.state, list(self.incident.new_facts)
        try:
            act(self.incident, *said, **named)
        except Refused as no:
            check_fit(no)
            assert before == (self.incident.state, self.incident.new_facts), "a refusal changed something"
            return False
        return True

    @initialize(severity=st.sampled_from([SEV1, SEV3]), ago=st.integers(0, 90))
    def declared(self, severity: object, ago: int) -> None:
        said = declaration(severity=severity, started_at=self.now - timedelta(minutes=ago))
        self.incident = Incident.declare(said, by=DECLARER, at=self.now)
        self.incident.id = IncidentId(1)

    @rule(by=st.integers(0, 200))
    def time_passes(self, by: int) -> None:
        self.now += timedelta(minutes=by)

    @rule()
    def room(self) -> None:
        self.incident.open_room(ChannelId("C1"), "inc-1", by=DECLARER, at=self.now)

    @rule(
        to=st.sampled_from(Status),
        reason=st.sampled_from([None, "because"]),
        into=st.sampled_from([None, IncidentId(1), IncidentId(2)]),
        seen=st.sampled_from([None, *Status]),
    )
    def move(self, to: Status, reason: str | None, into: IncidentId | None, seen: Status | None) -> None:
        before = self.incident.state.status
        moved = self.do(
            Incident.move, to, by=DECLARER, at=self.now, terms=TERMS, reason=reason, into=into, seen=seen
        )
        assert not moved or to in status.MOVES[before]
        assert moved or self.incident.state.status is before
        self.mitigated = self.mitigated or (moved and to in status.MITIGATING)

    @rule(severity=st.sampled_from(DEFAULT_SCALE.levels))
    def rate(self, severity: object) -> None:
        self.do(Incident.rate, severity, by=DECLARER, at=self.now, terms=TERMS)  # type: ignore[arg-type]

    @rule(
        role=st.sampled_from(Role),
        person=st.integers(0, 3),
        by=st.integers(0, 3),
        stream=st.sampled_from([None, "ingest", "serving"]),
        seen=st.sampled_from([None, "", *PEOPLE]),
    )
    def assign(self, role: Role, person: int, by: int, stream: str | None, seen: str | None) -> None:
        actor = type(DECLARER).person(PEOPLE[by])
        self.do(Incident.assign, role, PEOPLE[person], by=actor, at=self.now, workstream=stream, seen=seen)

    @rule(role=st.sampled_from(Role), person=st.integers(0, 3))
    def release(self, role: Role, person: int) -> None:
        self.do(Incident.release, role, PEOPLE[person], by=DECLARER, at=self.now)

    @rule(person=st.integers(0, 3), agreed=st.booleans())
    def answer(self, person: int, agreed: bool) -> None:  # noqa: FBT001 - hypothesis draws it
        actor = type(DECLARER).person(PEOPLE[person])
        self.do(Incident.answer_handover, PEOPLE[person], agreed=agreed, by=actor, at=self.now)

    @rule(person=st.integers(0, 3), at_once=st.booleans(), reason=st.sampled_from(["", "no answer"]))
    def take_over(self, person: int, at_once: bool, reason: str) -> None:  # noqa: FBT001 - as above
        actor = type(DECLARER).person(PEOPLE[person])
        self.do(Incident.take_over, PEOPLE[person], reason, by=actor, at=self.now, at_once=at_once)

    @rule(met=st.booleans(), need=st.sampled_from(["", "access", "people"]))
    def report(self, met: bool, need: str) -> None:  # noqa: FBT001 - as above
        standing = tuple(one.text for one in self.incident.state.needs) if met else ()
        self.do(Incident.report, report_draft(needs=(need,), met=standing), by=DECLARER, at=self.now)

    @rule(ts=st.sampled_from(["1.1", "2.2"]), marked=st.booleans(), by=st.integers(0, 1))
    def mark(self, ts: str, marked: bool, by: int) -> None:  # noqa: FBT001 - as above
        actor = type(DECLARER).person(PEOPLE[by])
        if marked:
            self.do(Incident.mark, ts, by=actor, at=self.now, said_at=self.now)
        else:
            self.do(Incident.unmark, ts, by=actor, at=self.now)

    @rule(milestone=st.sampled_from(Milestone), at=st.integers(-300, 300))
    def correct(self, milestone: Milestone, at: int) -> None:
        occurred = self.now + timedelta(minutes=at)
        self.do(Incident.correct, milestone, occurred, "seen in the logs", by=DECLARER, at=self.now)

    @rule(person=st.integers(0, 1))
    def own(self, person: int) -> None:
        self.do(Incident.own_postmortem, PEOPLE[person], by=DECLARER, at=self.now)

    @rule()
    def ask_for_postmortem(self) -> None:
        self.do(Incident.owe_postmortem, by=DECLARER, at=self.now, terms=TERMS)

    @rule()
    def finish(self) -> None:
        self.do(Incident.finish_postmortem, "https://wiki.example.com/pm", by=DECLARER, at=self.now)

    @invariant()
    def facts_only_grow(self) -> None:
        assert self.incident.new_facts[: len(self.seen)] == self.seen
        assert self.incident.length == len(self.incident.new_facts)
        self.seen = list(self.incident.new_facts)

    @invariant()
    def its_facts_add_up_to_it(self) -> None:
        again = Incident.replay(
            IncidentId(1),
            self.incident.new_facts,
            version=len(self.incident.new_facts),
            texts_by_id=self.incident.texts,
        )
        assert (again.state, again.length, again.new_facts) == (self.incident.state, self.incident.length, [])

    @invariant()
    def one_person_commands_and_one_documents(self) -> None:
        state = self.incident.state
        for role in (Role.COMMANDER, Role.SCRIBE, Role.LIAISON):
            assert sum(held.role is role for held in state.roles) <= 1
        streams = [(h.role, h.person, self.incident.text(h.workstream)) for h in state.roles]
        assert len(streams) == len(set(streams))
        if state.handover:
            assert state.handover.holder == state.commander != state.handover.to
            assert state.is_open
        if state.is_open:
            assert (state.commander is None) == (state.vacant_since is not None)

    @invariant()
    def milestones_are_those_of_the_status_and_in_order(self) -> None:
        state = self.incident.state
        reached = set(state.milestones)
        assert {Milestone.STARTED, Milestone.DETECTED, Milestone.DECLARED} <= reached
        assert (Milestone.RESOLVED in reached) == (state.status in WORKED)
        assert (Milestone.CLOSED in reached) == (state.status is Status.CLOSED)
        assert (Milestone.MITIGATED in reached) == self.mitigated
        started = state.milestones[Milestone.STARTED].occurred
        for moment in state.milestones.values():
            assert started <= moment.occurred <= moment.recorded <= self.now

    @invariant()
    def a_postmortem_is_owed_after_every_major_incident(self) -> None:
        state = self.incident.state
        if state.postmortem and state.postmortem.is_open:
            assert state.status in WORKED
            assert state.postmortem.due_at > state.postmortem.owed_at
        if state.status in WORKED and DEFAULT_SCALE.get(state.severity).major:
            assert state.postmortem

    @invariant()
    def needs_are_open_until_met(self) -> None:
        posted = [fact for fact in self.incident.new_facts if isinstance(fact, facts.ReportPosted)]
        opened = [need for fact in posted for need in fact.needs]
        met = {need for fact in posted for need in fact.met}
        assert [need.text for need in self.incident.state.needs] == [n for n in opened if n not in met]

    @invariant()
    def every_text_of_a_fact_is_there(self) -> None:
        assert {text.id for text in self.incident.new_texts} == set(self.incident.texts)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_a_severity_raised_after_the_close_makes_the_postmortem_due() -> None:
    incident = an_incident(severity=SEV3)
    incident.move(Status.RESOLVED, by=DECLARER, at=minutes(5), terms=TERMS)
    incident.move(Status.CLOSED, by=DECLARER, at=minutes(6), terms=TERMS)

    incident.rate(SEV2, by=DECLARER, at=minutes(60), terms=TERMS)

    assert incident.state.postmortem
    assert incident.state.postmortem.due_at == minutes(60) + TERMS.due_after
