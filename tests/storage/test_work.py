"""The unit of work: all of it becomes true, or none of it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.domain.shared.errors import NotFound, Overtaken
from bot.domain.shared.vocabulary import SYSTEM, Actor, ChannelId, IncidentId, Milestone, Role, Status, UserId
from bot.usecases.ports import JobSpec, OpensWork, Posted, Urgency
from storage.engine import Database
from storage.queries import Reads
from storage.tables import FACTS, INCIDENTS, JOBS, TEXTS
from storage.work import opens_work, unit_of_work_open
from tests.builders import COMMANDER, DECLARER, EXPERT, NOON, TERMS, after, an_incident, report_draft


async def count(database: Database, table: str) -> int:
    async with database.read() as connection:
        return int((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())  # noqa: S608


def owes_one(incident: Incident, new: Sequence[Fact]) -> list[JobSpec]:
    return [
        JobSpec(kind="show", key=f"show:{incident.id}:{fact.stored_as}", due_at=NOON, incident=incident.id)
        for fact in new
    ]


async def declared(work: OpensWork, *, title: str = "Orders are late", **words: str) -> Incident:
    incident = an_incident(by=DECLARER, at=NOON, number=0, title=title, **words)
    async with work() as unit:
        await unit.incidents.add(incident)
        await unit.commit()
    return incident


async def test_facts_and_what_they_lead_to_become_true_in_one_commit(database: Database) -> None:
    heard: list[str] = []
    work = opens_work(database, owes_one, lambda: heard.append("committed"))

    incident = await declared(work)

    assert (incident.id, incident.version, incident.new_facts, incident.new_texts) == (1, 1, [], [])
    assert await count(database, "facts") == await count(database, "jobs") == 1
    assert heard == ["committed"]


async def test_a_failure_in_between_leaves_neither_facts_nor_jobs(database: Database) -> None:
    work = opens_work(database, owes_one, lambda: None)

    async def declare_and_stumble() -> None:
        async with work() as unit:
            await unit.incidents.add(an_incident())
            raise LookupError

    with pytest.raises(LookupError):
        await declare_and_stumble()

    assert [await count(database, name) for name in ("incidents", "facts", "texts", "jobs")] == [0, 0, 0, 0]


async def test_what_follows_failing_leaves_no_fact(database: Database) -> None:
    def stumbles(_incident: Incident, _new: Sequence[Fact]) -> list[JobSpec]:
        raise LookupError

    work = opens_work(database, stumbles, lambda: None)

    with pytest.raises(LookupError):
        await declared(work)

    assert await count(database, "facts") == await count(database, "incidents") == 0


async def test_leaving_without_a_commit_undoes_all_of_it(database: Database, work: OpensWork) -> None:
    async with work() as unit:
        await unit.incidents.add(an_incident())

    assert await count(database, "incidents") == 0


async def test_an_incident_reads_back_as_it_was_saved(work: OpensWork) -> None:
    incident = await declared(work, summary="Since the night run", affected="Finance")
    incident.open_room(ChannelId("C1"), "inc-1-orders", by=SYSTEM, at=after(1))
    incident.assign(Role.COMMANDER, COMMANDER, by=DECLARER, at=after(2))
    incident.assign(Role.SME, EXPERT, by=DECLARER, at=after(2), workstream="warehouse")
    incident.report(report_draft(needs=("A second pair of eyes",)), by=DECLARER, at=after(3))
    incident.mark("1.0", by=DECLARER, at=after(4), said_at=after(3))
    incident.move(Status.RESOLVED, by=DECLARER, at=after(5), terms=TERMS)
    incident.correct(Milestone.STARTED, after(-60), "The logs say so", by=DECLARER, at=after(6))
    incident.snooze("report", after(90), by=DECLARER, at=after(7))

    async with work() as unit:
        await unit.incidents.save(incident)
        await unit.commit()
    async with work() as unit:
        found = await unit.incidents.get(incident.id, seen_by=SYSTEM)
        room = await unit.incidents.in_room(ChannelId("C1"))

    assert found.state == incident.state
    assert found.texts == incident.texts
    assert (found.version, found.length, room) == (incident.version, incident.length, incident.id)


async def test_600_concurrent_changes_of_one_incident_lose_nothing(
    database: Database, work: OpensWork
) -> None:
    incident = await declared(work)

    async def note(number: int) -> None:
        # Nobody waits for these: a request would be refused once it has waited longer than a person does.
        async with work(Urgency.JOB) as unit:
            mine = await unit.incidents.get(incident.id, seen_by=SYSTEM)
            mine.note(f"Note {number}", by=DECLARER, at=after(number))
            await unit.incidents.save(mine)
            await unit.commit()

    await asyncio.gather(*(note(number) for number in range(600)))

    history = await Reads(database).history(incident.id, seen_by=SYSTEM)
    assert len(history) == 601
    assert await count(database, "texts") == 601


async def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused(work: OpensWork) -> None:
    mine = await declared(work)
    async with work() as unit:
        theirs = await unit.incidents.get(mine.id, seen_by=SYSTEM)
        theirs.move(Status.FIXING, by=DECLARER, at=after(1), terms=TERMS)
        await unit.incidents.save(theirs)
        await unit.commit()
    mine.move(Status.MONITORING, by=DECLARER, at=after(2), terms=TERMS)

    with pytest.raises(Overtaken, match="Somebody else changed INC-1"):
        async with work() as unit:
            await unit.incidents.save(mine)

    async with work() as unit:
        found = await unit.incidents.get(mine.id, seen_by=SYSTEM)
    assert found.state.status is Status.FIXING


async def test_who_declares_and_who_gets_a_role_is_a_member(work: OpensWork) -> None:
    incident = await declared(work)
    incident.assign(Role.SCRIBE, UserId("U9"), by=DECLARER, at=after(1))

    async with work() as unit:
        await unit.incidents.save(incident)
        await unit.commit()

    async with work() as unit:
        assert await unit.members.of(incident.id) == {DECLARER.user, "U9"}


async def test_where_our_messages_stand_is_remembered(work: OpensWork) -> None:
    incident = await declared(work)

    async with work() as unit:
        await unit.posts.put(incident.id, "card", Posted(channel=ChannelId("C1"), ts="1.0", version=1))
        await unit.posts.put(incident.id, "card", Posted(channel=ChannelId("C1"), ts="1.0", version=4))
        await unit.commit()

    async with work() as unit:
        assert await unit.posts.get(incident.id, "card") == Posted(
            channel=ChannelId("C1"), ts="1.0", version=4
        )
        assert await unit.posts.get(incident.id, "announcement") is None


async def test_an_incident_that_is_not_there_is_not_found(work: OpensWork) -> None:
    async with work() as unit:
        with pytest.raises(NotFound, match="INC-7"):
            await unit.incidents.get(IncidentId(7), seen_by=SYSTEM)


async def test_a_unit_of_work_inside_another_is_refused_rather_than_waited_for(work: OpensWork) -> None:
    async with work():
        with pytest.raises(RuntimeError, match="already open"):
            async with work():
                pass


async def test_it_can_be_told_whether_a_unit_of_work_is_open(work: OpensWork) -> None:
    asked = asyncio.Event()

    async def later() -> bool:
        await asked.wait()
        return unit_of_work_open()

    async with work():
        inside = unit_of_work_open()
        task = asyncio.create_task(later())
    asked.set()

    assert inside
    assert not unit_of_work_open()
    assert not await task


@pytest.mark.parametrize(
    "change", ["UPDATE facts SET name = 'other'", "DELETE FROM facts"], ids=["update", "delete"]
)
async def test_facts_only_grow(database: Database, work: OpensWork, change: str) -> None:
    await declared(work)

    with pytest.raises(DBAPIError, match="facts only grow"):
        async with database._writing.begin() as connection:  # noqa: SLF001 - as somebody with a SQL shell
            await connection.execute(text(change))


async def test_the_database_itself_refuses_what_is_no_status(database: Database, work: OpensWork) -> None:
    await declared(work)

    with pytest.raises(IntegrityError):
        async with database._writing.begin() as connection:  # noqa: SLF001 - as somebody with a SQL shell
            await connection.execute(text("UPDATE incidents SET status = 'on fire'"))


async def test_a_time_without_a_zone_is_refused(work: OpensWork) -> None:
    naive = datetime(2026, 11, 22, 10)  # noqa: DTZ001 - the mistake that this is about

    with pytest.raises((StatementError, ValueError), match="timezone"):
        async with work() as unit:
            await unit.outbox.enqueue([JobSpec(kind="k", key="k", due_at=naive)])


async def test_facts_hold_no_words(database: Database, work: OpensWork) -> None:
    await declared(work, title="Geheimnis", summary="Geheimnis")

    async with database.read() as connection:
        facts = (await connection.execute(select(FACTS.c.data))).scalars().all()
        lists = (await connection.execute(select(INCIDENTS))).mappings().all()
        words = (await connection.execute(select(func.count()).select_from(TEXTS))).scalar_one()
        jobs = (await connection.execute(select(JOBS))).mappings().all()
    assert "Geheimnis" not in f"{facts} {lists} {jobs}"
    assert words == 2


async def test_a_fact_of_newer_code_is_passed_over(database: Database, work: OpensWork) -> None:
    incident = await declared(work)

    async with database._writing.begin() as connection:  # noqa: SLF001 - as newer code would
        await connection.execute(
            text(
                "INSERT INTO facts (stream_type, stream_id, incident, seq, name, "
                '"by", occurred_at, recorded_at, data) SELECT stream_type, stream_id, incident, '
                "2, 'moon_landed', \"by\", occurred_at, recorded_at, data FROM facts"
            )
        )

    history = await Reads(database).history(incident.id, seen_by=Actor.person("U1"))
    assert [fact.stored_as for fact in history] == ["incident_declared"]
