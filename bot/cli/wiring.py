"""What the commands need of the composition root, so that tests can stand in for it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

from bot.domain.shared.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import typer

    from bot.settings import Settings
    from bot.usecases.doctor import Finding
    from bot.usecases.ports import Ports


class Wiring(Protocol):
    """The functions of `bot.app` that the commands call."""

    def shell(
        self, settings: Settings, /, *, include_private: bool = False
    ) -> AbstractAsyncContextManager[Ports]:
        """Open an existing database; what follows from acts is owed, a running bot does it."""

    async def run(self, settings: Settings, /) -> None:
        """Serve until the process is told to stop."""

    async def migrate(self, settings: Settings, /) -> str:
        """Create or upgrade the database; return what was done."""

    async def doctor(self, settings: Settings, /) -> Sequence[Finding]:
        """Look whether everything is in place."""

    async def retry_job(self, settings: Settings, job: int, /) -> bool:
        """Put a dead job back; False when it is not dead."""


class Showing(Protocol):
    """The functions of `bot.demo` that the commands call."""

    async def demo(
        self, *, script: bool, scenario: str = ..., port: int = ..., keep: Path | None = ...
    ) -> int:
        """Play an incident in a Slack of our own; return the exit code."""

    async def sandbox(self, port: int, /) -> None:
        """Serve a Slack of our own until the process is told to stop."""


def wiring(ctx: typer.Context) -> Wiring:
    """Return what the commands call: a test's stand-in, else the real thing, imported only now."""
    given: Wiring | None = ctx.find_root().obj
    if given is not None:
        return given
    from bot import app  # noqa: PLC0415 - pulls in the database, Slack and the web

    return app


def showing(ctx: typer.Context) -> Showing:
    """Return what `demo` and `sandbox` call: a test's stand-in, else the real thing, imported only now."""
    given: Showing | None = ctx.find_root().obj
    if given is not None:
        return given
    try:
        from bot import demo  # noqa: PLC0415 - pulls in the sandbox
    except ModuleNotFoundError as missing:
        msg = f"The demo needs {missing.name}, which is not installed here: pip install 'warroom[demo]'."
        raise Refused(msg) from missing
    return demo
