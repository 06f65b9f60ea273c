"""The border of the process: refusals are a sentence, surprises a reference, and neither is a traceback."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import typer
from typer.core import TyperGroup

from bot.cli.people import IN_SLACK
from bot.cli.wiring import wiring
from bot.domain.shared.errors import Refused
from bot.usecases.ports.work import StorageFailure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.settings import Settings
    from bot.usecases.ports import Ports

REFUSED = 2
"""The exit code for what the person who typed can put right."""

Result = TypeVar("Result")


class Bordered(TyperGroup):
    """The root command: whatever a command raises ends here."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the library's own types are private
        """Run the command; refusals exit with 2, unexpected errors with 1 and a reference to the log."""
        try:
            return super().invoke(ctx)
        except (Refused, StorageFailure) as refused:
            from bot.cli.screen import plain  # noqa: PLC0415 - only now needed

            typer.echo(plain(refused.why), err=True)
            raise typer.Exit(REFUSED) from None
        except (typer.Abort, typer.Exit, typer.TyperException, BrokenPipeError):
            raise
        except Exception as wrong:  # noqa: BLE001 - the border of the process
            reference = uuid4().hex[:8]
            _record(reference, wrong)
            typer.echo(f"Something went wrong, reference {reference}. The log has the details.", err=True)
            raise typer.Exit(1) from None


def _record(reference: str, wrong: Exception) -> None:
    import structlog  # noqa: PLC0415 - only now needed

    from bot import log  # noqa: PLC0415 - as above

    if not structlog.is_configured():
        # Unconfigured it would print to standard output, the values of local variables included.
        log.configure()
    log.get(__name__).error("command_failed", reference=reference, command=sys.argv[1:3], exc_info=wrong)


def settled(*, serving: bool = False) -> Settings:
    """Return the settings, logs set up; in the shell only warnings get between the person and the answer."""
    from bot import log  # noqa: PLC0415 - only now needed
    from bot.settings import load  # noqa: PLC0415 - only now needed

    settings = load()
    level = settings.log_level if serving or settings.log_level in {"DEBUG", "ERROR"} else "WARNING"
    log.configure(level=level, json=settings.log_json)
    return settings


def await_(doing: Coroutine[Any, Any, Result], *, serving: bool = False) -> Result:
    """Return what a coroutine comes to, on a loop of its own; to serve, on the quickest there is."""
    with asyncio.Runner(loop_factory=_quickest() if serving else None) as runner:
        return runner.run(doing)


def _quickest() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - only to serve, and not on every system
    except ImportError:
        return None
    return uvloop.new_event_loop


def with_database() -> Settings:
    """Return the settings as `settled` does; refuses, naming the path, where there is no database file."""
    settings = settled()
    path = settings.database_path
    if path is not None and not path.is_file():
        msg = (
            f"There is no database at {path.absolute()}. `warroom run` and `warroom migrate` create "
            "one; WARROOM_DATABASE_URL says where it is."
        )
        raise Refused(msg)
    return settings


@asynccontextmanager
async def opened(ctx: typer.Context, *, include_private: bool = False) -> AsyncIterator[Ports]:
    """Open the ports over an existing database; refuses where there is none."""
    settings = with_database()
    ctx.meta[IN_SLACK] = settings.slack_bot_token is not None
    if include_private:
        _record_private(ctx)
    async with wiring(ctx).shell(settings, include_private=include_private) as ports:
        yield ports


def _record_private(ctx: typer.Context) -> None:
    import os  # noqa: PLC0415 - only now needed

    from bot import log  # noqa: PLC0415 - only now needed

    log.get(__name__).warning("private_incidents_read", command=ctx.command_path, operator=os.getuid())
