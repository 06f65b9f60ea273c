"""Lists: what is in them, and in which order."""

from bot.domain.incident.aggregate import Incident
from bot.domain.shared.severity import Severity
from bot.domain.shared.vocabulary import SYSTEM, ChannelId, IncidentId, Status, UserId
from bot.usecases.ports import Backlog, JobSpec, JobState, OpensWork
from storage.engine import Database
from storage.jobs import JobQueue
from storage.queries import Reads
from tests.builders import DECLARER, NOON, SEV1, SEV2, SEV3, TERMS, after, an_incident


async def declared(work: OpensWork, *moves: Status, severity: Severity = SEV2, minutes: int = 0) -> Incident:
    incident = an_incident(at=after(minutes), severity=severity)
    async with work() as unit:
        await unit.incidents.add(incident)
        for move in moves:
            incident.move(move, by=SYSTEM, at=after(minutes), terms=TERMS, reason="Because")
            await unit.incidents.save(incident)
        await unit.commit()
    return incident


async def test_open_ones_are_listed_the_worst_first_then_the_newest(
    database: Database, work: OpensWork
) -> None:
    await declared(work, severity=SEV3)
    await declared(work, severity=SEV1, minutes=1)
    await declared(work, severity=SEV1, minutes=2)
    await declared(work, Status.RESOLVED, severity=SEV1, minutes=3)

    lines = await Reads(database).open_incidents(seen_by=SYSTEM)

    assert [line.id for line in lines] == [3, 2, 1]


async def test_all_are_listed_the_newest_first_up_to_a_limit(database: Database, work: OpensWork) -> None:
    for minutes in range(4):
        await declared(work, Status.RESOLVED, minutes=minutes)

    lines = await Reads(database).incidents(seen_by=SYSTEM, limit=3)

    assert [line.id for line in lines] == [4, 3, 2]
    assert lines[0].title == "Orders are late"
    assert lines[0].declared_by == DECLARER


async def test_postmortems_are_owed_until_they_are_done(database: Database, work: OpensWork) -> None:
    done = await declared(work, Status.RESOLVED)
    owned = await declared(work, Status.RESOLVED, minutes=1)
    await declared(work, Status.RESOLVED, minutes=2)
    await declared(work, Status.RESOLVED, severity=SEV3)
    done.finish_postmortem("https://wiki.example/1", by=SYSTEM, at=after(5))
    owned.own_postmortem(UserId("U9"), by=SYSTEM, at=after(5))
    async with work() as unit:
        await unit.incidents.save(done)
        await unit.incidents.save(owned)
        await unit.commit()

    everybodys = await Reads(database).postmortems_owed(seen_by=SYSTEM)
    mine = await Reads(database).postmortems_owed(seen_by=SYSTEM, owner=UserId("U9"))

    assert [line.id for line in everybodys] == [2, 3]
    assert [(line.id, line.postmortem_owner) for line in mine] == [(2, "U9")]


async def test_open_rooms_are_those_of_incidents_that_have_not_ended_for_good(
    database: Database, work: OpensWork
) -> None:
    for number, moves in enumerate([[], [Status.RESOLVED], [Status.RESOLVED, Status.CLOSED], []], start=1):
        incident = await declared(work, *moves)
        async with work() as unit:
            if number < 4:
                incident.open_room(ChannelId(f"C{number}"), f"inc-{number}", by=SYSTEM, at=after(9))
                await unit.incidents.save(incident)
            await unit.commit()

    rooms = await Reads(database).open_rooms()

    assert rooms == [1, 2]


async def test_a_backlog_tells_how_far_behind_the_jobs_are(database: Database, work: OpensWork) -> None:
    async with work() as unit:
        await unit.outbox.enqueue(JobSpec(kind="k", key=f"k{n}", due_at=after(n)) for n in range(4))
        await unit.commit()
    queue = JobQueue(database)
    first, second = await queue.claim(owner="me", now=after(1), limit=9)
    await queue.mark_dead(first, error="no such channel")
    async with work() as unit:
        await unit.outbox.complete(second)
        await unit.commit()

    reads = Reads(database)

    assert await reads.backlog(now=after(2)) == Backlog(oldest_due=after(2), owed=2, dead=1)
    assert await reads.backlog(now=NOON) == Backlog(oldest_due=None, owed=2, dead=1)
    dead = await reads.jobs(states=[JobState.DEAD])
    assert [(line.key, line.last_error) for line in dead] == [("k0", "no such channel")]
    assert [line.key for line in await reads.jobs()] == ["k0", "k1", "k2", "k3"]


async def test_a_place_that_is_no_war_room_belongs_to_nothing(database: Database) -> None:
    reads = Reads(database)

    assert await reads.in_room(ChannelId("C404")) is None
    assert await reads.posted(IncidentId(1), "card") is None
