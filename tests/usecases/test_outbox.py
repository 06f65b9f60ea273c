"""What each fact leads to, how it is paid, and that nothing planned is left without somebody who pays."""

from datetime import timedelta

from bot.domain.incident import facts
from bot.domain.shared.vocabulary import ChannelId, Role, Status
from bot.usecases.handlers import HANDLERS
from bot.usecases.incident import catching_up
from bot.usecases.incident.card import SHOW_CARD
from bot.usecases.incident.declare import Declare, declare
from bot.usecases.incident.postmortem import OwnPostmortem, own
from bot.usecases.incident.report import PostReport, post
from bot.usecases.incident.roles import Assign, Release, assign, release
from bot.usecases.incident.severity import Rate, rate
from bot.usecases.incident.status import Move, move
from bot.usecases.messages import (
    Announcement,
    Card,
    CommanderMissing,
    Duties,
    Happened,
    MergedIn,
    Noticed,
    ReportOverdue,
)
from bot.usecases.ports import JobState, Outcome, PermanentFailure
from bot.usecases.reactions import REACTIONS
from tests.builders import COMMANDER, DECLARER, EXPERT, SEV1, SEV3, declaration, report_draft
from tests.fakes import OWNER
from tests.usecases.conftest import Outside


def test_every_kind_of_fact_says_what_follows_from_it() -> None:
    assert set(REACTIONS) == set(facts.ALL)


async def test_all_that_a_whole_incident_leads_to_is_paid(outside: Outside) -> None:
    incident = await outside.declare(severity=SEV1, from_channel=ChannelId("C0ASK"), from_message="1.000001")
    about = {"actor": DECLARER, "incident": incident.id}
    for person in (COMMANDER, EXPERT):
        await assign(Assign(**about, role=Role.COMMANDER, person=person), outside.ports)  # type: ignore[arg-type]
    await outside.forward(hours=1)
    await post(PostReport(**about, draft=report_draft()), outside.ports)  # type: ignore[arg-type]
    await move(Move(**about, to=Status.RESOLVED), outside.ports)  # type: ignore[arg-type]
    await own(OwnPostmortem(**about, person=EXPERT), outside.ports)  # type: ignore[arg-type]
    await outside.forward(days=3)
    await catching_up.enqueue_catch_up(outside.ports)
    await outside.forward(days=1)

    lines = await outside.ports.reads.jobs(limit=1000)
    assert {line.kind for line in lines} <= set(HANDLERS)
    assert {line.state for line in lines} == {JobState.DONE, JobState.DUE}


async def test_a_declared_incident_gets_its_room_card_topic_people_and_announcement(outside: Outside) -> None:
    incident = await outside.declare(title="Orders are late")

    room = await outside.ports.reads.incident(incident.id, seen_by=DECLARER)
    assert (room.state.channel, room.state.channel_name) == ("C01", "inc-1-orders-are-late")
    assert len(outside.heard(incident.id, Card)) == 1
    assert [type(said) for said in outside.chat.in_channel("C0INCIDENTS")] == [Announcement]
    assert outside.chat.topics["C01"].startswith("SEV2 · investigating · Orders are late")  # type: ignore[index]
    assert outside.chat.invited["C01"] == {DECLARER.user}  # type: ignore[index]
    assert (len(outside.chat.pinned), len(outside.chat.marked)) == (1, 1)
    assert await outside.owed() == ["nudge_commander", "nudge_report"]


async def test_a_private_incident_and_a_drill_are_announced_nowhere(outside: Outside) -> None:
    await outside.declare(private=True)
    await outside.declare(drill=True)

    assert outside.chat.in_channel("C0INCIDENTS") == []


async def test_the_card_is_edited_in_place_however_often_things_change(outside: Outside) -> None:
    incident = await outside.declare()
    for to in (Status.FIXING, Status.BACKFILLING, Status.MONITORING):
        await move(Move(actor=DECLARER, incident=incident.id, to=to), outside.ports)
    await outside.pay()

    [card] = outside.heard(incident.id, Card)
    assert isinstance(card, Card)
    assert card.facts.status is Status.MONITORING
    assert len(outside.heard(incident.id, Happened)) == 3


async def test_a_card_that_somebody_deleted_comes_back(outside: Outside) -> None:
    incident = await outside.declare()
    outside.chat.said.clear()

    await move(Move(actor=DECLARER, incident=incident.id, to=Status.FIXING), outside.ports)
    await outside.pay()

    assert len(outside.heard(incident.id, Card)) == 1


async def test_who_gets_a_role_is_invited_and_told_its_duties(outside: Outside) -> None:
    incident = await outside.declare()
    command = Assign(actor=DECLARER, incident=incident.id, role=Role.SCRIBE, person=COMMANDER)

    await assign(command, outside.ports)
    await outside.pay()

    assert COMMANDER in outside.chat.invited["C01"]  # type: ignore[index]
    assert [type(said) for said in outside.chat.in_channel(f"D:{COMMANDER}")] == [Duties]


async def test_a_failure_for_good_is_said_and_stops_nothing_else(outside: Outside) -> None:
    outside.chat.refusing["set_topic"] = PermanentFailure("conversations.setTopic", code="restricted_action")

    incident = await outside.declare()

    said = {type(one).__name__ for one in outside.chat.in_channel("C01")}
    assert said == {"Card", "Failed"}
    assert (await outside.ports.reads.backlog(now=outside.clock.now())).dead == 1
    assert incident.id == 1


async def test_nudges_come_when_due_and_stop_when_they_are_answered(outside: Outside) -> None:
    incident = await outside.declare(severity=SEV1)

    await outside.forward(minutes=5)
    assert len(outside.spoken(CommanderMissing)) == 1
    command = Assign(actor=DECLARER, incident=incident.id, role=Role.COMMANDER, person=DECLARER.user)  # type: ignore[arg-type]
    await assign(command, outside.ports)
    await outside.forward(minutes=20)
    assert len(outside.spoken(CommanderMissing)) == 1
    await outside.forward(minutes=5)
    [overdue] = outside.spoken(ReportOverdue)

    assert isinstance(overdue, ReportOverdue)
    assert overdue.ask == DECLARER.user
    await move(
        Move(actor=DECLARER, incident=incident.id, to=Status.CANCELLED, reason="expected"), outside.ports
    )
    await outside.forward(days=1)
    assert len(outside.spoken(ReportOverdue)) == 1


async def test_a_card_whose_reply_was_lost_shows_the_newest_state(outside: Outside) -> None:
    incident = await declare(Declare(actor=DECLARER, said=declaration()), outside.ports)
    opening = await outside.ports.queue.claim(owner=OWNER, now=outside.clock.now(), limit=1)
    await outside.settle(opening)
    claimed = await outside.ports.queue.claim(owner=OWNER, now=outside.clock.now(), limit=50)
    [card] = [job for job in claimed if job.kind == SHOW_CARD]
    await outside.settle([job for job in claimed if job is not card])

    await HANDLERS[SHOW_CARD](card, outside.ports)
    await outside.ports.queue.postpone(
        card, wait=timedelta(), outcome=Outcome.UNKNOWN, error="reply lost", failed=False
    )
    await move(Move(actor=DECLARER, incident=incident.id, to=Status.FIXING), outside.ports)
    await outside.pay()

    [shown] = outside.heard(incident.id, Card)
    assert isinstance(shown, Card)
    assert shown.facts.status is Status.FIXING


async def test_a_reopened_incident_owes_its_update_from_then_on(outside: Outside) -> None:
    incident = await outside.declare()
    report = PostReport(actor=DECLARER, incident=incident.id, draft=report_draft())
    await post(report, outside.ports)
    await move(Move(actor=DECLARER, incident=incident.id, to=Status.RESOLVED), outside.ports)
    await outside.forward(hours=5)

    again = Move(actor=DECLARER, incident=incident.id, to=Status.INVESTIGATING, reason="It is back")
    await move(again, outside.ports)
    await outside.pay()

    [shown] = outside.heard(incident.id, Card)
    assert isinstance(shown, Card)
    assert shown.facts.report_due == outside.clock.now() + timedelta(hours=1)


async def test_each_expert_who_goes_is_told_in_the_room(outside: Outside) -> None:
    incident = await outside.declare()
    for person in (EXPERT, COMMANDER):
        await assign(
            Assign(actor=DECLARER, incident=incident.id, role=Role.SME, person=person), outside.ports
        )
    await outside.pay()
    before = len(outside.heard(incident.id, Happened))

    await release(Release(actor=DECLARER, incident=incident.id, role=Role.SME, person=EXPERT), outside.ports)
    await outside.pay()

    assert len(outside.heard(incident.id, Happened)) == before + 1


async def test_a_merged_room_that_is_closed_to_us_still_sends_who_had_a_part_in_it(outside: Outside) -> None:
    first, second = await outside.declare(), await outside.declare(title="Revenue is wrong")
    await assign(Assign(actor=DECLARER, incident=second.id, role=Role.SME, person=EXPERT), outside.ports)
    outside.chat.refusing["members"] = PermanentFailure("conversations.members", code="is_archived")

    await move(Move(actor=DECLARER, incident=second.id, to=Status.MERGED, into=first.id), outside.ports)
    await outside.pay()

    [told] = outside.heard(first.id, MergedIn)
    assert isinstance(told, MergedIn)
    assert told.merged
    assert told.merged.title == "Revenue is wrong"
    room = await outside.ports.reads.incident(first.id, seen_by=DECLARER)
    assert room.state.channel
    assert EXPERT in outside.chat.invited[room.state.channel]


async def test_what_was_announced_only_afterwards_is_not_said_under_it_again(outside: Outside) -> None:
    channel, outside.chat.announced_in = outside.chat.announced_in, None
    incident = await outside.declare(severity=SEV3)
    await rate(Rate(actor=DECLARER, incident=incident.id, severity=SEV1), outside.ports)
    outside.chat.announced_in = channel
    await outside.pay()

    await rate(Rate(actor=DECLARER, incident=incident.id, severity=SEV3), outside.ports)
    await outside.pay()

    assert [type(said) for said in outside.chat.in_channel("C0INCIDENTS")] == [Announcement]
    under = [said for said in outside.chat.said.values() if isinstance(said, Noticed)]
    assert [said.fact.after for said in under if isinstance(said.fact, facts.SeverityChanged)] == [SEV3.key]
