"""Database URLs as people write them, turned into those of the drivers; a mistake is one clear sentence."""

from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

EXAMPLES = "sqlite:///warroom.db or postgresql://user:password@host/database"
_OPTIONS = frozenset({"host", "port", "ssl", "sslmode"})


def parse(url: str) -> URL:
    """Return the URL for our drivers; raises ``ValueError`` with a sentence that never holds the password.

    A SQLite path is made absolute here, so that a later change of folder does not move the database.
    """
    try:
        given = make_url(url.strip())
    except (ArgumentError, ValueError):
        msg = f"The database URL cannot be read. Write it like {EXAMPLES}."
        raise ValueError(msg) from None
    if "@" in (given.host or "") or "@" in (given.database or ""):
        # What stands before the last @ was meant for the password: neither part is shown.
        msg = "The database URL has more than one @. In the password write @ as %40, / as %2F and : as %3A."
        raise ValueError(msg)
    name = given.drivername.split("+")[0]
    if name == "sqlite":
        return _sqlite(given)
    if name in {"postgresql", "postgres"}:
        return _postgresql(given)
    msg = f"Databases of the kind “{name}” are not supported. Write the URL like {EXAMPLES}."
    raise ValueError(msg)


def sqlite_uri(path: Path) -> URL:
    """Return the URL that opens an existing SQLite file and never makes one."""
    query = {"mode": "rw", "uri": "true"}
    return URL.create("sqlite+aiosqlite", database=f"file:{quote(str(path))}", query=query)


def _sqlite(given: URL) -> URL:
    if given.host or given.query:
        msg = "A SQLite URL has three slashes and a path, and no options: sqlite:///warroom.db."
        raise ValueError(msg)
    if not given.database or given.database == ":memory:":
        msg = "A SQLite database is a file, so that it survives a restart: sqlite:///warroom.db."
        raise ValueError(msg)
    return URL.create("sqlite+aiosqlite", database=str(Path(given.database).expanduser().absolute()))


def _postgresql(given: URL) -> URL:
    unknown = sorted(set(given.query) - _OPTIONS)
    if unknown:
        msg = f"The database URL has the option “{unknown[0]}”; only {', '.join(sorted(_OPTIONS))} are known."
        raise ValueError(msg)
    if not given.database or not (given.host or "host" in given.query):
        missing = "host" if given.database else "database"
        msg = f"The database URL names no {missing}. Write it like {EXAMPLES}."
        raise ValueError(msg)
    query = dict(given.query)
    # asyncpg calls it ``ssl`` and takes the same words.
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return given.set(drivername="postgresql+asyncpg", query=query)
