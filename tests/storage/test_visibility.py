"""Who sees what: one table, asked of every way to read."""

import pytest

from bot.domain.shared.errors import NotFound
from bot.domain.shared.vocabulary import SHELL, SYSTEM, Actor, ActorKind, IncidentId, Role, Status, UserId
from bot.usecases.ports import OpensWork
from storage.engine import Database
from storage.queries import Reads
from tests.builders import DECLARER, SEV1, TERMS, after, an_incident

MEMBER = Actor.person("U0MEMBER")
STRANGER = Actor.person("U0STRANGER")
WEB = Actor(ActorKind.WEB)
OPERATOR_AS_MEMBER = Actor(ActorKind.SHELL, UserId("U0MEMBER"))
OPERATOR_AS_STRANGER = Actor(ActorKind.SHELL, UserId("U0STRANGER"))

SEES_PRIVATE = [
    (SYSTEM, True),
    (DECLARER, True),
    (MEMBER, True),
    (STRANGER, False),
    (SHELL, False),
    (OPERATOR_AS_MEMBER, True),
    (OPERATOR_AS_STRANGER, False),
    (WEB, False),
]
PUBLIC, PRIVATE = IncidentId(1), IncidentId(2)


@pytest.fixture(autouse=True)
async def _a_public_and_a_private_one(work: OpensWork) -> None:
    async with work() as unit:
        for private in (False, True):
            incident = an_incident(private=private, severity=SEV1)
            await unit.incidents.add(incident)
            incident.assign(Role.SCRIBE, UserId("U0MEMBER"), by=SYSTEM, at=after(1))
            incident.move(Status.RESOLVED, by=SYSTEM, at=after(2), terms=TERMS)
            incident.move(Status.FIXING, by=SYSTEM, at=after(3), terms=TERMS, reason="Not yet")
            await unit.incidents.save(incident)
        await unit.commit()


@pytest.mark.parametrize(("actor", "sees"), SEES_PRIVATE, ids=str)
async def test_lists_leave_out_what_an_actor_may_not_see(
    database: Database,
    actor: Actor,
    sees: bool,  # noqa: FBT001 - a column of the table
) -> None:
    reads = Reads(database)

    lists = [await reads.open_incidents(seen_by=actor), await reads.incidents(seen_by=actor)]

    assert [{line.id for line in lines} for lines in lists] == [{PUBLIC, PRIVATE} if sees else {PUBLIC}] * 2


@pytest.mark.parametrize(("actor", "sees"), SEES_PRIVATE, ids=str)
async def test_an_incident_that_may_not_be_seen_is_not_found(
    database: Database,
    work: OpensWork,
    actor: Actor,
    sees: bool,  # noqa: FBT001 - a column of the table
) -> None:
    reads = Reads(database)

    refused = []
    for read in (reads.incident, reads.history, reads.messages):
        try:
            await read(PRIVATE, seen_by=actor)
        except NotFound as error:
            refused.append(error.why)
    async with work() as unit:
        try:
            await unit.incidents.get(PRIVATE, seen_by=actor)
        except NotFound as error:
            refused.append(error.why)

    assert refused == ([] if sees else ["There is no incident INC-2 that you can see."] * 4)


@pytest.mark.parametrize(("person", "sees"), [("U0MEMBER", True), ("U0STRANGER", False)])
async def test_a_persons_own_list_holds_what_they_have_a_part_in(
    database: Database,
    person: str,
    sees: bool,  # noqa: FBT001 - a column of the table
) -> None:
    lines = await Reads(database).of_person(UserId(person))

    assert {line.id for line in lines} == ({PUBLIC, PRIVATE} if sees else set())


async def test_who_left_the_room_no_longer_sees_it(database: Database, work: OpensWork) -> None:
    async with work() as unit:
        await unit.members.left(PRIVATE, UserId("U0MEMBER"), at=after(1))
        await unit.commit()

    assert {line.id for line in await Reads(database).of_person(UserId("U0MEMBER"))} == {PUBLIC}
    assert not await Reads(database).is_member(PRIVATE, UserId("U0MEMBER"))


async def test_an_operator_may_ask_for_private_ones(database: Database) -> None:
    lines = await Reads(database, include_private=True).incidents(seen_by=SHELL)

    assert {line.id for line in lines} == {PUBLIC, PRIVATE}
