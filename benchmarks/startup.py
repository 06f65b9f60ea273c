"""From the shell's prompt to ready, and what an idle bot weighs: ``python -m benchmarks.startup``.

Ready means that HTTP is served and Socket Mode is connected, on a migrated SQLite database. Compile first
(``python -m compileall -q .venv bot storage``) where ``PYTHONDONTWRITEBYTECODE`` is set, or every start does.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.conditions import ROOT, console, percentile, show, warroom
from bot.resources import manifest_path
from bot.sandbox import Sandbox
from tests.databases import fresh

N = 5
IDLE_AFTER = 3.0
IMPORTS = {
    "python itself": "pass",
    "slack_bolt": "import slack_bolt.async_app",
    "fastapi, uvicorn": "import fastapi, uvicorn",
    "sqlmodel, aiosqlite": "import sqlmodel, sqlalchemy.ext.asyncio, aiosqlite",
    "bot.app": "import bot.app",
}
WEIGH = "; print(open('/proc/self/status').read().split('VmRSS:')[1].split()[0])"


async def _started(folder: Path) -> tuple[float, float]:
    """Return the seconds to ready, and the resident megabytes of the idle process."""
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
            ready = time.monotonic() - began
            await asyncio.sleep(IDLE_AFTER)
            return ready, _resident(process.pid)


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def _imported(statement: str) -> tuple[float, float]:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", statement + WEIGH, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    return time.monotonic() - began, int(said) / 1024


async def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="warroom-benchmark-"))
    measured = {"warroom run, to ready": [await _started(folder) for _ in range(N)]}
    for name, statement in IMPORTS.items():
        measured[f"import: {name}"] = [await _imported(statement) for _ in range(N)]
    rows = []
    for name, runs in measured.items():
        seconds, megabytes = [one for one, _ in runs], [one for _, one in runs]
        target = "< 2 s, < 130 MB" if name.startswith("warroom") else ""
        rows.append(
            (
                name,
                f"{percentile(seconds, 0.5):.2f} s",
                f"{max(seconds):.2f} s",
                f"{max(megabytes):.0f} MB",
                target,
            )
        )
    show(f"Start and idle, n={N}", ("what", "median", "slowest", "resident, most", "target"), rows)
    console.print(f"PYTHONDONTWRITEBYTECODE={os.environ.get('PYTHONDONTWRITEBYTECODE', '')!r}", style="dim")


if __name__ == "__main__":
    asyncio.run(main())
