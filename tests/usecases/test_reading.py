"""What lists show, the same from memory and from the real storage."""

from bot.domain.shared.vocabulary import Actor, IncidentId, Status, UserId
from bot.usecases.home import ask_for_home
from bot.usecases.incident.postmortem import OwnPostmortem, own
from bot.usecases.incident.status import Move, move
from tests.builders import DECLARER, EXPERT, SEV1, SEV3
from tests.usecases.conftest import Outside

GUEST = Actor.person("U0GUEST")


async def test_open_incidents_stand_the_worst_first_then_the_newest(outside: Outside) -> None:
    for severity in (SEV3, SEV1, SEV3, SEV1):
        await outside.declare(severity=severity)
        await outside.forward(seconds=1)
    await move(Move(actor=DECLARER, incident=IncidentId(2), to=Status.RESOLVED), outside.ports)

    open_ones = await outside.ports.reads.open_incidents(seen_by=DECLARER)
    every_one = await outside.ports.reads.incidents(seen_by=DECLARER)

    assert [line.id for line in open_ones] == [4, 3, 1]
    assert [line.id for line in every_one] == [4, 3, 2, 1]


async def test_rooms_are_watched_until_their_incident_has_ended_for_good(outside: Outside) -> None:
    for _ in range(3):
        await outside.declare()
    for number, steps in (
        (1, (Status.RESOLVED,)),
        (2, (Status.RESOLVED, Status.CLOSED)),
        (3, (Status.CANCELLED,)),
    ):
        for to in steps:
            await move(Move(actor=DECLARER, incident=IncidentId(number), to=to, reason="over"), outside.ports)

    assert await outside.ports.reads.open_rooms() == [1]


async def test_a_persons_home_holds_what_is_open_theirs_and_owed(outside: Outside) -> None:
    mine = await outside.declare(severity=SEV1)
    await outside.declare(by=GUEST)
    hidden = await outside.declare(by=GUEST, private=True)
    await move(Move(actor=DECLARER, incident=mine.id, to=Status.RESOLVED), outside.ports)
    await own(OwnPostmortem(actor=DECLARER, incident=mine.id, person=UserId("U0DECLARER")), outside.ports)
    third = await outside.declare()

    await ask_for_home(UserId("U0DECLARER"), outside.ports, request="1")
    await ask_for_home(EXPERT, outside.ports, request="2")
    await outside.pay()

    home, other = outside.chat.homes[UserId("U0DECLARER")], outside.chat.homes[EXPERT]
    assert [line.incident for line in home.mine] == [third.id]
    assert [line.incident for line in home.owed] == [mine.id]
    assert hidden.id not in {line.incident for line in (*home.open, *other.open)}
    assert (other.mine, other.owed) == ((), ())
