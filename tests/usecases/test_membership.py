"""Who is in a war room: heard in any order, asked for where it is in doubt, refused where it is unknown."""

import pytest

from bot.domain.shared.errors import NotFound
from bot.domain.shared.vocabulary import SYSTEM, Actor, ChannelId, IncidentId, Status, UserId
from bot.usecases.incident import membership
from bot.usecases.incident.acting import Outsider
from bot.usecases.incident.completion import complete
from bot.usecases.incident.status import Move, move
from bot.usecases.ports import JobState, PermanentFailure
from tests.builders import COMMANDER, DECLARER, EXPERT
from tests.fakes import OWNER
from tests.usecases.conftest import Outside

SECRET = ChannelId("G01")


async def is_in(outside: Outside, incident: IncidentId, person: UserId = EXPERT) -> bool:
    return await outside.ports.reads.is_member(incident, person)


async def test_who_left_the_room_no_longer_acts(outside: Outside) -> None:
    incident = await outside.declare()
    await outside.joins(EXPERT, after=1)
    before = await is_in(outside, incident.id)

    await outside.leaves(EXPERT, after=2)
    await outside.leaves(EXPERT, "C0ELSEWHERE", after=2)

    assert (before, await is_in(outside, incident.id)) == (True, False)


async def test_a_joining_that_is_delivered_again_lets_nobody_back_in(outside: Outside) -> None:
    incident = await outside.declare(private=True)
    joined = outside.moved(EXPERT, "G01", after=1, event="event:1")
    await membership.note_joined(joined, outside.ports)
    await outside.leaves(EXPERT, "G01", after=2)

    await membership.note_joined(joined, outside.ports)
    await outside.joins(EXPERT, "G01", after=1)

    assert not await is_in(outside, incident.id)


async def test_who_leaves_and_comes_again_is_in_whichever_is_heard_first(outside: Outside) -> None:
    incident = await outside.declare()

    await outside.joins(EXPERT, after=3)
    await outside.leaves(EXPERT, after=2)

    assert await is_in(outside, incident.id)


async def test_after_a_gap_private_rooms_have_no_members_until_slack_was_asked(outside: Outside) -> None:
    incident = await outside.declare(private=True)
    public = await outside.declare(by=Actor.person(EXPERT))
    await outside.joins(EXPERT, "G01", after=1)

    await membership.forget_after_gap(outside.ports)
    with pytest.raises(NotFound):
        await outside.ports.reads.history(incident.id, seen_by=DECLARER)
    kept = await is_in(outside, public.id)
    outside.chat.invited[SECRET] = {COMMANDER}
    await outside.pay()

    assert kept
    assert [await is_in(outside, incident.id, one) for one in (EXPERT, COMMANDER)] == [False, True]


async def test_a_closed_private_room_is_asked_about_as_well(outside: Outside) -> None:
    incident = await outside.declare(private=True)
    await outside.joins(EXPERT, "G01", after=1)
    for to in (Status.RESOLVED, Status.CLOSED):
        await move(Move(actor=DECLARER, incident=incident.id, to=to), outside.ports)
    await outside.pay()
    outside.chat.invited[SECRET] -= {EXPERT}

    await membership.forget_after_gap(outside.ports)
    await outside.pay()

    assert DECLARER.user
    assert await is_in(outside, incident.id, DECLARER.user)
    assert not await is_in(outside, incident.id)


async def test_many_gaps_ask_once_about_each_room(outside: Outside) -> None:
    for _ in range(3):
        await outside.declare(private=True)
    before = outside.chat.calls["members"]

    for _ in range(12):
        await membership.forget_after_gap(outside.ports)
    owed = (await outside.owed()).count(membership.RENEW)
    await outside.pay()
    await membership.forget_after_gap(outside.ports)
    await outside.pay()

    assert owed == 3
    assert outside.chat.calls["members"] == before + 6


async def test_who_comes_and_goes_while_slack_is_asked_is_not_mistaken(outside: Outside) -> None:
    incident = await outside.declare(private=True)
    await outside.joins(EXPERT, "G01", after=1)
    outside.chat.invited[SECRET] |= {EXPERT}
    await membership.forget_after_gap(outside.ports)
    [job] = await outside.ports.queue.claim(owner="worker", now=outside.clock.now(), limit=1)
    effects = await membership.renew_members(job, outside.ports)

    await outside.joins(COMMANDER, "G01", after=2)
    await outside.leaves(EXPERT, "G01", after=2)
    await complete(job, effects, outside.ports)

    assert await is_in(outside, incident.id, COMMANDER)
    assert not await is_in(outside, incident.id, EXPERT)


async def test_what_slack_said_before_another_gap_is_not_believed_after_it(outside: Outside) -> None:
    incident = await outside.declare(private=True)
    outside.chat.invited[SECRET] |= {EXPERT}
    await membership.forget_after_gap(outside.ports)
    [job] = await outside.ports.queue.claim(owner=OWNER, now=outside.clock.now(), limit=1)
    effects = await membership.renew_members(job, outside.ports)

    await membership.forget_after_gap(outside.ports)
    await complete(job, effects, outside.ports)
    in_between = await is_in(outside, incident.id)
    await outside.pay()

    assert (in_between, await is_in(outside, incident.id)) == (False, True)


async def test_a_joining_long_before_slack_was_asked_is_asked_about_rather_than_believed(
    outside: Outside,
) -> None:
    incident = await outside.declare(private=True)
    await membership.forget_after_gap(outside.ports)
    await outside.pay()

    await outside.joins(EXPERT, "G01", after=-600)
    believed = await is_in(outside, incident.id)
    owed = await outside.owed()
    outside.chat.invited[SECRET] |= {EXPERT}
    await outside.pay()

    assert not believed
    assert membership.RENEW in owed
    assert await is_in(outside, incident.id)


async def test_a_private_room_we_were_put_out_of_has_no_members_and_no_dead_job(outside: Outside) -> None:
    incident = await outside.declare(private=True)
    outside.chat.refusing["members"] = PermanentFailure("conversations.members", code="channel_not_found")

    await membership.forget_after_gap(outside.ports)
    await outside.pay()

    assert DECLARER.user
    assert not await is_in(outside, incident.id, DECLARER.user)
    assert await outside.ports.reads.jobs(states=[JobState.DEAD]) == []


async def test_who_is_refused_outside_a_public_room_may_be_in_it_all_the_same(outside: Outside) -> None:
    incident = await outside.declare()
    act = Move(actor=Actor.person(EXPERT), incident=incident.id, to=Status.FIXING)
    with pytest.raises(Outsider) as refused:
        await move(act, outside.ports)
    outside.chat.invited[ChannelId("C01")] |= {EXPERT}

    doubt = await membership.doubted(refused.value, actor=act.actor, place=None, ports=outside.ports)
    assert doubt
    await doubt.settle()
    moved = await move(act, outside.ports)

    assert moved.state.status is Status.FIXING


@pytest.mark.parametrize(("place", "doubted"), [("G01", True), ("C0GENERAL", False), (None, False)])
async def test_a_private_incident_is_asked_about_only_from_its_room(
    outside: Outside,
    place: str | None,
    doubted: bool,  # noqa: FBT001 - a column of the table
) -> None:
    await outside.declare(private=True)
    where = ChannelId(place) if place else None
    hidden = NotFound("There is no incident INC-1 that you can see.")

    doubt = await membership.doubted(hidden, actor=Actor.person(EXPERT), place=where, ports=outside.ports)
    members = await membership.doubted(hidden, actor=DECLARER, place=where, ports=outside.ports)
    system = await membership.doubted(hidden, actor=SYSTEM, place=where, ports=outside.ports)

    assert (doubt is not None, members, system) == (doubted, None, None)
