"""Who is in a war room: whatever order it is heard in, the newest word stands."""

import asyncio
import itertools
from collections.abc import Sequence

import pytest

from bot.domain.shared.vocabulary import SYSTEM, ChannelId, IncidentId, Status, UserId
from bot.usecases.ports import LOOKED, OpensWork, Posted
from tests.builders import DECLARER, TERMS, after, an_incident

PERSON = UserId("U0PERSON")
OTHER = UserId("U0OTHER")


async def declared(work: OpensWork, *, private: bool = True, status: Status | None = None) -> IncidentId:
    incident = an_incident(private=private)
    async with work() as unit:
        await unit.incidents.add(incident)
        incident.open_room(ChannelId(f"C{incident.id}"), "inc", by=SYSTEM, at=after(1))
        if status:
            incident.move(status, by=SYSTEM, at=after(2), terms=TERMS, reason="over", into=IncidentId(99))
        await unit.incidents.save(incident)
        await unit.commit()
    return incident.id


async def people(work: OpensWork, incident: IncidentId) -> set[UserId]:
    async with work() as unit:
        return set(await unit.members.of(incident)) - {DECLARER.user or PERSON}


WORDS = [("joined", 1), ("left", 2), ("joined", 3), ("left", 4)]


@pytest.mark.parametrize("said", list(itertools.permutations(WORDS)), ids=str)
async def test_whatever_is_heard_first_the_newest_word_about_a_person_stands(
    work: OpensWork, said: Sequence[tuple[str, int]]
) -> None:
    incident = await declared(work)

    for word, at in said:
        async with work() as unit:
            hear = unit.members.joined if word == "joined" else unit.members.left
            await hear(incident, PERSON, at=after(at))
            await unit.commit()

    assert await people(work, incident) == set()


async def test_of_two_words_at_once_the_newer_stands(work: OpensWork) -> None:
    incident = await declared(work)

    async def hear(word: str, at: int) -> None:
        async with work() as unit:
            hear = unit.members.joined if word == "joined" else unit.members.left
            await hear(incident, PERSON, at=after(at))
            await unit.commit()

    for round_ in range(0, 40, 2):
        await asyncio.gather(hear("joined", round_ + 1), hear("left", round_ + 2))

        assert await people(work, incident) == set()


async def test_an_older_word_that_says_otherwise_is_a_reason_to_ask(work: OpensWork) -> None:
    incident = await declared(work)

    async with work() as unit:
        members = unit.members
        news = [
            await members.joined(incident, PERSON, at=after(2)),
            await members.left(incident, PERSON, at=after(3)),
        ]
        old = [
            await members.joined(incident, PERSON, at=after(2)),
            await members.joined(incident, PERSON, at=after(3)),
        ]
        agreeing = await members.left(incident, PERSON, at=after(1))

    assert (news, old, agreeing) == ([True, True], [False, False], True)


async def test_whom_we_bring_in_is_in_until_slack_says_that_they_left(work: OpensWork) -> None:
    incident = await declared(work)

    async with work() as unit:
        await unit.members.expect(incident, [PERSON, OTHER])
        await unit.members.left(incident, PERSON, at=after(1))
        await unit.members.expect(incident, [PERSON])
        await unit.commit()

    assert await people(work, incident) == {OTHER}


async def test_who_slack_says_is_in_is_taken_over_but_for_whom_it_spoke_of_since(work: OpensWork) -> None:
    incident = await declared(work)
    gone, come, stays, leaves = (UserId(f"U{each}") for each in ("GONE", "COME", "STAYS", "LEAVES"))
    async with work() as unit:
        for person in (gone, stays, leaves):
            await unit.members.joined(incident, person, at=after(1))
        known = await unit.members.stamps(incident)
        await unit.members.joined(incident, come, at=after(3))
        await unit.members.left(incident, leaves, at=after(3))
        await unit.commit()

    async with work() as unit:
        await unit.members.renew(incident, [stays, leaves, OTHER], known=known, at=after(2))
        late = await unit.members.joined(incident, gone, at=after(1))
        await unit.commit()

    assert await people(work, incident) == {come, stays, OTHER}
    assert not late


async def test_who_is_forgotten_is_in_again_when_slack_says_so(work: OpensWork) -> None:
    private, public = await declared(work), await declared(work, private=False)
    async with work() as unit:
        for incident in (private, public):
            await unit.members.joined(incident, PERSON, at=after(1))
        known = await unit.members.stamps(private)
        await unit.members.forget()
        await unit.commit()

    forgotten = await people(work, private), await people(work, public)
    async with work() as unit:
        await unit.members.renew(private, [PERSON], known=known, at=after(2))
        await unit.commit()

    assert forgotten == (set(), {PERSON})
    assert await people(work, private) == {PERSON}


async def test_a_room_of_thousands_is_taken_over(work: OpensWork) -> None:
    incident = await declared(work)
    many = {UserId(f"U{number}") for number in range(2001)}

    async with work() as unit:
        await unit.members.renew(incident, many, known=await unit.members.stamps(incident), at=after(1))
        known = await unit.members.stamps(incident)
        grown = await unit.members.of(incident)
        await unit.members.renew(incident, [], known=known, at=after(2))
        emptied = await unit.members.of(incident)

    assert grown == many
    assert not emptied


async def test_the_rooms_to_ask_about_are_the_private_and_the_open_ones(work: OpensWork) -> None:
    closed = await declared(work, status=Status.CANCELLED)
    await declared(work, private=False, status=Status.MERGED)
    older, newer = await declared(work, private=False), await declared(work)
    async with work() as unit:
        unopened = an_incident(private=True)
        await unit.incidents.add(unopened)
        await unit.posts.put(older, LOOKED, Posted(channel=ChannelId("C1"), ts="1.0", version=7))
        await unit.commit()

    async with work() as unit:
        rooms = await unit.members.rooms()

    assert [(room.incident, room.looks) for room in rooms] == [(newer, 0), (older, 7), (closed, 0)]
