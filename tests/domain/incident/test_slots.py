"""When something that is asked for again comes next: what has come, what comes, never anything twice."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incident.slots import Series
from bot.domain.shared.working_hours import WorkingHours, fitting

BERLIN = WorkingHours(
    zone=ZoneInfo("Europe/Berlin"), days=frozenset(range(5)), opens=time(9), closes=time(17)
)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a time in November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(23, 9, 59), [at(23, 10)]),
        (at(23, 10), [at(23, 10), at(23, 14)]),
        (at(23, 15), [at(23, 14), at(23, 16)]),
        (at(23, 16), [at(23, 16), at(23, 17)]),
        (at(23, 19, 30), [at(23, 19), at(23, 20)]),
        (at(30, 19, 30), [at(30, 19), at(30, 20)]),
    ],
)
def test_the_newest_that_has_come_and_the_next_are_waiting(now: datetime, expected: list[datetime]) -> None:
    series = Series(times=(at(23, 10), at(23, 14), at(23, 16)), again=HOUR)

    assert list(series.around(now)) == expected


def test_outside_working_hours_it_waits_for_the_opening_and_goes_on_from_there() -> None:
    series = Series(times=(at(23, 10),), again=4 * HOUR, hours=BERLIN)

    assert series.around(at(23, 15)) == (at(23, 14), at(24, 8))
    assert series.around(at(24, 8)) == (at(24, 8), at(24, 12))
    assert series.around(at(28, 12)) == (at(27, 12), at(30, 8))


def test_quiet_ends_with_being_asked_and_the_series_goes_on_from_then() -> None:
    series = Series(times=(at(23, 10),), again=HOUR).quiet_until(at(23, 12, 20))

    assert series.around(at(23, 10)) == (at(23, 12, 20),)
    assert series.around(at(23, 13)) == (at(23, 12, 20), at(23, 13, 20))


def test_quiet_that_is_over_before_it_begins_moves_nothing() -> None:
    series = Series(times=(at(23, 10),), again=HOUR)

    assert series.quiet_until(at(23, 10)) == series


@given(
    start=st.integers(0, 14 * 24 * 60),
    again=st.integers(1, 30 * 60),
    ahead=st.integers(0, 10 * 24 * 60),
    spread=st.booleans(),
)
def test_skipping_ahead_finds_what_counting_finds(
    start: int, again: int, ahead: int, *, spread: bool
) -> None:
    hours = WorkingHours(
        zone=ZoneInfo("Europe/Berlin"),
        days=frozenset(range(5)) if spread else frozenset({1, 2, 6}),
        opens=time(9) if spread else time(0, 5),
        closes=time(17) if spread else time(23, 50),
    )
    # Two weeks around the day on which clocks go back.
    first = datetime(2026, 10, 15, tzinfo=UTC) + start * MINUTE
    now = first + ahead * MINUTE
    step = again * MINUTE

    counted, following = [], fitting(first, hours)
    while following <= now:
        counted.append(following)
        following = fitting(following + step, hours)

    expected = (*counted[-1:], following)
    assert Series(times=(fitting(first, hours),), again=step, hours=hours).around(now) == expected
