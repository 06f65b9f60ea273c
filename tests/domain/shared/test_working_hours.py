"""When a team is at work, through both changes of the clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.shared.working_hours import WorkingHours, fitting

BERLIN, NEW_YORK, KOLKATA = (ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata"))


def hours(zone: ZoneInfo = BERLIN, opens: time = time(9), closes: time = time(18)) -> WorkingHours:
    return WorkingHours(zone=zone, days=frozenset(range(5)), opens=opens, closes=closes)


def utc(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        # Inside: untouched.
        (utc(2026, 11, 20, 8, 0), utc(2026, 11, 20, 8, 0)),
        (utc(2026, 11, 20, 16, 59), utc(2026, 11, 20, 16, 59)),
        # Before the opening, at closing time, on Saturday.
        (utc(2026, 11, 20, 5, 0), utc(2026, 11, 20, 8, 0)),
        (utc(2026, 11, 20, 17, 0), utc(2026, 11, 23, 8, 0)),
        (utc(2026, 11, 21, 10, 0), utc(2026, 11, 23, 8, 0)),
    ],
)
def test_what_is_not_urgent_waits_for_the_next_opening(at: datetime, opens: datetime) -> None:
    assert hours().next_open(at) == opens


@pytest.mark.parametrize(
    ("zone", "friday", "monday"),
    [
        # Clocks go forward on the Sunday between.
        (BERLIN, utc(2026, 3, 27, 20, 0), utc(2026, 3, 30, 7, 0)),
        (NEW_YORK, utc(2026, 3, 6, 23, 30), utc(2026, 3, 9, 13, 0)),
        # Clocks go back.
        (BERLIN, utc(2026, 10, 23, 20, 0), utc(2026, 10, 26, 8, 0)),
        (NEW_YORK, utc(2026, 10, 30, 23, 30), utc(2026, 11, 2, 14, 0)),
        # A zone without either, on half hours.
        (KOLKATA, utc(2026, 3, 27, 20, 0), utc(2026, 3, 30, 3, 30)),
    ],
)
def test_nine_oclock_is_nine_oclock_when_the_clocks_have_changed(
    zone: ZoneInfo, friday: datetime, monday: datetime
) -> None:
    assert hours(zone).next_open(friday) == monday
    assert monday.astimezone(zone).time() == time(9)


def test_an_opening_that_the_clocks_skip_is_an_hour_later() -> None:
    nightly = WorkingHours(zone=BERLIN, days=frozenset(range(7)), opens=time(2, 30), closes=time(18))

    opening = nightly.next_open(utc(2026, 3, 28, 20, 0))

    assert opening.astimezone(BERLIN).time() == time(3, 30)


def test_an_hour_that_comes_twice_opens_nothing_in_the_past() -> None:
    nightly = WorkingHours(zone=BERLIN, days=frozenset(range(7)), opens=time(2, 45), closes=time(18))
    second_half_past_two = utc(2026, 10, 25, 1, 30)

    assert nightly.next_open(second_half_past_two) >= second_half_past_two


moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
clock_times = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(
    at=moments,
    zone=st.sampled_from([BERLIN, NEW_YORK, KOLKATA, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    opens=clock_times,
    closes=clock_times,
)
def test_the_next_opening_is_never_past_is_on_a_working_day_and_stays(
    at: datetime, zone: ZoneInfo, days: frozenset[int], opens: time, closes: time
) -> None:
    assume(opens < closes)
    # An hour that the clocks skip may swallow hours this short.
    assume((closes.hour - opens.hour) * 60 + closes.minute - opens.minute > 60)
    open_hours = WorkingHours(zone=zone, days=days, opens=opens, closes=closes)

    opening = open_hours.next_open(at)

    local = opening.astimezone(zone)
    assert at <= opening <= at + timedelta(days=8)
    assert local.weekday() in days
    assert opens <= local.time() < closes
    assert open_hours.next_open(opening) == opening


def test_without_hours_nothing_waits() -> None:
    assert fitting(utc(2026, 11, 21, 3, 0), None) == utc(2026, 11, 21, 3, 0)


@pytest.mark.parametrize(
    ("days", "opens", "closes"),
    [
        (frozenset[int](), time(9), time(18)),
        (frozenset({0}), time(18), time(9)),
        (frozenset({0}), time(9), time(9)),
    ],
)
def test_hours_that_never_open_are_refused(days: frozenset[int], opens: time, closes: time) -> None:
    with pytest.raises(ValueError, match="must open before they close"):
        WorkingHours(zone=BERLIN, days=days, opens=opens, closes=closes)
