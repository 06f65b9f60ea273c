"""What recurs is planned once a slot, also the slot that was missed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from freezegun import freeze_time

from bot.jobs.calendar import Calendar, Recurring, by_day
from bot.usecases.ports import JobSpec
from storage.queries import Reads
from tests.jobs.conftest import Bench, Clock

SWEEP = Recurring(kind="sweep", cron="0 3 * * *", key=by_day)
BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


async def plan_at(*times: datetime, recurring: Recurring = SWEEP) -> list[JobSpec]:
    """Return all that one calendar plans when it looks at these times."""
    planned: list[JobSpec] = []

    async def enqueue(owed: list[JobSpec]) -> None:
        planned.extend(owed)

    clock = Clock()
    calendar = Calendar(enqueue, clock, [recurring])  # type: ignore[arg-type]
    for time in times:
        clock.now = time
        await calendar.plan_due()
    return planned


async def test_the_slot_that_was_missed_is_planned_at_the_start(bench: Bench) -> None:
    bench.business.now = at(22, 9)
    calendar = Calendar(lambda owed: bench.enqueue(*owed), bench.business, [SWEEP])

    await calendar.start()
    await calendar.stop()

    (line,) = await Reads(bench.database).jobs()
    assert (line.kind, line.key, line.due_at) == ("sweep", "sweep:2026-11-22", at(22, 3))


async def test_a_slot_is_planned_once_by_any_number_of_processes(bench: Bench) -> None:
    bench.business.now = at(22, 9)
    calendars = [Calendar(lambda owed: bench.enqueue(*owed), bench.business, [SWEEP]) for _ in range(3)]

    for calendar in calendars:
        await calendar.plan_due()
    bench.business.pass_(hours=24)
    for calendar in calendars:
        await calendar.plan_due()

    lines = await Reads(bench.database).jobs()
    assert [line.key for line in lines] == ["sweep:2026-11-22", "sweep:2026-11-23"]


async def test_many_missed_slots_of_a_series_come_to_one() -> None:
    planned = await plan_at(at(1, 4), at(22, 9))

    assert [owed.key for owed in planned] == ["sweep:2026-11-01", "sweep:2026-11-22"]


async def test_a_clock_set_back_plans_nothing_new_when_it_comes_again() -> None:
    planned = await plan_at(at(22, 9), at(22, 9), at(22, 4))

    assert [owed.key for owed in planned] == ["sweep:2026-11-22"]


async def test_what_could_not_be_planned_is_planned_the_next_time(bench: Bench) -> None:
    tries: list[int] = []

    async def enqueue(owed: object) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError
        await bench.enqueue(*owed)  # type: ignore[misc]

    bench.business.now = at(22, 9)
    calendar = Calendar(enqueue, bench.business, [SWEEP])

    with pytest.raises(ConnectionError):
        await calendar.plan_due()
    await calendar.plan_due()

    assert [line.key for line in await Reads(bench.database).jobs()] == ["sweep:2026-11-22"]


@pytest.mark.parametrize(
    ("recurring", "now", "newest"),
    [
        (Recurring(kind="digest", cron="0 9 * * mon", zone=BERLIN), at(22, 12), at(16, 8)),
        (Recurring(kind="digest", cron="*/5 * * * *"), at(22, 12, 3), at(22, 12, 0)),
        (Recurring(kind="yearly", cron="0 0 1 1 *"), at(22, 12), datetime(2026, 1, 1, tzinfo=UTC)),
        (Recurring(kind="look", cron="0 3 * * *"), at(22, 3), at(22, 3)),
        (Recurring(kind="look", cron="0 3 30 2 *"), at(22, 3), None),
    ],
    ids=["weekly", "every 5 minutes", "yearly", "on the dot", "never"],
)
def test_the_newest_slot_is_the_latest_that_has_come(
    recurring: Recurring, now: datetime, newest: datetime | None
) -> None:
    assert recurring.newest_slot(now) == newest


async def test_both_changes_of_the_clocks_plan_each_day_once() -> None:
    at_half_past_two = Recurring(kind="sweep", cron="30 2 * * *", zone=BERLIN, key=by_day)
    hours = [at(28, 0, month=3) + timedelta(hours=n) for n in range(72)]
    hours += [at(24, 0, month=10) + timedelta(hours=n) for n in range(72)]

    planned = await plan_at(*hours, recurring=at_half_past_two)

    days = [owed.key for owed in planned]
    assert len(days) == len(set(days))
    assert {"sweep:2026-10-24", "sweep:2026-10-25", "sweep:2026-10-26"} <= set(days)


async def test_the_scheduler_plans_when_the_time_comes(bench: Bench) -> None:
    with freeze_time(at(22, 9), real_asyncio=True):
        bench.business.now = at(22, 9)
        calendar = Calendar(lambda owed: bench.enqueue(*owed), bench.business, [SWEEP])
        await calendar.start()
        next_times = {job.name: job.next_run_time for job in calendar._scheduler.get_jobs()}  # noqa: SLF001
        await calendar.stop()

    assert next_times["sweep"] == at(23, 3)
    assert next_times["catch up"] == at(22, 9, 5)


def test_what_recurs_says_when_in_words_that_can_be_read() -> None:
    with pytest.raises(ValueError, match="Wrong number of fields"):
        Recurring(kind="sweep", cron="at noon")


async def test_what_is_due_at_the_start_is_planned_by_each_process_that_begins(bench: Bench) -> None:
    mend = Recurring(kind="mend", cron="0 0 1 1 *", at_start=True)
    for minute in (0, 1):
        bench.business.now = at(22, 9, minute)
        calendar = Calendar(lambda owed: bench.enqueue(*owed), bench.business, [mend])
        await calendar.start()
        await calendar.stop()

    lines = [line for line in await Reads(bench.database).jobs() if ":start:" in line.key]
    assert [line.due_at for line in lines] == [at(22, 9), at(22, 9, 1)]
