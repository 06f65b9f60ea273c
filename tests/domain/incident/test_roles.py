"""The four roles: who does what, who may take one, and who gives way."""

import pytest

from bot.domain.incident import facts, roles
from bot.domain.incident.roles import MATRIX, Duty
from bot.domain.incident.state import fold
from bot.domain.shared import texts
from bot.domain.shared.errors import Overtaken
from bot.domain.shared.vocabulary import Actor, Milestone, Role, Status, UserId
from tests.builders import COMMANDER, DECLARER, EXPERT, NOON, SCRIBE, TERMS, after, an_incident
from tests.domain.refusing import refused

HOLDER = Actor.person(COMMANDER)
NEXT = Actor.person(EXPERT)


def test_each_role_does_one_thing_and_each_thing_is_one_roles() -> None:
    assert MATRIX == {
        Role.COMMANDER: Duty.DECIDES,
        Role.SCRIBE: Duty.DOCUMENTS,
        Role.LIAISON: Duty.COMMUNICATES,
        Role.SME: Duty.RESOLVES,
    }
    for role, duty in MATRIX.items():
        verb = f"*{duty.removesuffix('s')}*"
        assert [other for other in Role if verb in " ".join(roles.DUTIES[other])] == [role]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("ic", Role.COMMANDER), (" Lead", Role.COMMANDER), ("comms", Role.LIAISON), ("expert", Role.SME)],
)
def test_people_name_a_role_in_their_own_words(typed: str, meant: Role) -> None:
    assert roles.find(typed) is meant


def test_a_word_that_is_no_role_is_answered_with_those_there_are() -> None:
    with refused("commander, scribe, liaison, sme", field="role"):
        roles.find("manager" * 1000)


def test_the_first_commander_acknowledges_the_incident() -> None:
    incident = an_incident()

    incident.assign(Role.COMMANDER, COMMANDER, by=HOLDER, at=after(3))
    incident.release(Role.COMMANDER, COMMANDER, by=HOLDER, at=after(4))
    incident.assign(Role.COMMANDER, EXPERT, by=NEXT, at=after(5))

    assert incident.state.at(Milestone.ACKNOWLEDGED) == after(3)


@pytest.mark.parametrize("role", [Role.SCRIBE, Role.LIAISON])
def test_a_scribe_or_liaison_gives_way_to_the_next(role: Role) -> None:
    incident = an_incident()
    incident.assign(role, SCRIBE, by=DECLARER, at=after(1))

    incident.assign(role, EXPERT, by=DECLARER, at=after(2))

    assert [held.person for held in incident.state.roles] == [EXPERT]


def test_experts_stand_side_by_side_each_person_once() -> None:
    incident = an_incident()

    incident.assign(Role.SME, EXPERT, by=DECLARER, at=after(1))
    incident.assign(Role.SME, SCRIBE, by=DECLARER, at=after(2), workstream="ingest")
    incident.assign(Role.SME, EXPERT, by=DECLARER, at=after(3), workstream="serving")

    assert [(h.person, incident.text(h.workstream)) for h in incident.state.roles] == [
        (SCRIBE, "ingest"),
        (EXPERT, "serving"),
    ]


@pytest.mark.parametrize("workstream", ["Ingest", "", None])
def test_an_expert_who_names_no_other_workstream_is_told_theirs(workstream: str | None) -> None:
    incident = an_incident()
    incident.assign(Role.SME, EXPERT, by=DECLARER, at=after(1), workstream="ingest")

    with refused("already an SME for ingest. Say another workstream to move there", field="person"):
        incident.assign(Role.SME, EXPERT, by=DECLARER, at=after(2), workstream=workstream)

    assert len(incident.state.roles) == 1


def test_who_was_put_into_two_workstreams_before_is_in_one_after_moving() -> None:
    incident = an_incident()
    for stream in ("ingest", "serving"):
        text = texts.write(stream, author=DECLARER, at=NOON)
        incident.texts[text.id] = text.body
        fact = facts.RoleAssigned(
            by=DECLARER, occurred_at=NOON, recorded_at=NOON, role=Role.SME, person=EXPERT, workstream=text.id
        )
        incident.state = fold(fact, incident.state)

    incident.assign(Role.SME, EXPERT, by=DECLARER, at=after(1), workstream="loading")

    assert [incident.text(held.workstream) for held in incident.state.roles] == ["loading"]


@pytest.mark.parametrize("role", Role)
def test_nobody_gets_a_role_they_have_or_loses_one_they_do_not(role: Role) -> None:
    incident = an_incident()
    incident.assign(role, EXPERT, by=DECLARER, at=after(1))

    with refused("is already", field="person"):
        incident.assign(role, EXPERT, by=DECLARER, at=after(2))
    with refused(f"is not {role}", field="person"):
        incident.release(role, SCRIBE, by=DECLARER, at=after(3))


def test_of_20_takers_one_gets_it_and_19_are_told_who() -> None:
    incident = an_incident()
    people = [UserId(f"U{number}") for number in range(20)]
    told = []

    for person in people:
        try:
            incident.assign(Role.COMMANDER, person, by=Actor.person(person), at=after(1), seen="")
        except Overtaken as overtaken:
            told.append(overtaken.why)

    assert incident.state.commander == "U0"
    assert len(told) == 19
    assert all("<@U0> is commander now" in why for why in told)


def test_who_saw_a_holder_that_is_gone_is_told() -> None:
    incident = an_incident()

    with refused("Nobody is scribe any more", kind=Overtaken, field="person"):
        incident.assign(Role.SCRIBE, EXPERT, by=DECLARER, at=after(1), seen=SCRIBE)


@pytest.mark.parametrize("role", Role)
def test_an_ended_incident_gives_out_no_roles(role: Role) -> None:
    incident = an_incident()
    incident.move(Status.CANCELLED, by=DECLARER, at=after(1), terms=TERMS, reason="expected")

    with refused("reopen it to give out roles"):
        incident.assign(role, EXPERT, by=DECLARER, at=after(2))
    with refused("reopen it to take over"):
        incident.take_over(EXPERT, "why not", by=NEXT, at=after(2), at_once=True)
