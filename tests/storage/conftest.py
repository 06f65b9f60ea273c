"""Units of work on each kind of database."""

import pytest

from bot.usecases.ports import OpensWork
from storage.engine import Database
from storage.work import opens_work
from tests.databases import bare_url, database, database_kind, database_url

__all__ = ["bare_url", "database", "database_kind", "database_url", "work"]


@pytest.fixture
def work(database: Database) -> OpensWork:
    """Return what opens units of work in which facts lead to nothing."""
    return opens_work(database, lambda _incident, _facts: (), lambda: None)
