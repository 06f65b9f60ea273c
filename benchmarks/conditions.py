"""What every benchmark needs: the bot as a process of its own, percentiles, and the conditions of a run."""

import asyncio
import os
import platform
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.sandbox import Sandbox
from tests.faults.processes import environment

ROOT = Path(__file__).parents[1]
PACKAGES = ("slack-bolt", "slack-sdk", "sqlmodel", "sqlalchemy", "aiohttp", "uvicorn", "uvloop", "httptools")
console = Console(width=110)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share (0 to 1) of the values does not exceed."""
    ranked = sorted(values)
    return ranked[max(0, min(len(ranked) - 1, round(share * len(ranked) + 0.5) - 1))]


def milliseconds(seconds: float) -> str:
    """Return seconds as milliseconds, for a table."""
    return f"{seconds * 1000:.1f} ms"


def conditions() -> str:
    """Return the machine and the versions in a line."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} CPUs ({platform.machine()}), load {load:.1f}, {platform.system()}, "
        f"Python {platform.python_version()}, {packages}"
    )


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table under its title, with the conditions below."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print(conditions(), style="dim")


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def warroom(slack: Sandbox, database_url: str, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``warroom run`` in a sandbox as people run it; yields its process once it is connected."""
    with log.open("ab") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "run"),
            cwd=ROOT,
            env={**os.environ, **environment(slack, database_url)},
            stdout=written,
            stderr=written,
        )
    try:
        await slack.connection(1, timeout=60)
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()
