"""Nudges are reconciled: what ought to be waiting waits, whatever was changed, lost or closed meanwhile."""

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.incident.aggregate import Incident
from bot.domain.shared.severity import DEFAULT_SCALE, Severity, SeverityScale
from bot.domain.shared.vocabulary import Actor, ChannelId, Role, Status, UserId
from bot.domain.shared.working_hours import WorkingHours
from bot.usecases import reconcile
from bot.usecases.incident import closed_rooms
from bot.usecases.incident.nudges import BY_KIND, expected_nudges
from bot.usecases.incident.postmortem import AskForPostmortem, OwnPostmortem, ask_for, own
from bot.usecases.incident.report import PostReport, post
from bot.usecases.incident.roles import Assign, assign
from bot.usecases.incident.status import Move, move
from bot.usecases.messages import (
    Answered,
    CommanderMissing,
    Failed,
    InsteadOfRoom,
    NoRoom,
    PostmortemGiven,
    PostmortemMoment,
    PostmortemNudge,
    PostmortemOffered,
    ReportOverdue,
    RoomClosed,
    Said,
)
from bot.usecases.policy import Nudges, Policy
from bot.usecases.ports import JobSpec, JobState, PermanentFailure
from tests.builders import COMMANDER, DECLARER, EXPERT, SEV1, SEV2, SEV3, report_draft
from tests.usecases.conftest import Outside

ROOM = "C01"


async def reconciled(outside: Outside, policy: Policy | None = None) -> Outside:
    """Return the outside under another policy, as after a restart with other settings, reconciled."""
    there = outside.under(policy) if policy else outside
    job = JobSpec(
        kind=reconcile.RECONCILE, key=f"reconcile:{outside.clock.now()}:{policy}", due_at=outside.clock.now()
    )
    async with there.ports.work() as work:
        await work.outbox.enqueue([job])
        await work.commit()
    await there.pay()
    return there


async def resolved(outside: Outside) -> Incident:
    """Return a major incident that was resolved, its postmortem asked for."""
    incident = await outside.declare(severity=SEV1)
    await move(Move(actor=DECLARER, incident=incident.id, to=Status.RESOLVED), outside.ports)
    await outside.pay()
    return incident


async def commanded(outside: Outside, severity: Severity = SEV2) -> Incident:
    """Return an incident with a commander, so that only its updates are asked for."""
    incident = await outside.declare(severity=severity)
    given = Assign(actor=DECLARER, incident=incident.id, role=Role.COMMANDER, person=COMMANDER)
    await assign(given, outside.ports)
    await outside.pay()
    return incident


def direct(outside: Outside, person: UserId | None) -> list[Said]:
    """Return what a person was told by direct message."""
    return outside.chat.in_channel(f"D:{person}")


# -- what changes


async def test_another_cadence_asks_by_it_from_then_on(outside: Outside) -> None:
    await commanded(outside, severity=SEV3)
    slow = outside.ports.policy.scale.get(SEV3.key)
    levels = [replace(slow, cadence=timedelta(minutes=20)) if one is slow else one for one in DEFAULT_SCALE]
    there = await reconciled(outside, Policy(scale=SeverityScale(tuple(levels))))

    await there.forward(minutes=19)
    early = there.spoken(ReportOverdue)
    await there.forward(minutes=1)
    await there.forward(minutes=20)

    assert early == []
    assert len(there.spoken(ReportOverdue)) == 2


async def test_other_working_hours_hold_what_was_planned_until_they_open(outside: Outside) -> None:
    # It is Friday noon; the team turns out not to be at work on Fridays.
    await commanded(outside, severity=SEV3)
    hours = WorkingHours(zone=ZoneInfo("UTC"), days=frozenset(range(4)), opens=time(9), closes=time(17))
    there = await reconciled(outside, Policy(hours=hours))

    await there.forward(days=2)
    weekend = there.spoken(ReportOverdue)
    await there.forward(hours=21)

    assert weekend == []
    assert len(there.spoken(ReportOverdue)) == 1


async def test_hours_that_were_taken_away_hold_nothing_back(outside: Outside) -> None:
    hours = WorkingHours(zone=ZoneInfo("UTC"), days=frozenset(range(4)), opens=time(9), closes=time(17))
    there = outside.under(Policy(hours=hours))
    await commanded(there, severity=SEV3)
    back = await reconciled(there, Policy())

    await back.forward(hours=4)

    assert len(back.spoken(ReportOverdue)) == 1


# -- what is lost


async def test_a_nudge_whose_row_was_lost_is_asked_all_the_same(outside: Outside) -> None:
    await outside.declare()
    while jobs := await outside.ports.queue.claim(
        owner="thief", now=outside.clock.now() + timedelta(minutes=5), limit=50
    ):
        for job in jobs:
            await outside.ports.queue.mark_dead(job, error="lost")

    outside.clock.at += timedelta(minutes=6)
    await reconciled(outside)

    assert len(outside.spoken(CommanderMissing)) == 0
    await outside.forward(minutes=14)
    assert len(outside.spoken(CommanderMissing)) == 1


async def test_a_nudge_that_died_ends_its_time_but_not_its_series(outside: Outside) -> None:
    await outside.declare()
    outside.chat.refusing["post"] = PermanentFailure("chat.postMessage", code="msg_too_long")
    await outside.forward(minutes=5)
    outside.chat.refusing.clear()

    await reconciled(outside)
    await outside.forward(minutes=15)

    dead = await outside.ports.reads.jobs(states=[JobState.DEAD])
    assert "nudge_commander" in {line.kind for line in dead}
    assert len(outside.spoken(CommanderMissing)) == 1


async def test_reconciling_again_asks_nothing_twice(outside: Outside) -> None:
    await resolved(outside)

    for _ in range(4):
        outside.clock.at += timedelta(hours=6)
        await reconciled(outside)
        await reconciled(outside, Policy())

    moments = [said.moment for said in outside.spoken(PostmortemNudge) if isinstance(said, PostmortemNudge)]
    assert moments == [PostmortemMoment.ASKED, PostmortemMoment.BEFORE]


async def test_a_nudge_of_an_earlier_version_is_taken_over_by_the_series(outside: Outside) -> None:
    incident = await outside.declare()
    since = outside.clock.now()
    # An earlier version asked again a little after the fifteen minutes, by its own reckoning.
    again = since + timedelta(minutes=20, milliseconds=300)
    stamp = "%Y-%m-%dT%H:%M:%S.%fZ"
    old = JobSpec(
        kind="nudge_commander",
        key=f"nudge_commander:INC-1:{since:{stamp}}:{again:{stamp}}",
        due_at=again,
        incident=incident.id,
        lane="room:INC-1",
        payload={"of": f"{since:{stamp}}"},
    )
    async with outside.ports.work() as work:
        await work.outbox.enqueue([old])
        await work.commit()

    await outside.forward(minutes=5)
    await outside.forward(minutes=15, seconds=1)

    assert len(outside.spoken(CommanderMissing)) == 2


def test_every_nudge_says_what_it_does_and_is_snoozed_by_a_word_of_its_own() -> None:
    words = [word for nudge in BY_KIND.values() for word in (nudge.word, *nudge.also)]

    assert len(set(words)) == len(words)
    assert all(nudge.doing for nudge in BY_KIND.values())


async def test_what_ought_to_be_waiting_depends_on_nothing_but_incident_settings_and_time(
    outside: Outside,
) -> None:
    incident = await outside.declare()
    at = outside.clock.now() + timedelta(minutes=7)

    twice = [expected_nudges(incident, Policy(), at) for _ in range(2)]

    assert twice[0] == twice[1]
    assert [(owed.kind, owed.due_at - at) for owed in twice[0]] == [
        ("nudge_commander", timedelta()),
        ("nudge_commander", timedelta(minutes=13)),
        ("nudge_report", timedelta(minutes=53)),
    ]


# -- where the room is closed


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("is_archived", NoRoom.ARCHIVED),
        ("not_in_channel", NoRoom.REMOVED),
        ("channel_not_found", NoRoom.GONE),
    ],
)
async def test_a_closed_rooms_reminders_go_on_by_direct_message_and_say_why(
    outside: Outside, code: str, why: NoRoom
) -> None:
    incident = await resolved(outside)
    await own(OwnPostmortem(actor=DECLARER, incident=incident.id, person=EXPERT), outside.ports)
    await outside.pay()
    outside.chat.closed[ROOM] = code

    for _ in range(3):
        await outside.forward(days=1)

    for person in (EXPERT, DECLARER.user):
        told = [said for said in direct(outside, person) if isinstance(said, InsteadOfRoom)]
        assert [one.why for one in told] == [why] * 3
        assert all(isinstance(one.said, PostmortemNudge) for one in told)
    assert (await outside.ports.reads.backlog(now=outside.clock.now())).dead == 0


async def test_they_return_to_the_room_once_it_is_back(outside: Outside) -> None:
    await resolved(outside)
    outside.chat.closed[ROOM] = "is_archived"
    await outside.forward(days=1)
    before = len(outside.spoken(PostmortemNudge))

    outside.chat.closed.clear()
    await closed_rooms.note_back(ChannelId(ROOM), outside.ports)
    await outside.forward(days=1)

    assert len(direct(outside, DECLARER.user)) == 1
    assert len(outside.spoken(PostmortemNudge)) == before + 1


async def test_who_cannot_be_told_keeps_nobody_else_from_being_told(outside: Outside) -> None:
    incident = await resolved(outside)
    await own(OwnPostmortem(actor=DECLARER, incident=incident.id, person=EXPERT), outside.ports)
    await outside.pay()
    outside.chat.closed |= {ROOM: "is_archived", f"D:{EXPERT}": "user_not_found"}

    await outside.forward(days=1)

    assert len([said for said in direct(outside, DECLARER.user) if isinstance(said, InsteadOfRoom)]) == 1
    assert (await outside.ports.reads.backlog(now=outside.clock.now())).dead == 0


async def test_an_archived_room_is_no_failure_and_shows_the_newest_once_it_is_back(outside: Outside) -> None:
    incident = await outside.declare()
    outside.chat.closed[ROOM] = "is_archived"
    await move(Move(actor=DECLARER, incident=incident.id, to=Status.FIXING), outside.ports)
    await outside.pay()
    dead = (await outside.ports.reads.backlog(now=outside.clock.now())).dead

    outside.chat.closed.clear()
    await closed_rooms.note_back(ChannelId(ROOM), outside.ports)
    await outside.pay()

    assert dead == 0
    assert outside.chat.topics[ChannelId(ROOM)].startswith("SEV2 · fixing")


async def test_who_leads_is_told_once_that_the_room_of_an_open_incident_is_closed(outside: Outside) -> None:
    incident = await commanded(outside)
    for _ in range(2):
        await closed_rooms.note_closed(ChannelId(ROOM), NoRoom.REMOVED, outside.ports)
    await closed_rooms.note_closed(ChannelId("C0ELSEWHERE"), NoRoom.ARCHIVED, outside.ports)
    await outside.pay()
    told = [said for said in direct(outside, COMMANDER) if isinstance(said, RoomClosed)]

    await move(Move(actor=DECLARER, incident=incident.id, to=Status.RESOLVED), outside.ports)
    await closed_rooms.note_closed(ChannelId(ROOM), NoRoom.ARCHIVED, outside.ports)
    await outside.pay()

    assert [one.why for one in told] == [NoRoom.REMOVED]
    assert [said for said in direct(outside, COMMANDER) if isinstance(said, RoomClosed)] == told


async def test_a_failure_in_a_room_we_were_taken_out_of_is_said_to_who_leads(outside: Outside) -> None:
    incident = await commanded(outside)
    outside.chat.closed[ROOM] = "not_in_channel"

    await move(Move(actor=DECLARER, incident=incident.id, to=Status.FIXING), outside.ports)
    await outside.pay()

    told = [said for said in direct(outside, COMMANDER) if isinstance(said, InsteadOfRoom)]
    assert told
    assert all(isinstance(one.said, Failed) and one.why is NoRoom.REMOVED for one in told)


async def test_what_waits_for_a_room_holds_back_no_nudge_and_is_said_once_there_is_one(
    outside: Outside,
) -> None:
    outside.chat.refusing["open_room"] = PermanentFailure("conversations.create", code="restricted_action")
    incident = await outside.declare()
    await move(Move(actor=DECLARER, incident=incident.id, to=Status.FIXING), outside.ports)
    await outside.pay()

    await outside.forward(minutes=5)

    told = [said for said in direct(outside, DECLARER.user) if isinstance(said, InsteadOfRoom)]
    waiting = [
        line for line in await outside.ports.reads.jobs(states=[JobState.DUE]) if line.lane == "aside:1"
    ]
    assert [type(one.said) for one in told if one.why is NoRoom.NOT_OPENED][-1] is CommanderMissing
    assert [line.kind for line in waiting] == ["say_happened"]


async def test_a_room_that_was_never_opened_keeps_nothing_asking_again_and_again(outside: Outside) -> None:
    outside.chat.refusing["open_room"] = PermanentFailure("conversations.create", code="restricted_action")
    await outside.declare()

    for _ in range(4):
        await outside.forward(minutes=5)

    lines = await outside.ports.reads.jobs(limit=1000)
    waiting = [line for line in lines if line.state is JobState.DUE]
    told = [said for said in direct(outside, DECLARER.user) if isinstance(said, InsteadOfRoom)]
    assert [one.why for one in told if not isinstance(one.said, Failed)] == [NoRoom.NOT_OPENED] * 2
    assert sorted(line.kind for line in waiting) == ["nudge_commander", "nudge_report"]


# -- whom they ask, and what becomes of the question


async def test_without_a_commander_whoever_declared_is_asked(outside: Outside) -> None:
    await outside.declare(severity=SEV1)

    await outside.forward(minutes=30)

    asked = [said for said in outside.chat.spoken if isinstance(said, CommanderMissing | ReportOverdue)]
    assert {said.ask for said in asked} == {DECLARER.user}


async def test_a_postmortem_nobody_owns_is_asked_of_the_commander_then_of_who_declared_or_resolved(
    outside: Outside,
) -> None:
    shell = Actor.parse("shell")
    with_commander = await commanded(outside, severity=SEV1)
    declared = await outside.declare(severity=SEV1)
    from_shell = await outside.declare(by=shell, severity=SEV1)
    await outside.joins(EXPERT, "C03")
    expert = Actor.person(EXPERT)
    for incident, by in ((with_commander, DECLARER), (declared, DECLARER), (from_shell, expert)):
        await move(Move(actor=by, incident=incident.id, to=Status.RESOLVED), outside.ports)
        await outside.pay()

    asked = [said.ask for said in outside.spoken(PostmortemNudge) if isinstance(said, PostmortemNudge)]
    assert asked == [COMMANDER, DECLARER.user, EXPERT]


async def test_who_is_given_the_postmortem_is_told_and_who_takes_it_is_not(outside: Outside) -> None:
    incident = await resolved(outside)

    for person in (EXPERT, DECLARER.user, COMMANDER):
        assert person
        await own(OwnPostmortem(actor=DECLARER, incident=incident.id, person=person), outside.ports)
    await outside.pay()

    assert [type(said) for said in direct(outside, COMMANDER)] == [PostmortemGiven]
    assert direct(outside, EXPERT) == []
    assert direct(outside, DECLARER.user) == []


async def test_a_question_that_was_answered_says_so_in_place(outside: Outside) -> None:
    incident = await outside.declare(severity=SEV1)
    for minutes in (5, 25):
        await outside.forward(minutes=minutes)

    taken = Assign(actor=DECLARER, incident=incident.id, role=Role.COMMANDER, person=COMMANDER)
    await assign(taken, outside.ports)
    await post(PostReport(actor=DECLARER, incident=incident.id, draft=report_draft()), outside.ports)
    await outside.pay()
    await move(Move(actor=DECLARER, incident=incident.id, to=Status.RESOLVED), outside.ports)
    await outside.pay()
    await own(OwnPostmortem(actor=DECLARER, incident=incident.id, person=EXPERT), outside.ports)
    await outside.pay()

    answers = [said.outcome for said in outside.heard(incident.id, Answered) if isinstance(said, Answered)]
    assert answers == [
        "Asked again below.",
        f"<@{COMMANDER}> is commander of INC-1.",
        "The CAN update of INC-1 that was due went out.",
        f"<@{EXPERT}> writes the postmortem of INC-1.",
    ]
    assert outside.heard(incident.id, PostmortemNudge) == []


async def test_a_question_that_was_answered_is_not_edited_for_the_next_lack(outside: Outside) -> None:
    incident = await outside.declare()
    await outside.forward(minutes=5)
    for person in (COMMANDER, EXPERT):
        taken = Assign(actor=DECLARER, incident=incident.id, role=Role.COMMANDER, person=person)
        await assign(taken, outside.ports)
        await outside.pay()

    [answer] = outside.heard(incident.id, Answered)
    assert isinstance(answer, Answered)
    assert answer.outcome == f"<@{COMMANDER}> is commander of INC-1."


async def test_an_offer_that_was_taken_says_so_in_place(outside: Outside) -> None:
    incident = await outside.declare(severity=SEV3)
    await move(Move(actor=DECLARER, incident=incident.id, to=Status.RESOLVED), outside.ports)
    await outside.pay()

    await ask_for(AskForPostmortem(actor=DECLARER, incident=incident.id), outside.ports)
    await outside.pay()

    [answer] = outside.heard(incident.id, Answered)
    assert isinstance(answer, Answered)
    assert answer.outcome == "A postmortem of INC-1 was asked for."
    assert outside.heard(incident.id, PostmortemOffered) == []


async def test_delays_of_seconds_are_kept(outside: Outside) -> None:
    quick = Policy(nudges=Nudges(commander_after=timedelta(seconds=3), commander_again=timedelta(seconds=2)))
    there = outside.under(quick)
    await there.declare()
    await reconciled(there)

    await there.forward(seconds=3)
    await there.forward(seconds=2)

    assert len(there.spoken(CommanderMissing)) == 2
