"""Moves the calendar for a whole test run: ``python -m pytest -p tests.another_day``.

It is WARROOM_TEST_DAYS_ON days later then. Only the wall clock moves, and only for what is ours: the
monotonic clock, which waits are measured by, stays, and so does PostgreSQL's. (`faketime` also bends
sleeping, which Python then refuses with "Invalid argument".)
"""

import os
import sys
import time
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import slack_sdk.signature

ON = timedelta(days=int(os.environ.get("WARROOM_TEST_DAYS_ON", "400")))
OURS = ("bot", "storage", "tests")


class _Kind(type):
    """Takes every datetime for one of ours."""

    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, datetime)


class MovedDatetime(datetime, metaclass=_Kind):
    """Datetimes as they are, except that it is later now; what it makes are plain ones."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return datetime(*args, **kwargs)  # noqa: DTZ001 - whoever calls gives the zone, or means to have none

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) + ON

    @classmethod
    def utcnow(cls) -> Any:
        return datetime.now(UTC).replace(tzinfo=None) + ON


def pytest_collection_finish() -> None:
    """Move the clock once everything is imported, so that nothing is built on another class than before."""
    real = time.time
    time.time = lambda: real() + ON.total_seconds()
    # Slack's own library holds on to the function: what it checks is signed by the same calendar.
    vars(slack_sdk.signature)["time"] = time.time
    for name, module in tuple(sys.modules.items()):
        if (
            name.partition(".")[0] in OURS
            and name != __name__
            and getattr(module, "datetime", None) is datetime
        ):
            module.datetime = MovedDatetime  # type: ignore[attr-defined]


def pytest_report_header() -> str:
    """Say in the report which day it is."""
    return f"another day: {MovedDatetime.now(UTC):%A, %-d %B %Y}"
