"""Hand-overs, snoozes, postmortem reminders, back-filling and retrying, as time goes by."""

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.incident.timeline import Message
from bot.domain.shared.errors import NotFound, Refused
from bot.domain.shared.vocabulary import SYSTEM, Actor, ChannelId, Role, Status, UserId
from bot.domain.shared.working_hours import WorkingHours
from bot.usecases import upkeep
from bot.usecases.home import ask_for_home
from bot.usecases.incident import catching_up
from bot.usecases.incident.nudges import Snooze, snooze
from bot.usecases.incident.postmortem import FinishPostmortem, finish
from bot.usecases.incident.roles import AnswerHandover, Assign, TakeOver, answer_handover, assign, take_over
from bot.usecases.incident.status import Move, move
from bot.usecases.messages import Failed, HandoverQuestion, PostmortemMoment, PostmortemNudge, ReportOverdue
from bot.usecases.ports import JobSpec, JobState, PermanentFailure
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


async def test_what_failed_is_put_aside_with_a_reason_and_counts_no_longer(outside: Outside) -> None:
    outside.chat.refusing["set_topic"] = PermanentFailure("conversations.setTopic", code="restricted_action")
    incident = await outside.declare(private=True)
    [dead] = await outside.ports.reads.jobs(states=[JobState.DEAD])

    with pytest.raises(NotFound):
        await upkeep.dismiss(dead.id, outside.ports, actor=NEXT, incident=incident.id, why="Not ours")
    with pytest.raises(Refused) as unexplained:
        await upkeep.dismiss(dead.id, outside.ports, actor=DECLARER, incident=incident.id, why=" ")
    aside = [
        await upkeep.dismiss(dead.id, outside.ports, actor=DECLARER, incident=incident.id, why="By hand")
        for _ in range(2)
    ]

    assert unexplained.value.field == "reason"
    assert aside == [True, False]
    assert (await outside.ports.reads.backlog(now=outside.clock.now())).dead == 0


async def test_many_gaps_in_a_row_are_caught_up_with_once_a_room_the_newest_first(outside: Outside) -> None:
    for _ in range(4):
        await outside.declare()
    for _ in range(12):
        await upkeep.enqueue_catch_up(outside.ports)
        outside.clock.at += timedelta(seconds=20)

    waiting = await outside.ports.queue.claim(owner="worker", now=outside.clock.now(), limit=50)
    lines = [line for line in await outside.ports.reads.jobs(limit=500) if line.kind == catching_up.CATCH_UP]

    assert len(lines) == 4
    # Of each lane the first: the newest room, and the one before it.
    assert [job.incident for job in waiting if job.kind == catching_up.CATCH_UP] == [4, 3]


async def test_a_room_whose_incident_owes_nothing_is_caught_up_with_once_a_day_only(outside: Outside) -> None:
    minor = await outside.declare(severity=SEV3)
    await move(Move(actor=DECLARER, incident=minor.id, to=Status.RESOLVED), outside.ports)
    await outside.pay()

    await upkeep.enqueue_catch_up(outside.ports)
    by_gap = [line.incident for line in await outside.ports.reads.jobs() if line.kind == catching_up.CATCH_UP]
    at = outside.clock.now()
    daily = JobSpec(kind=upkeep.CATCH_UP_ROOMS, key="catch_up_rooms:day", due_at=at, payload={"all": True})
    async with outside.ports.work() as work:
        await work.outbox.enqueue([daily])
        await work.commit()
    await outside.pay()
    by_day = [line.incident for line in await outside.ports.reads.jobs() if line.kind == catching_up.CATCH_UP]

    assert (by_gap, by_day) == ([], [minor.id])


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
