"""A world a story, on SQLite unless the story is about the database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.databases import database_kind, database_url, fresh
from tests.world import World, world


@pytest_asyncio.fixture
async def sqlite_url(tmp_path: Path) -> AsyncIterator[str]:
    """Yield the URL of a migrated, empty SQLite database."""
    async with fresh("sqlite", tmp_path) as url:
        yield url


@pytest_asyncio.fixture
async def here(sqlite_url: str) -> AsyncIterator[World]:
    """Yield a world with the default policy."""
    async with world(sqlite_url) as made:
        yield made


__all__ = ["database_kind", "database_url", "here", "sqlite_url"]
