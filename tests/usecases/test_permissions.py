"""Who may act, who may see, and that a request that is repeated is answered once."""

import asyncio

import pytest

from bot.domain.shared.errors import NotAllowed, NotFound, Overtaken, Refused
from bot.domain.shared.vocabulary import SHELL, Actor, RequestKey, Role, Status, UserId
from bot.usecases.home import home_of
from bot.usecases.incident.acting import Unrecognised
from bot.usecases.incident.declare import Declare, declare
from bot.usecases.incident.membership import doubted
from bot.usecases.incident.postmortem import OwnPostmortem, own
from bot.usecases.incident.roles import Assign, assign
from bot.usecases.incident.severity import Rate, rate
from bot.usecases.incident.status import Move, move
from bot.usecases.policy import Policy, WhoMay
from bot.usecases.ports import Account, PermanentFailure
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


CANNOT = [
    (Account.BOT, "A bot cannot answer for anything"),
    (Account.DEACTIVATED, f"The account of <@{COMMANDER}> is deactivated"),
    (Account.NOBODY, f"There is nobody {COMMANDER} in this workspace"),
]


@pytest.mark.parametrize(("account", "why"), CANNOT)
@pytest.mark.parametrize("by", [DECLARER, SHELL], ids=str)
async def test_who_cannot_answer_for_anything_gets_no_role_and_no_postmortem(
    outside: Outside, account: Account, why: str, by: Actor
) -> None:
    incident = await outside.declare(severity=SEV1)
    await move(Move(actor=DECLARER, incident=incident.id, to=Status.RESOLVED), outside.ports)
    outside.chat.accounts[COMMANDER] = account

    for role in Role:
        with pytest.raises(Refused, match=why):
            await assign(Assign(actor=by, incident=incident.id, role=role, person=COMMANDER), outside.ports)
    with pytest.raises(Refused, match=why):
        await own(OwnPostmortem(actor=by, incident=incident.id, person=COMMANDER), outside.ports)


async def test_somebody_unknown_is_asked_about_before_they_get_a_role(outside: Outside) -> None:
    incident = await outside.declare()
    act = Assign(actor=DECLARER, incident=incident.id, role=Role.SCRIBE, person=COMMANDER)
    outside.chat.accounts[COMMANDER] = Account.UNKNOWN
    with pytest.raises(Unrecognised) as refused:
        await assign(act, outside.ports)

    doubt = await doubted(refused.value, actor=DECLARER, place=None, ports=outside.ports)
    assert doubt
    await doubt.settle()
    after = await assign(act, outside.ports)

    assert after.state.holder(Role.SCRIBE) == COMMANDER


async def test_an_operator_and_whoever_speaks_for_themselves_are_asked_nothing(outside: Outside) -> None:
    incident = await outside.declare()
    for person in (COMMANDER, DECLARER.user or COMMANDER):
        outside.chat.accounts[person] = Account.UNKNOWN

    mine = Assign(actor=DECLARER, incident=incident.id, role=Role.SCRIBE, person=DECLARER.user or COMMANDER)
    await assign(mine, outside.ports)
    given = Assign(actor=SHELL, incident=incident.id, role=Role.COMMANDER, person=COMMANDER)
    after = await assign(given, outside.ports)

    assert (after.state.holder(Role.SCRIBE), after.state.commander) == (DECLARER.user, COMMANDER)


async def test_dead_jobs_of_a_private_incident_are_shown_to_no_admin_outside_it(outside: Outside) -> None:
    outside.chat.refusing["set_topic"] = PermanentFailure("conversations.setTopic", code="restricted_action")
    hidden = await outside.declare(private=True)
    public = await outside.declare()
    assert DECLARER.user
    admins = outside.under(Policy(who_may=WhoMay(admins=frozenset({ADMIN, DECLARER.user})))).ports

    outsider = await home_of(ADMIN, admins)
    member = await home_of(DECLARER.user, admins)

    assert {job.incident for job in outsider.dead} == {public.id}
    assert {job.incident for job in member.dead} == {public.id, hidden.id}
