"""Units of work on each kind of database, with real time moved by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.usecases.ports import OpensWork
from storage.engine import Database
from storage.work import opens_work
from tests.databases import bare_url, database, database_kind, database_url

__all__ = ["bare_url", "database", "database_kind", "database_url", "work"]


class Clock:
    """Real time, moved by hand; far from today, so that nothing else can pass for it."""

    def __init__(self) -> None:
        self.now = datetime(2031, 3, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def work(database: Database, clock: Clock) -> OpensWork:
    """Return what opens units of work in which facts lead to nothing."""
    return opens_work(database, lambda _incident, _facts: (), lambda: None, clock=clock)
