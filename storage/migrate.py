"""Creates the tables, or brings those of older code up to date."""

import os

from storage.engine import Database, Schema
from storage.failures import UNREACHABLE, CannotOpen


async def migrate(database: Database) -> None:
    """Make the database fit this code; where it does already, nothing is touched.

    Replicas that start at once wait for each other. Raises `CannotOpen` with a sentence where the database
    cannot be made or reached, or is of newer code that no longer serves this one.
    """
    if database.is_sqlite:
        _make_file(database)
    state = await database.schema_state()
    if state is Schema.NEWER:
        raise too_new(database)
    if state is Schema.CURRENT:
        return
    from storage.upgrade import upgrade  # noqa: PLC0415 - see there; here, so that no lock waits for it

    try:
        async with database.migrating() as connection:
            await connection.run_sync(upgrade)
    except UNREACHABLE as error:
        raise database.refusal(error) from error


def too_new(database: Database) -> CannotOpen:
    """Return that a database was made by newer code, which no longer serves this one."""
    msg = f"The database {database} was made by a newer Warroom. Start that one, or newer."
    return CannotOpen(msg, remedy="Start the newer Warroom; this one cannot use its database.")


def _make_file(database: Database) -> None:
    """Make an empty file that its owner alone can read: private incidents will be in it."""
    try:
        handle = os.open(database.path, os.O_CREAT | os.O_RDWR, 0o600)
    except FileNotFoundError:
        msg = f"The database {database} cannot be made: the folder {database.path.parent} does not exist."
        raise CannotOpen(msg) from None
    except OSError as error:
        msg = f"The database {database} cannot be written: {error.strerror}."
        raise CannotOpen(msg) from None
    os.close(handle)
