"""Lists: what is in them, and in which order."""

import pytest

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.timeline import Message
from bot.domain.shared.errors import Refused
from bot.domain.shared.severity import Severity
from bot.domain.shared.vocabulary import SYSTEM, Actor, ChannelId, IncidentId, Status, UserId
from bot.usecases.ports import Backlog, JobSpec, JobState, OpensWork, Show, TimelinePage
from storage.archive import StoredArchive
from storage.engine import Database
from storage.jobs import JobQueue
from storage.queries import Reads
from tests.builders import DECLARER, NOON, ROOM, SEV1, SEV2, SEV3, TERMS, after, an_incident


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


async def talked_about(work: OpensWork, database: Database) -> Incident:
    """Return an incident of six facts and four messages, in turns, with two of them in one instant."""
    incident = an_incident(number=0)
    incident.open_room(ROOM, "inc-1", by=SYSTEM, at=after(1))
    for minutes in (2, 4, 6, 8):
        incident.note(f"Note {minutes}", by=DECLARER, at=after(minutes))
    incident.mark(ts(5), by=DECLARER, at=after(9), said_at=after(5))
    async with work() as unit:
        await unit.incidents.add(incident)
        await unit.commit()
    said = [
        Message(channel=ROOM, ts=ts(minutes), user=UserId("U1"), text="Said", said_at=after(minutes))
        for minutes in (3, 5, 6, 7)
    ]
    await StoredArchive(database).record(said)
    return incident


def ts(minutes: int) -> str:
    return f"{after(minutes).timestamp():.6f}"


def told(page: TimelinePage) -> list[str]:
    """Return the notes and messages of a page by their minutes, what happened in brackets."""
    notes = [(fact.occurred_at, f"({fact.occurred_at:%M})") for fact in page.facts]
    said = [(message.said_at, f"{message.said_at:%M}") for message in page.messages]
    return [what for _, what in sorted([*notes, *said], key=lambda row: row[0])]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 99])
async def test_pages_of_a_timeline_go_back_to_its_beginning_and_leave_nothing_out(
    database: Database, work: OpensWork, limit: int
) -> None:
    incident = await talked_about(work, database)
    reads, before, pages = Reads(database), None, list[TimelinePage]()

    while not pages or before:
        page = await reads.timeline_page(incident.id, seen_by=SYSTEM, limit=limit, before=before)
        pages.append(page)
        before = page.earlier

    whole = [row for page in reversed(pages) for row in told(page)]
    assert whole == ["(00)", "(01)", "(02)", "03", "(04)", "05", "(06)", "06", "07", "(08)"]
    assert all(len(told(page)) <= limit for page in pages)
    assert {text for page in pages for text in page.texts.values()} >= {"Note 2", "Orders are late"}


@pytest.mark.parametrize(
    ("show", "rows"),
    [
        (Show.FACTS, ["(00)", "(01)", "(02)", "(04)", "(06)", "(08)"]),
        (Show.MESSAGES, ["03", "05", "06", "07"]),
        (Show.KEY_MOMENTS, ["(00)", "(01)", "(02)", "(04)", "05", "(06)", "(08)"]),
    ],
)
async def test_a_page_shows_what_was_asked_for(
    database: Database, work: OpensWork, show: Show, rows: list[str]
) -> None:
    incident = await talked_about(work, database)

    page = await Reads(database).timeline_page(incident.id, seen_by=SYSTEM, show=show)

    assert told(page) == rows
    assert page.marked == {ts(5)}
    assert page.earlier is None


@pytest.mark.parametrize("cursor", ["", "x", "2026-11-20T12:00:00 1", "2026-11-20T12:00:00+00:00 x", "a b c"])
async def test_a_page_that_is_none_is_refused(database: Database, work: OpensWork, cursor: str) -> None:
    incident = await talked_about(work, database)
    page = Reads(database).timeline_page(incident.id, seen_by=SYSTEM, before=cursor or " ")

    with pytest.raises(Refused, match="Open the timeline again"):
        await page


async def test_jobs_are_shown_to_who_may_see_what_they_are_about(database: Database, work: OpensWork) -> None:
    async with work() as unit:
        for private in (False, True):
            incident = an_incident(number=0, private=private)
            await unit.incidents.add(incident)
            await unit.outbox.enqueue(
                [JobSpec(kind="k", key=f"{incident.id}", due_at=NOON, incident=incident.id)]
            )
        await unit.outbox.enqueue([JobSpec(kind="k", key="none", due_at=NOON)])
        await unit.commit()
    reads = Reads(database)

    strangers = await reads.jobs(states=[JobState.DUE], seen_by=Actor.person("U0STRANGER"))
    declarers = await reads.jobs(states=[JobState.DUE], seen_by=DECLARER)

    assert {line.key for line in strangers} == {"1", "none"}
    assert {line.key for line in declarers} == {"1", "2", "none"}


async def test_one_job_is_found_by_its_number(database: Database, work: OpensWork) -> None:
    async with work() as unit:
        await unit.outbox.enqueue(JobSpec(kind="k", key=f"k{n}", due_at=NOON) for n in range(3))
        await unit.commit()
    (first, *_) = await Reads(database).jobs()

    found, none = await Reads(database).job(first.id), await Reads(database).job(404)

    assert (found, none) == (first, None)


async def test_open_incidents_are_counted_without_private_ones_and_drills(
    database: Database, work: OpensWork
) -> None:
    await declared(work, severity=SEV1)
    await declared(work)
    await declared(work)
    await declared(work, Status.RESOLVED)
    async with work() as unit:
        await unit.incidents.add(an_incident(number=0, private=True))
        await unit.incidents.add(an_incident(number=0, drill=True))
        await unit.commit()

    assert await Reads(database).open_by_severity() == {"SEV1": 1, "SEV2": 2}


async def test_of_many_open_rooms_the_newest_are_looked_at(database: Database, work: OpensWork) -> None:
    for number in range(1, 5):
        incident = an_incident(number=0)
        incident.open_room(ChannelId(f"C{number}"), f"inc-{number}", by=SYSTEM, at=after(9))
        async with work() as unit:
            await unit.incidents.add(incident)
            await unit.commit()

    assert await Reads(database).open_rooms(limit=2) == [3, 4]


async def test_a_finished_postmortem_says_when(database: Database, work: OpensWork) -> None:
    done = await declared(work, Status.RESOLVED)
    done.finish_postmortem("https://wiki.example/1", by=SYSTEM, at=after(5))
    async with work() as unit:
        await unit.incidents.save(done)
        await unit.commit()

    (line,) = await Reads(database).incidents(seen_by=SYSTEM)

    assert line.postmortem_done == after(5)
