"""From the shell's prompt to ready, and what an idle bot weighs: ``python -m benchmarks.startup``.

Ready means that HTTP is served and Socket Mode is connected, on a migrated SQLite database. Beside it stand
the bare imports of the libraries it is built on, in turns; CPU says more than seconds where others work on
the machine. Where ``PYTHONDONTWRITEBYTECODE`` is set compile first, or every start does:
``python -m compileall -q .venv bot storage``.
"""

import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.conditions import ROOT, console, cpu_of, percentile, show, warroom
from bot.resources import manifest_path
from bot.sandbox import Sandbox
from tests.databases import fresh

N = 5
IDLE_AFTER = 3.0
READY = "warroom run, to ready"
LIBRARIES = (
    "import typer, structlog, pydantic_settings, yaml, slack_bolt.async_app, aiohttp, sqlmodel, "
    "sqlalchemy.ext.asyncio, aiosqlite, asyncpg, apscheduler.schedulers.asyncio, starlette.requests, "
    "starlette.responses, uvicorn, uvloop, httptools"
)
IMPORTS = {"python itself": "pass", "its libraries": LIBRARIES, "bot.app": "import bot.app"}
WEIGH = (
    "; import os; print(open('/proc/self/status').read().split('VmRSS:')[1].split()[0], sum(os.times()[:2]))"
)


@dataclass(frozen=True, kw_only=True)
class Start:
    """One start: seconds on the clock and of CPU, and the megabytes it holds."""

    wall: float
    cpu: float
    megabytes: float


async def _started(folder: Path) -> Start:
    """Start a bot, until it is ready; what it holds is looked at when it has been idle for a while."""
    log = folder / "bot.log"
    log.write_text("")
    async with (
        fresh("sqlite", folder) as url,
        Sandbox(manifest_path(), channels=("general", "incidents")) as slack,
    ):
        began = time.monotonic()
        async with warroom(slack, url, log) as process:
            while " ready " not in log.read_text():  # noqa: ASYNC110 - another process rings no bell
                await asyncio.sleep(0.005)
            wall, cpu = time.monotonic() - began, cpu_of(process.pid)
            await asyncio.sleep(IDLE_AFTER)
            return Start(wall=wall, cpu=cpu, megabytes=_resident(process.pid))


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def _imported(statement: str) -> Start:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", statement + WEIGH, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    kilobytes, cpu = said.split()
    return Start(wall=time.monotonic() - began, cpu=float(cpu), megabytes=int(kilobytes) / 1024)


async def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="warroom-benchmark-"))
    found: dict[str, list[Start]] = {}
    for _ in range(N):
        found.setdefault(READY, []).append(await _started(folder))
        for name, statement in IMPORTS.items():
            found.setdefault(f"import: {name}", []).append(await _imported(statement))
    bare = percentile([one.cpu for one in found["import: its libraries"]], 0.5)
    rows = [
        (
            name,
            f"{percentile([one.wall for one in runs], 0.5):.2f} s",
            f"{percentile([one.cpu for one in runs], 0.5):.2f} s",
            f"{percentile([one.cpu for one in runs], 0.5) / bare:.2f} x",
            f"{max(one.megabytes for one in runs):.0f} MB",
            "< 1.3 x, < 110 MB" if name == READY else "",
        )
        for name, runs in found.items()
    ]
    columns = ("what", "median", "CPU", "of its libraries'", "resident, most", "target")
    show(f"Start and idle, n={N}", columns, rows)
    console.print(f"PYTHONDONTWRITEBYTECODE={os.environ.get('PYTHONDONTWRITEBYTECODE', '')!r}", style="dim")


if __name__ == "__main__":
    asyncio.run(main())
