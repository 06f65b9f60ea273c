"""A snapshot is a shortcut: with it an incident is what its facts add up to, and without it as well."""

import json
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.state import State, fold
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import SYSTEM, ChannelId, IncidentId, Milestone, Role, Status, UserId
from bot.usecases.ports import OpensWork, Urgency
from storage import snapshots
from storage.engine import Database
from storage.queries import Reads
from storage.tables import SNAPSHOTS
from tests.builders import COMMANDER, DECLARER, EXPERT, SEV1, TERMS, after, an_incident, report_draft

Step = Callable[[Incident, int], None]
STEPS: tuple[Step, ...] = (
    lambda i, n: i.open_room(ChannelId("C1"), "inc-1", by=SYSTEM, at=after(n)),
    lambda i, n: i.assign(Role.COMMANDER, COMMANDER, by=DECLARER, at=after(n)),
    lambda i, n: i.assign(Role.COMMANDER, EXPERT, by=DECLARER, at=after(n)),
    lambda i, n: i.assign(Role.SME, EXPERT, by=DECLARER, at=after(n), workstream=f"stream {n}"),
    lambda i, n: i.report(report_draft(needs=(f"Need {n}",)), by=DECLARER, at=after(n)),
    lambda i, n: i.note(f"Note {n}", by=DECLARER, at=after(n)),
    lambda i, n: i.mark(f"{n}.0", by=DECLARER, at=after(n), said_at=after(n)),
    lambda i, n: i.rate(SEV1, by=DECLARER, at=after(n), terms=TERMS, reason="Worse"),
    lambda i, n: i.move(Status.FIXING, by=DECLARER, at=after(n), terms=TERMS, reason="Again"),
    lambda i, n: i.move(Status.RESOLVED, by=DECLARER, at=after(n), terms=TERMS, reason="Good"),
    lambda i, n: i.correct(Milestone.DETECTED, after(0), "Later", by=DECLARER, at=after(n)),
    lambda i, n: i.own_postmortem(UserId("U9"), by=DECLARER, at=after(n)),
    lambda i, n: i.snooze("report", after(n + 60), by=DECLARER, at=after(n)),
)


def lived(steps: list[Step]) -> Incident:
    """Return an incident to which all of this happened, as far as its rules let it."""
    incident = an_incident(summary="Since the night run")
    for number, step in enumerate(steps, start=1):
        try:
            step(incident, number)
        except Refused:
            continue
    return incident


@settings(deadline=None, max_examples=200)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=25), data=st.data())
def test_a_snapshot_and_what_came_after_add_up_to_what_all_facts_do(
    steps: list[Step], data: st.DataObject
) -> None:
    whole = lived(steps)
    cut = data.draw(st.integers(1, len(whole.new_facts)))
    state = State()
    for fact in whole.new_facts[:cut]:
        state = fold(fact, state)

    state = snapshots.from_json(json.loads(json.dumps(snapshots.to_json(state))))
    for fact in whole.new_facts[cut:]:
        state = fold(fact, state)

    assert state == whole.state


async def a_long_one(work: OpensWork) -> Incident:
    incident = lived([*STEPS[:5], *[STEPS[5]] * 60])
    incident.id = IncidentId(0)
    async with work() as unit:
        await unit.incidents.add(incident)
        await unit.commit()
    for number in range(70, 75):
        async with work() as unit:
            again = await unit.incidents.get(incident.id, seen_by=SYSTEM)
            again.report(report_draft(needs=(f"Need {number}",)), by=DECLARER, at=after(number))
            await unit.incidents.save(again)
            await unit.commit()
    return incident


async def stored(database: Database) -> list[int]:
    async with database.read() as connection:
        return list((await connection.execute(select(SNAPSHOTS.c.seq))).scalars())


async def test_a_long_incident_is_the_same_with_its_snapshot_and_without(
    database: Database, work: OpensWork
) -> None:
    incident = await a_long_one(work)
    reads = Reads(database)

    at = await stored(database)
    short = await reads.incident(incident.id, seen_by=SYSTEM)
    async with database.write(Urgency.REQUEST) as connection:
        await connection.execute(delete(SNAPSHOTS))
        await connection.commit()
    whole = await reads.incident(incident.id, seen_by=SYSTEM)

    assert at == [incident.version]
    assert (short.state, short.version, short.length) == (whole.state, whole.version, whole.length)
    assert len(short.texts) < len(whole.texts)
    assert short.texts.items() <= whole.texts.items()
    assert short.title == "Orders are late"
    for report in short.state.reports:
        assert short.text(report.conditions)
        assert [short.text(need) for need in report.needs] == [whole.text(need) for need in report.needs]


async def test_a_snapshot_of_other_rules_is_left_aside_and_replaced(
    database: Database, work: OpensWork
) -> None:
    incident = await a_long_one(work)
    async with database.write(Urgency.REQUEST) as connection:
        await connection.execute(update(SNAPSHOTS).values(fingerprint="other code", state={"shape": "other"}))
        await connection.commit()

    async with work() as unit:
        found = await unit.incidents.get(incident.id, seen_by=SYSTEM)
        found.note("Still here", by=DECLARER, at=after(99))
        await unit.incidents.save(found)
        await unit.commit()

    assert found.title == "Orders are late"
    assert await stored(database) == [found.version]
    assert (await Reads(database).incident(incident.id, seen_by=SYSTEM)).state == found.state


async def test_a_damaged_snapshot_is_left_aside(database: Database, work: OpensWork) -> None:
    incident = await a_long_one(work)
    async with database.write(Urgency.REQUEST) as connection:
        await connection.execute(update(SNAPSHOTS).values(state={"severity": 7}))
        await connection.commit()

    assert (await Reads(database).incident(incident.id, seen_by=SYSTEM)).title == "Orders are late"


async def test_a_short_incident_has_no_snapshot(database: Database, work: OpensWork) -> None:
    async with work() as unit:
        await unit.incidents.add(an_incident(number=0))
        await unit.commit()

    assert await stored(database) == []
