"""What belongs to a stream is numbered by where it is stored, whoever reads it and whatever kind it is."""

from dataclasses import dataclass

import pytest
from sqlalchemy import event, text
from sqlalchemy.util import await_only

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Incident, stamp
from bot.domain.incident.facts import Fact
from bot.domain.shared.errors import Overtaken
from bot.domain.shared.texts import write
from bot.domain.shared.vocabulary import SYSTEM, ChannelId, IncidentId, Stream, TextId
from bot.usecases.policy import Policy
from bot.usecases.ports import JobSpec, OpensWork, Recorded, Urgency
from bot.usecases.reactions import following
from storage import streams
from storage.engine import Database
from storage.facts import FactKinds
from storage.jobs import JobQueue
from storage.queries import Reads
from storage.work import opens_work
from tests.builders import DECLARER, NOON, after, an_incident, report_draft


@dataclass(frozen=True, kw_only=True)
class BridgeOpened(Fact):
    """A bridge has a history of its own."""

    stored_as = "bridge_opened"

    name: TextId


BRIDGE = Stream("bridge", 1)
WITH_BRIDGES = FactKinds([*facts.ALL, BridgeOpened])


async def declared(work: OpensWork) -> Incident:
    incident = an_incident(number=0)
    incident.open_room(ChannelId("C1"), "inc-1", by=SYSTEM, at=NOON)
    async with work() as unit:
        await unit.incidents.add(incident)
        await unit.commit()
    return incident


NEWER_FACT = text(
    "INSERT INTO facts (stream_type, stream_id, incident, seq, name, "
    '"by", occurred_at, recorded_at, data) SELECT stream_type, stream_id, incident, '
    ":seq, 'moon_landed', \"by\", occurred_at, recorded_at, data FROM facts WHERE seq = 1"
)


async def newer_code_records_something(database: Database, seq: int) -> None:
    async with database.write(Urgency.REQUEST) as connection:
        await connection.execute(NEWER_FACT, {"seq": seq})
        await connection.execute(text("UPDATE incidents SET version = :seq"), {"seq": seq})
        await connection.commit()


async def test_another_kind_of_stream_is_written_read_back_and_owes_jobs(
    database: Database, work: OpensWork
) -> None:
    await declared(work)  # an incident of the same number is another stream
    named = write("Golden Gate", author=DECLARER, at=NOON)
    opened = BridgeOpened(**stamp(DECLARER, NOON), name=named.id)

    async with database.write(Urgency.REQUEST) as connection:
        await streams.keep_texts(connection, BRIDGE, [named])
        await streams.append(connection, BRIDGE, [opened], after=0)
        await connection.commit()
    async with work() as unit:
        await unit.outbox.enqueue([JobSpec(kind="paint", key="paint:1", due_at=NOON, about=BRIDGE)])
        await unit.commit()

    async with database.read() as connection:
        history = await streams.history(connection, BRIDGE, kinds=WITH_BRIDGES)
        words = await streams.words(connection, BRIDGE)
    (job,) = await JobQueue(database).claim(owner="me", now=NOON, limit=9)
    assert history == [(1, opened)]
    assert words == {named.id: "Golden Gate"}
    assert (job.about, job.incident, job.key) == (BRIDGE, None, "paint:1")
    assert len(await Reads(database).history(IncidentId(1), seen_by=SYSTEM)) == 2


async def test_two_that_write_the_same_place_are_told_apart(database: Database) -> None:
    opened = BridgeOpened(**stamp(DECLARER, NOON), name=TextId("t"))
    async with database.write(Urgency.REQUEST) as connection:
        await streams.append(connection, BRIDGE, [opened], after=0)
        await connection.commit()

    with pytest.raises(Overtaken):
        async with database.write(Urgency.REQUEST) as connection:
            await streams.append(connection, BRIDGE, [opened], after=0)


def test_two_kinds_of_facts_of_one_stored_name_are_refused() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Twin(Fact):
        stored_as = "bridge_opened"

    with pytest.raises(ValueError, match="bridge_opened"):
        FactKinds([BridgeOpened, Twin])


async def test_a_job_of_an_incident_names_its_stream_too(database: Database, work: OpensWork) -> None:
    incident = await declared(work)
    async with work() as unit:
        await unit.outbox.enqueue([JobSpec(kind="say", key="k", due_at=NOON, incident=incident.id)])
        await unit.commit()

    (job,) = await JobQueue(database).claim(owner="me", now=NOON, limit=9)

    assert (job.incident, job.about) == (1, Stream.incident(incident.id))


# -- a rolling deploy: facts that this code does not know


async def test_what_is_numbered_goes_by_the_stored_place_so_that_no_job_is_swallowed(
    database: Database,
) -> None:
    work = opens_work(database, following(Policy()), lambda: None)
    incident = await declared(work)
    newer = [f"say_happened:INC-{incident.id}:{place}" for place in (2, 3)]
    for seq in (3, 4):
        await newer_code_records_something(database, seq)
    async with work() as unit:
        await unit.outbox.enqueue(
            JobSpec(kind="say_happened", key=key, due_at=NOON, incident=incident.id) for key in newer
        )
        await unit.commit()

    async with work() as unit:
        found = await unit.incidents.get(incident.id, seen_by=SYSTEM)
        found.note("Still here", by=DECLARER, at=after(1))
        await unit.incidents.save(found)
        await unit.commit()

    said = {line.key for line in await Reads(database).jobs() if line.kind == "say_happened"}
    assert found.length == found.version == 5
    assert said == {*newer, "say_happened:INC-1:4"}


async def test_a_jobs_fact_is_found_by_its_stored_place(database: Database, work: OpensWork) -> None:
    incident = await declared(work)
    await newer_code_records_something(database, 3)
    async with work() as unit:
        found = await unit.incidents.get(incident.id, seen_by=SYSTEM)
        found.note("Found it", by=DECLARER, at=after(1))
        await unit.incidents.save(found)
        await unit.commit()
    reads = Reads(database)

    note = await reads.fact(incident.id, 3, seen_by=SYSTEM)
    unknown = await reads.fact(incident.id, 2, seen_by=SYSTEM)
    notes = await reads.facts(incident.id, [facts.NoteAdded], seen_by=SYSTEM)

    assert isinstance(note, Recorded)
    assert isinstance(note.fact, facts.NoteAdded)
    assert dict(note.texts) == {note.fact.text: "Found it"}
    assert unknown is None
    assert notes == [(3, note.fact)]


# -- one moment


async def test_a_report_committed_while_an_incident_is_read_never_shows_as_erased(
    database: Database, work: OpensWork, database_url: str
) -> None:
    incident = await declared(work)
    theirs = Database.open(database_url)
    elsewhere = opens_work(theirs, lambda _incident, _facts: (), lambda: None)
    committed: list[str] = []

    async def report() -> None:
        async with elsewhere() as unit:
            found = await unit.incidents.get(incident.id, seen_by=SYSTEM)
            found.report(report_draft(), by=DECLARER, at=after(1))
            await unit.incidents.save(found)
            await unit.commit()

    def between(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not committed and "FROM incidents" in statement:
            committed.append(statement)
            await_only(report())

    event.listen(database._reading.sync_engine, "after_cursor_execute", between)  # noqa: SLF001 - a seam
    try:
        found = await Reads(database).incident(incident.id, seen_by=SYSTEM)
    finally:
        await theirs.close()

    assert committed
    assert (found.length, found.state.last_report) == (2, None)
    later = await Reads(database).incident(incident.id, seen_by=SYSTEM)
    assert later.state.last_report is not None
    assert later.text(later.state.last_report.conditions) is not None
