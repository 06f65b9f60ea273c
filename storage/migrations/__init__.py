"""How the tables came to be: alembic's revisions, and which code each schema serves.

Alembic itself is imported by `storage.upgrade`, and only where there is something to migrate.
"""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent

CODE = 2
"""This code, as `schema_info.min_code` counts it: one more whenever a schema leaves older code behind."""


@cache
def known() -> frozenset[str]:
    """Return all revisions this code knows: their files' names begin with them."""
    return frozenset(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*_*.py"))


def head() -> str:
    """Return the newest revision this code knows."""
    return max(known())
