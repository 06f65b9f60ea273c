"""What an incident is called, which Needs are met, how it ended and what was merged into it."""

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Details, Incident, Looked
from bot.domain.shared.errors import Overtaken
from bot.domain.shared.vocabulary import IncidentId, Status
from tests.builders import COMMANDER, DECLARER, ROOM, TERMS, after, an_incident, report_draft
from tests.domain.refusing import refused


def looked(incident: Incident) -> Looked:
    state = incident.state
    return Looked(title=state.title, summary=state.summary, affected=state.affected)


def describe(incident: Incident, seen: Looked, **said: str | None) -> None:
    details = Details(
        title=said.get("title") or "Orders are late",
        summary=said.get("summary"),
        affected=said.get("affected"),
    )
    incident.describe(details, seen, by=DECLARER, at=after(5))


def test_what_was_left_as_it_was_found_is_not_changed() -> None:
    incident = an_incident(summary="Since midnight", affected="Finance")
    summary = incident.state.summary

    describe(incident, looked(incident), summary="Since midnight", affected="Finance and sales")

    assert incident.state.summary == summary
    assert incident.text(incident.state.affected) == "Finance and sales"
    assert not any(isinstance(fact, facts.IncidentRenamed) for fact in incident.new_facts)


def test_what_somebody_else_changed_meanwhile_is_kept_or_refused_but_never_lost() -> None:
    incident = an_incident(summary="Since midnight")
    seen = looked(incident)
    describe(incident, seen, title="Orders are missing", summary="Since midnight")

    describe(incident, seen, title="Orders are late", summary="Since the deploy")
    with refused("It reads “Orders are missing” now", kind=Overtaken, field="title"):
        describe(incident, seen, title="Orders are double", summary="Since the deploy")

    assert incident.title == "Orders are missing"
    assert incident.text(incident.state.summary) == "Since the deploy"


def test_a_summary_that_was_emptied_is_gone() -> None:
    incident = an_incident(summary="Since midnight")

    describe(incident, looked(incident), summary=None)

    assert incident.state.summary is None


def test_needs_are_met_once_and_also_after_the_end() -> None:
    incident = an_incident()
    incident.report(report_draft(needs=("Access", "A decision")), by=DECLARER, at=after(1))
    access, decision = (need.text for need in incident.state.needs)
    incident.move(Status.RESOLVED, by=DECLARER, at=after(2), terms=TERMS)

    incident.meet([access], by=DECLARER, at=after(3))

    assert [need.text for need in incident.state.needs] == [decision]
    with refused("None of these needs is open any more", field="met"):
        incident.meet([access], by=DECLARER, at=after(4))


def test_closing_keeps_how_it_was_resolved_and_reopening_forgets_it() -> None:
    incident = an_incident()
    incident.move(Status.RESOLVED, by=DECLARER, at=after(2), terms=TERMS, reason="The load ran again")

    incident.move(Status.CLOSED, by=DECLARER, at=after(9), terms=TERMS, reason="Thanks all")
    closed = incident.state.ending
    incident.move(Status.FIXING, by=DECLARER, at=after(20), terms=TERMS, reason="It is back")

    assert closed
    assert (closed.status, closed.at, incident.text(closed.reason)) == (
        Status.RESOLVED,
        after(2),
        "The load ran again",
    )
    assert incident.state.ending is None


def test_a_merge_is_recorded_once_and_of_a_private_one_not_its_room() -> None:
    incident = an_incident()
    for number, private in ((2, False), (2, False), (3, True)):
        incident.receive_merge(IncidentId(number), room=ROOM, private=private, by=DECLARER, at=after(number))

    assert [(fact.merged, fact.room) for fact in incident.state.merged_in] == [(2, ROOM), (3, None)]
    assert COMMANDER not in incident.state.people()
