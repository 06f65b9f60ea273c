"""Opens and migrates the database that the settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import Settings
from storage.engine import Database, Schema
from storage.failures import must_migrate
from storage.migrate import migrate as upgrade
from storage.migrate import too_new


@asynccontextmanager
async def opened(url: str, *, create: bool) -> AsyncIterator[Database]:
    """Open a database; with ``create`` it is made and migrated, without it has to be there.

    Raises ``CannotOpen`` with one sentence that names the path and what to do.
    """
    database = Database.open(url)
    try:
        state = await database.schema_state()
        if state is Schema.NONE and not create:
            msg = f"There is no Warroom database at {database}. `warroom run` or `warroom migrate` makes one."
            raise must_migrate(msg)
        if state is Schema.NEWER:
            raise too_new(database)
        if state is not Schema.CURRENT and (create or state is Schema.OLD):
            if not create:
                msg = f"The database at {database} is older than this Warroom: run `warroom migrate` first."
                raise must_migrate(msg)
            await upgrade(database)
        yield database
    finally:
        await database.close()


async def migrate(settings: Settings) -> str:
    """Create or upgrade the database; returns what was done, in words."""
    database = Database.open(settings.database_url.get_secret_value())
    try:
        before = await database.schema_state()
        await upgrade(database)
    finally:
        await database.close()
    if before is Schema.NONE:
        return f"created {database}"
    return f"{database} was current" if before is Schema.CURRENT else f"upgraded {database}"
