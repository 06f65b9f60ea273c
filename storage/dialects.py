"""What the two databases do not share: INSERT with ON CONFLICT, and which characters they take."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def is_postgresql(connection: AsyncConnection) -> bool:
    """Return whether a connection speaks to PostgreSQL."""
    return connection.dialect.name == "postgresql"


def insert_into(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return postgresql.insert(table) if is_postgresql(connection) else sqlite.insert(table)


def storable(words: str) -> str:
    """Return words without what a database refuses: NUL (PostgreSQL) and half surrogate pairs (both)."""
    return words.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
