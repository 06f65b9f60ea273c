"""Who may act, who may see, and that a request that is repeated is answered once."""

import asyncio

import pytest

from bot.domain.shared.errors import NotAllowed, NotFound, Overtaken, Refused
from bot.domain.shared.vocabulary import SHELL, Actor, RequestKey, Role, Status, UserId
from bot.usecases.home import home_of
from bot.usecases.incident.declare import Declare, declare
from bot.usecases.incident.roles import Assign, assign
from bot.usecases.incident.severity import Rate, rate
from bot.usecases.incident.status import Move, move
from bot.usecases.policy import Policy, WhoMay
from tests.builders import COMMANDER, DECLARER, SEV1, declaration
from tests.usecases.conftest import Outside

STRANGER = Actor.person("U0STRANGER")
ADMIN = UserId("U0ADMIN")


async def test_a_submission_sent_twice_declares_once(outside: Outside) -> None:
    first, second = [await outside.declare(request="view:1") for _ in range(2)]

    assert first.id == second.id
    assert len(await outside.ports.reads.incidents(seen_by=DECLARER)) == 1


async def test_of_20_people_who_take_the_command_at_once_one_has_it(outside: Outside) -> None:
    incident = await outside.declare()
    ports = outside.under(Policy(who_may=WhoMay(act_from_outside=True))).ports
    people = [UserId(f"U{number}") for number in range(20)]
    takes = [
        Assign(actor=Actor.person(one), incident=incident.id, role=Role.COMMANDER, person=one, seen="")
        for one in people
    ]

    done = await asyncio.gather(*(assign(take, ports) for take in takes), return_exceptions=True)

    after = await ports.reads.incident(incident.id, seen_by=DECLARER)
    refused = [one for one in done if isinstance(one, Overtaken)]
    assert len(refused) == 19
    assert all(f"<@{after.state.commander}>" in one.why for one in refused)


async def test_a_refused_act_stores_nothing_and_may_be_repeated(outside: Outside) -> None:
    incident = await outside.declare()
    wrong = Move(actor=DECLARER, incident=incident.id, to=Status.CANCELLED, request=RequestKey("click:1"))

    with pytest.raises(Refused, match="needs a reason"):
        await move(wrong, outside.ports)
    right = Move(
        actor=DECLARER,
        incident=incident.id,
        to=Status.CANCELLED,
        reason="a drill",
        request=RequestKey("click:1"),
    )
    moved = await move(right, outside.ports)

    assert moved.state.status is Status.CANCELLED


async def test_who_is_not_in_the_room_is_told_to_join_it(outside: Outside) -> None:
    incident = await outside.declare()
    act = Move(actor=STRANGER, incident=incident.id, to=Status.FIXING)

    with pytest.raises(NotAllowed, match="Join <#C01>"):
        await move(act, outside.ports)
    await move(act, outside.under(Policy(who_may=WhoMay(act_from_outside=True))).ports)


@pytest.mark.parametrize(
    ("who_may", "act"),
    [
        (WhoMay(resolve=frozenset({ADMIN})), "resolve"),
        (WhoMay(change_severity=frozenset({ADMIN})), "severity"),
        (WhoMay(declare=frozenset({ADMIN})), "declare"),
    ],
)
async def test_what_the_settings_keep_to_some_people_names_them(
    outside: Outside, who_may: WhoMay, act: str
) -> None:
    incident = await outside.declare()
    ports = outside.under(Policy(who_may=who_may)).ports

    acts = {
        "resolve": lambda: move(Move(actor=DECLARER, incident=incident.id, to=Status.RESOLVED), ports),
        "severity": lambda: rate(Rate(actor=DECLARER, incident=incident.id, severity=SEV1), ports),
        "declare": lambda: declare(Declare(actor=DECLARER, said=declaration()), ports),
    }

    with pytest.raises(NotAllowed, match=f"Only <@{ADMIN}> may"):
        await acts[act]()


async def test_a_private_incident_does_not_exist_for_who_is_not_in_it(outside: Outside) -> None:
    hidden = await outside.declare(private=True)
    other = await outside.declare(by=STRANGER)

    for actor in (STRANGER, SHELL):
        assert hidden.id not in {one.id for one in await outside.ports.reads.incidents(seen_by=actor)}
        with pytest.raises(NotFound):
            await outside.ports.reads.history(hidden.id, seen_by=actor)
    with pytest.raises(NotFound):
        await move(Move(actor=STRANGER, incident=hidden.id, to=Status.FIXING), outside.ports)
    with pytest.raises(NotFound):
        await move(Move(actor=STRANGER, incident=other.id, to=Status.MERGED, into=hidden.id), outside.ports)
    assert STRANGER.user
    assert [line.incident for line in (await home_of(STRANGER.user, outside.ports)).open] == [other.id]


async def test_a_bot_gets_no_role(outside: Outside) -> None:
    incident = await outside.declare()
    outside.chat.bots = frozenset({COMMANDER})

    with pytest.raises(Refused, match="bot"):
        await assign(
            Assign(actor=DECLARER, incident=incident.id, role=Role.COMMANDER, person=COMMANDER), outside.ports
        )
