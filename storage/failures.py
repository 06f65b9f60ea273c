"""What a database answers instead of doing its work, in words that say whose turn it is, and no secret."""

import socket
import sqlite3
from collections.abc import Iterator
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import log
from bot.usecases.ports import StorageFailure


class CannotOpen(StorageFailure):
    """The database cannot be used; the message is one sentence that says why, without any password."""


UNREACHABLE = (
    OSError,
    SQLAlchemyError,
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    CannotOpen,
)
"""What is raised when a database cannot be reached or refuses us."""

_MIGRATE = "Run `warroom migrate`."
_LOOK = (
    "Look whether it runs and answers, and whether WARROOM_DATABASE_URL names its host, port, user, password "
    "and database."
)


def cannot_use(error: BaseException, *, name: str, url: URL) -> CannotOpen:
    """Return why a database cannot be used, as a sentence for people; ``name`` is what it is called."""
    if isinstance(error, CannotOpen):
        return error
    chain = list(_chain(error))
    reason = next((why for one in chain if (why := _reason(one, url))), None)
    if reason is None:
        words = log.redact(str(getattr(error, "orig", None) or error)).strip().split("\n")[0]
        reason = words or type(error).__name__
    return CannotOpen(f"The database {name} cannot be used: {reason}", remedy=_LOOK)


def must_migrate(why: str) -> CannotOpen:
    """Return that a database is not there yet, or is older than this code."""
    return CannotOpen(why, remedy=_MIGRATE)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop(0)
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [getattr(one, "orig", None), one.__cause__, one.__context__]


def _reason(error: BaseException, url: URL) -> str | None:
    host = url.host or str(url.query.get("host", "the host"))
    place = host if host.startswith("/") else f"{host}:{url.port or 5432}"
    if isinstance(error, socket.gaierror):
        return f"the host {host} is not known."
    if isinstance(error, TimeoutError):
        return f"{place} did not answer in time."
    if isinstance(error, ConnectionRefusedError | FileNotFoundError) or "Connect call failed" in str(error):
        return f"nothing answers at {place}." if url.get_backend_name() == "postgresql" else None
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"{place} refuses the user or the password."
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return f"there is no database “{url.database}” at {place}."
    return None


def keep_words_out(engine: AsyncEngine) -> None:
    """Take what people wrote out of an engine's errors: PostgreSQL quotes whole rows to explain itself."""
    event.listen(engine.sync_engine, "handle_error", _without_rows)


def _without_rows(context: ExceptionContext) -> None:
    for error in _chain(context.original_exception):
        if getattr(error, "detail", None):
            error.detail = None  # type: ignore[attr-defined]
        error.args = tuple(_first_line(arg) for arg in error.args)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = tuple(
            _first_line(arg) for arg in context.sqlalchemy_exception.args
        )


def _first_line(arg: Any) -> Any:  # noqa: ANN401 - an error holds anything
    return arg.split("\n")[0] if isinstance(arg, str) else arg
