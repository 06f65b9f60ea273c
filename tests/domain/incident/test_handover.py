"""The hand-over of the command: asked of both sides, answered once, and taken over with a reason."""

from datetime import timedelta

import pytest

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Incident
from bot.domain.shared.errors import Overtaken
from bot.domain.shared.vocabulary import Actor, Role, Status, UserId
from tests.builders import COMMANDER, DECLARER, EXPERT, NOON, SCRIBE, TERMS, after, an_incident
from tests.domain.refusing import refused

HOLDER = Actor.person(COMMANDER)
NEXT = Actor.person(EXPERT)
THIRD = Actor.person(SCRIBE)


def commanded() -> Incident:
    """Return an incident with a commander."""
    incident = an_incident()
    incident.assign(Role.COMMANDER, COMMANDER, by=HOLDER, at=NOON)
    return incident


def asked(by: Actor = THIRD) -> Incident:
    """Return an incident whose command is asked for, by default by neither side."""
    incident = commanded()
    incident.assign(Role.COMMANDER, EXPERT, by=by, at=after(10))
    return incident


def kinds(incident: Incident) -> list[str]:
    return [fact.stored_as for fact in incident.new_facts]


@pytest.mark.parametrize(
    ("by", "answers"), [(HOLDER, (EXPERT,)), (NEXT, (COMMANDER,)), (THIRD, (COMMANDER, EXPERT))]
)
def test_command_changes_hands_when_both_sides_agree(by: Actor, answers: tuple[UserId, ...]) -> None:
    incident = asked(by)

    for person in answers:
        assert incident.state.commander == COMMANDER
        incident.answer_handover(person, agreed=True, by=Actor.person(person), at=after(11))

    assert incident.state.commander == EXPERT
    assert incident.state.handover is None


@pytest.mark.parametrize("person", [COMMANDER, EXPERT])
def test_either_side_can_say_no(person: UserId) -> None:
    incident = asked()

    incident.answer_handover(person, agreed=False, by=Actor.person(person), at=after(11))

    assert incident.state.commander == COMMANDER
    assert incident.state.handover is None


def test_nobody_else_answers_a_hand_over() -> None:
    incident = asked()

    for person in (SCRIBE, None):
        with refused("Only <@U0COMMANDER> and <@U0EXPERT> can answer"):
            incident.answer_handover(person, agreed=True, by=THIRD, at=after(11))


def test_agreeing_twice_agrees_once() -> None:
    incident = asked()

    for _ in range(2):
        incident.answer_handover(COMMANDER, agreed=True, by=HOLDER, at=after(11))

    assert kinds(incident).count("handover_agreed") == 1


def test_an_answer_to_a_question_that_is_settled_comes_too_late() -> None:
    incident = asked()
    incident.answer_handover(COMMANDER, agreed=False, by=HOLDER, at=after(11))

    with refused("no longer open", kind=Overtaken):
        incident.answer_handover(EXPERT, agreed=True, by=NEXT, at=after(12))


def test_an_answer_to_an_older_question_is_not_taken_for_the_newer_one() -> None:
    incident = asked(HOLDER)
    incident.assign(Role.COMMANDER, SCRIBE, by=HOLDER, at=after(11))

    with refused("no longer open", kind=Overtaken):
        incident.answer_handover(COMMANDER, agreed=True, by=HOLDER, at=after(12), to=EXPERT)


def test_a_third_person_waits_for_the_question_that_is_open() -> None:
    incident = asked(NEXT)

    with refused("<@U0EXPERT> is already being asked for", kind=Overtaken, field="person"):
        incident.assign(Role.COMMANDER, SCRIBE, by=THIRD, at=after(11))


def test_the_holder_may_choose_somebody_else_meanwhile() -> None:
    incident = asked(NEXT)

    incident.assign(Role.COMMANDER, SCRIBE, by=HOLDER, at=after(11))

    assert incident.state.handover
    assert (incident.state.handover.to, incident.state.handover.agreed) == (SCRIBE, frozenset({COMMANDER}))


def test_asking_again_for_the_same_person_asks_once() -> None:
    incident = asked()

    incident.assign(Role.COMMANDER, EXPERT, by=THIRD, at=after(11))

    assert kinds(incident).count("handover_asked") == 1
    assert incident.state.handover
    assert incident.state.handover.asked_at == after(10)


# -- taking over


@pytest.mark.parametrize("since", [timedelta(), timedelta(minutes=1, seconds=59)])
def test_the_holder_has_two_minutes_to_answer(since: timedelta) -> None:
    incident = asked(NEXT)

    with refused("no answer within 2 minutes you can take over"):
        incident.take_over(EXPERT, "no answer", by=NEXT, at=after(10) + since, at_once=False)


def test_after_two_minutes_without_an_answer_anybody_takes_over_with_a_reason() -> None:
    incident = asked(NEXT)

    with refused("The reason is empty", field="reason"):
        incident.take_over(SCRIBE, " ", by=THIRD, at=after(12), at_once=False)
    incident.take_over(SCRIBE, "No answer, data is wrong", by=THIRD, at=after(12), at_once=False)

    assert incident.state.commander == SCRIBE
    assert kinds(incident)[-3:] == ["command_taken_over", "role_released", "role_assigned"]


def test_a_holder_who_said_yes_is_not_overruled() -> None:
    incident = asked(HOLDER)

    with refused("<@U0COMMANDER> has handed over to <@U0EXPERT>, who answers first"):
        incident.take_over(SCRIBE, "I am here", by=THIRD, at=after(60), at_once=False)


def test_an_admin_takes_over_at_once() -> None:
    incident = commanded()

    incident.take_over(EXPERT, "The holder is on a plane", by=NEXT, at=after(1), at_once=True)

    assert incident.state.commander == EXPERT


def test_the_holder_has_nothing_to_take_over() -> None:
    with refused("You already are the commander"):
        commanded().take_over(COMMANDER, "mine", by=HOLDER, at=after(1), at_once=True)


def test_a_free_command_is_just_taken() -> None:
    incident = an_incident()

    incident.take_over(EXPERT, "", by=NEXT, at=after(1), at_once=False)

    assert kinds(incident) == ["incident_declared", "role_assigned"]


def test_ending_an_incident_calls_a_hand_over_off() -> None:
    incident = asked()

    incident.move(Status.RESOLVED, by=DECLARER, at=after(11), terms=TERMS)

    assert incident.state.handover is None


def test_a_hand_over_between_two_holders_leaves_no_gap() -> None:
    incident = asked(HOLDER)

    incident.answer_handover(EXPERT, agreed=True, by=NEXT, at=after(11))

    changed = [f for f in incident.new_facts if isinstance(f, facts.RoleReleased | facts.RoleAssigned)]
    assert {fact.occurred_at for fact in changed[-2:]} == {after(11)}
