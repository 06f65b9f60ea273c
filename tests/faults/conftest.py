"""A sandbox, a bot in it, and the checker that looks at both; on SQLite unless a test is about replicas."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.databases import fresh
from tests.faults.acts import watched
from tests.faults.checker import Checker
from tests.world import World


@pytest_asyncio.fixture
async def sqlite_url(tmp_path: Path) -> AsyncIterator[str]:
    """Yield the URL of a migrated, empty SQLite database."""
    async with fresh("sqlite", tmp_path) as url:
        yield url


@pytest_asyncio.fixture
async def postgresql_url(tmp_path: Path) -> AsyncIterator[str]:
    """Yield the URL of a migrated, empty database of a real PostgreSQL."""
    async with fresh("postgresql", tmp_path) as url:
        yield url


@pytest_asyncio.fixture
async def under_watch(sqlite_url: str) -> AsyncIterator[tuple[World, Checker]]:
    """Yield a world with the default policy, and its checker."""
    async with watched(sqlite_url) as both:
        yield both
