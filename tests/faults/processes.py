"""Bots as real processes, so that SIGKILL is real: forks of one parent that imports everything once.

Run as a module this is that parent: each line on its standard input is the environment of one bot, each
line on its standard output the process id of one.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.resources import manifest_path
from bot.sandbox import Sandbox

ROOT = Path(__file__).parents[2]


def environment(slack: Sandbox, database_url: str) -> dict[str, str]:
    """Return the settings of a bot that lives in a sandbox, as people set them."""
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "WARROOM_DATABASE_URL": database_url,
        "WARROOM_PORT": "0",
    }


class Nursery:
    """Starts bots by forking, which takes a tenth of a second where a new interpreter takes two."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Speak with the parent of all bots."""
        self._process = process
        self._turn = asyncio.Lock()
        self.kills = 0

    async def start(self, settings: Mapping[str, str], log: Path) -> int:
        """Start a bot that logs to a file; returns its process id."""
        talk, hear = self._process.stdin, self._process.stdout
        assert talk is not None
        assert hear is not None
        async with self._turn:
            talk.write(json.dumps({"settings": dict(settings), "log": str(log)}).encode() + b"\n")
            await talk.drain()
            return int(await hear.readline())

    def kill(self, pid: int) -> None:
        """End a bot at once, without a chance to tidy up."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.kills += 1


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """Run the parent of all bots; those that still live end with it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.faults.processes"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield Nursery(process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def sandbox() -> Sandbox:
    """Return a sandbox on the real clock, which separate processes need."""
    return Sandbox(manifest_path(), channels=("general", "incidents"))


def _serve() -> None:
    """Fork a bot for each line."""
    import bot.app  # noqa: PLC0415 - imported once here, inherited by every bot
    import bot.web.app  # noqa: PLC0415 - as above
    import bot.web.events  # noqa: PLC0415 - as above
    import bot.web.serving  # noqa: PLC0415 - as above
    from bot.cli.border import await_  # noqa: PLC0415 - as above
    from bot.settings import load  # noqa: PLC0415 - as above

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the bots: they leave no zombies
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _quiet(Path(wanted["log"]))
            await_(bot.app.run(load(wanted["settings"])), serving=True)
            os._exit(0)
        print(pid, flush=True)  # noqa: T201 - the answer


def _quiet(log: Path) -> None:
    """Read nothing more, and write to the log what would go to the screen."""
    nothing, written = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(nothing, 0)
    os.dup2(written, 1)
    os.dup2(written, 2)


if __name__ == "__main__":
    _serve()
