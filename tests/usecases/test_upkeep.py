"""Hand-overs, snoozes, postmortem reminders, back-filling and retrying, as time goes by."""

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.incident.timeline import Message
from bot.domain.shared.errors import NotFound
from bot.domain.shared.vocabulary import SYSTEM, Actor, ChannelId, Role, Status, UserId
from bot.domain.shared.working_hours import WorkingHours
from bot.usecases import upkeep
from bot.usecases.home import ask_for_home
from bot.usecases.incident.nudges import Snooze, snooze
from bot.usecases.incident.postmortem import FinishPostmortem, finish
from bot.usecases.incident.roles import AnswerHandover, Assign, TakeOver, answer_handover, assign, take_over
from bot.usecases.incident.status import Move, move
from bot.usecases.messages import Failed, HandoverQuestion, PostmortemMoment, PostmortemNudge, ReportOverdue
from bot.usecases.ports import JobState, PermanentFailure
from tests.builders import COMMANDER, DECLARER, EXPERT, SEV1, SEV3
from tests.usecases.conftest import Outside

NEXT = Actor.person(EXPERT)
HOLDER = Actor.person(COMMANDER)


async def test_a_hand_over_is_asked_once_and_settled_in_place(outside: Outside) -> None:
    incident = await outside.declare()
    for person in (COMMANDER, EXPERT):
        given = Assign(actor=DECLARER, incident=incident.id, role=Role.COMMANDER, person=person)
        await assign(given, outside.ports)
    await outside.pay()

    [question] = outside.heard(incident.id, HandoverQuestion)
    for side in (HOLDER, NEXT):
        await outside.joins(side.user or UserId(""))
        await answer_handover(AnswerHandover(actor=side, incident=incident.id, agreed=True), outside.ports)
    await outside.pay()
    [settled] = outside.heard(incident.id, HandoverQuestion)

    assert isinstance(question, HandoverQuestion)
    assert isinstance(settled, HandoverQuestion)
    assert question.handover
    assert settled.handover is None
    assert settled.outcome == (
        "<@U0EXPERT> is commander now: <@U0DECLARER> asked, <@U0COMMANDER> and <@U0EXPERT> agreed."
    )


async def test_an_unanswered_hand_over_offers_to_take_over_after_two_minutes(outside: Outside) -> None:
    incident = await outside.declare()
    taken = Assign(actor=DECLARER, incident=incident.id, role=Role.COMMANDER, person=COMMANDER)
    await assign(taken, outside.ports)
    await outside.joins(EXPERT)
    asked = Assign(actor=NEXT, incident=incident.id, role=Role.COMMANDER, person=EXPERT)
    await assign(asked, outside.ports)
    await outside.pay()

    await outside.forward(minutes=2)
    [question] = outside.heard(incident.id, HandoverQuestion)
    after = await take_over(TakeOver(actor=NEXT, incident=incident.id, reason="No answer"), outside.ports)

    assert isinstance(question, HandoverQuestion)
    assert question.handover
    assert question.handover.overdue
    assert after.state.commander == EXPERT


async def test_a_snoozed_nudge_waits_and_then_comes(outside: Outside) -> None:
    incident = await outside.declare(severity=SEV1)
    quiet = Snooze(actor=DECLARER, incident=incident.id, nudge="report", length=timedelta(minutes=50))
    await snooze(quiet, outside.ports)

    await outside.forward(minutes=35)
    early = outside.heard(incident.id, ReportOverdue)
    await outside.forward(minutes=15)

    assert early == []
    assert len(outside.heard(incident.id, ReportOverdue)) == 1


async def test_a_postmortem_is_asked_for_at_once_before_when_due_and_daily_until_it_is_done(
    outside: Outside,
) -> None:
    incident = await outside.declare(severity=SEV1)
    await move(Move(actor=DECLARER, incident=incident.id, to=Status.RESOLVED), outside.ports)
    await outside.pay()
    for _ in range(5 * 24):
        await outside.forward(hours=1)

    nudges = outside.spoken(PostmortemNudge)
    done = FinishPostmortem(actor=DECLARER, incident=incident.id, link="https://wiki.example.com/1")
    await finish(done, outside.ports)
    await outside.forward(days=3)

    moments = [said.moment for said in nudges if isinstance(said, PostmortemNudge)]
    late = [PostmortemMoment.LATE] * 3
    assert moments == ["asked", "before", "before", "due", *late]
    assert len(outside.spoken(PostmortemNudge)) == len(nudges)


async def test_what_was_said_while_we_were_away_is_recorded_once(outside: Outside) -> None:
    incident = await outside.declare()
    said_at = outside.clock.now()
    ts = f"{said_at.timestamp():.6f}"
    missed = Message(channel=ChannelId("C01"), ts=ts, user=EXPERT, text="the fix is out", said_at=said_at)
    outside.chat.missed.append(missed)

    for _ in range(2):
        await upkeep.enqueue_catch_up(outside.ports)
        await outside.forward(minutes=1)

    recorded = await outside.ports.reads.messages(incident.id, seen_by=SYSTEM)
    assert [(one.ts, one.text) for one in recorded] == [(ts, "the fix is out")]


async def test_what_failed_is_retried_by_people_of_its_incident(outside: Outside) -> None:
    outside.chat.refusing["set_topic"] = PermanentFailure("conversations.setTopic", code="restricted_action")
    incident = await outside.declare(private=True)
    outside.chat.refusing.clear()
    [dead] = await outside.ports.reads.jobs(states=[JobState.DEAD])

    with pytest.raises(NotFound):
        await upkeep.retry(dead.id, outside.ports, actor=NEXT, incident=incident.id)
    with pytest.raises(NotFound):
        await upkeep.retry(dead.id, outside.ports, actor=NEXT, incident=None)
    retried = await upkeep.retry(dead.id, outside.ports, actor=DECLARER, incident=incident.id)
    await outside.pay()

    assert retried
    assert outside.chat.topics
    assert not await upkeep.retry(dead.id, outside.ports, actor=DECLARER, incident=incident.id)
    assert [type(said) for said in outside.chat.in_channel("G01")].count(Failed) == 1


async def test_what_failed_is_retried_however_much_was_done_before(outside: Outside) -> None:
    for number in range(201):
        await ask_for_home(EXPERT, outside.ports, request=str(number))
    await outside.pay()
    outside.chat.refusing["set_topic"] = PermanentFailure("conversations.setTopic", code="restricted_action")
    incident = await outside.declare()
    [dead] = await outside.ports.reads.jobs(states=[JobState.DEAD])

    retried = await upkeep.retry(dead.id, outside.ports, actor=DECLARER, incident=incident.id)

    assert retried


async def test_a_question_that_somebody_deleted_is_asked_again(outside: Outside) -> None:
    incident = await outside.declare()
    for person in (COMMANDER, EXPERT):
        given = Assign(actor=DECLARER, incident=incident.id, role=Role.COMMANDER, person=person)
        await assign(given, outside.ports)
    await outside.pay()
    [place] = [at for at, said in outside.chat.said.items() if isinstance(said, HandoverQuestion)]
    del outside.chat.said[place], outside.chat.keys[place]

    await outside.joins(COMMANDER)
    await answer_handover(AnswerHandover(actor=HOLDER, incident=incident.id, agreed=True), outside.ports)
    await outside.pay()

    [question] = outside.heard(incident.id, HandoverQuestion)
    assert isinstance(question, HandoverQuestion)
    assert question.handover
    assert question.handover.agreed == {COMMANDER}
    assert await outside.ports.reads.jobs(states=[JobState.DEAD]) == []


async def test_quiet_that_ends_at_night_lasts_until_people_are_at_work(outside: Outside) -> None:
    weekdays = WorkingHours(zone=ZoneInfo("UTC"), days=frozenset(range(5)), opens=time(9), closes=time(18))
    there = outside.under(replace(outside.ports.policy, hours=weekdays))
    incident = await there.declare(severity=SEV3)
    quiet = Snooze(actor=DECLARER, incident=incident.id, nudge="report", length=timedelta(hours=8))
    await snooze(quiet, there.ports)

    # It is Friday, 12:00.
    await there.forward(hours=4)
    await there.forward(hours=4)
    await there.forward(hours=60)
    before_monday = there.heard(incident.id, ReportOverdue)
    await there.forward(hours=1)

    assert before_monday == []
    assert len(there.heard(incident.id, ReportOverdue)) == 1
