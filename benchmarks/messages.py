"""Messages acked after their commit, beside a Bolt app that does nothing: ``python -m benchmarks.messages``.

Both run as processes of their own, on the same loop, over HTTP and over Socket Mode, in turns within one
run; what sends is a bare Slack in this process. CPU is the app's own, so it says more than the rate where
others work on the machine. ``--kinds sqlite`` leaves PostgreSQL out; ``--rounds`` says how often.
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.conditions import ROOT, cpu_of, milliseconds, percentile, show, warroom
from benchmarks.flood import (
    SECRET,
    BareSlack,
    Send,
    Taken,
    bare_slack,
    message,
    pace,
    posting,
    saturate,
    signed,
)
from bot.cli.border import await_
from bot.resources import manifest_path
from bot.sandbox import Sandbox
from storage.engine import Database
from storage.tables import MESSAGES
from tests.databases import KINDS, fresh, server

SATURATING, WARMING = 10_000, 1_000
PER_SECOND, SECONDS = 200, 10
NOOP = "Bolt, nothing"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one app did in one round."""

    app: str
    transport: str
    full: Taken
    cpu: float
    paced: Taken


async def _durable() -> None:
    """Have the tests' PostgreSQL write to disk before it says so, as a real one does."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        await server().admin(f"ALTER SYSTEM SET {setting} = on")
    await server().admin("SELECT pg_reload_conf()")


async def _with_room(url: str, folder: Path) -> str:
    """Declare an incident, by the sandbox and the real bot; return its war room's id."""
    async with (
        Sandbox(manifest_path(), channels=("general", "incidents")) as slack,
        warroom(slack, url, folder / "declare.log"),
    ):
        ada = slack.person("ada")
        await ada.command("/incident", "declare Everything has stopped")
        await ada.submit(await ada.wait_for_modal(timeout=20), {"severity": "SEV2"})
        known = await slack.until(
            lambda: [one for one in ada.channels() if one.pins], 20, what="the war room"
        )
        await slack.settled()
        return str(known[0].id)


@asynccontextmanager
async def _running(
    command: Sequence[str], settings: dict[str, str], log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    with log.open("ab") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *command,
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=written,
            stderr=written,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM if "bot" in command else signal.SIGKILL)
        await process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@asynccontextmanager
async def _sending(
    transport: str, slack: BareSlack, port: int, room: str, numbers: range
) -> AsyncIterator[Send]:
    """Yield what sends one message by its number, made before so that making it is not measured."""
    bodies = {number: message(number, room) for number in numbers}
    if transport == "socket":
        await slack.connected.wait()
        yield lambda number: slack.send(number, bodies[number])
        return
    requests = {number: signed(body) for number, body in bodies.items()}
    async with posting(port) as post:
        yield lambda number: post(requests[number])


async def _measured(app: str, transport: str, room: str, url: str | None, folder: Path) -> Measured:
    numbers = range(WARMING + SATURATING + PER_SECOND * SECONDS)
    port = _free_port()
    async with bare_slack() as slack:
        settings = {
            "SLACK_BOT_TOKEN": "xoxb-1-1",
            "SLACK_API_URL": f"{slack.url}/api/",
            "SLACK_SIGNING_SECRET": SECRET,
            "WARROOM_PORT": str(port),
        }
        if transport == "socket":
            settings["SLACK_APP_TOKEN"] = "xapp-1-1"  # noqa: S105 - opens nothing
        if url:
            settings["WARROOM_DATABASE_URL"] = url
        command = ("bot", "run") if url else ("benchmarks.noop", transport)
        async with (
            _running(command, settings, folder / "apps.log") as process,
            _sending(transport, slack, port, room, numbers) as send,
        ):
            await saturate(send, numbers[:WARMING])
            began = cpu_of(process.pid)
            full = await saturate(send, numbers[WARMING : WARMING + SATURATING])
            cpu = cpu_of(process.pid) - began
            paced = await pace(send, numbers[WARMING + SATURATING :], per_second=PER_SECOND)
    return Measured(app=app, transport=transport, full=full, cpu=cpu, paced=paced)


async def _recorded(url: str) -> int:
    database = Database.open(url)
    try:
        async with database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(MESSAGES))).scalar_one())
    finally:
        await database.close()


async def _round(kinds: Sequence[str], folder: Path) -> list[Measured]:
    """Measure everything once, ours and the one that does nothing right after each other."""
    found = []
    for transport in ("http", "socket"):
        found.append(await _measured(NOOP, transport, "C1", None, folder))
        for kind in kinds:
            async with fresh(kind, folder) as url:
                room = await _with_room(url, folder)
                found.append(await _measured(f"warroom, {kind}", transport, room, url, folder))
                said = WARMING + SATURATING + PER_SECOND * SECONDS
                if (there := await _recorded(url)) != said:
                    msg = f"{there} of {said} acked messages are in the database."
                    raise RuntimeError(msg)
    return found


def _rows(found: Sequence[Measured]) -> list[tuple[str, ...]]:
    """Return a row for each app and transport: the best round's rate and CPU, the median p99."""
    rows: list[tuple[str, ...]] = []
    for app, transport in sorted({(one.app, one.transport) for one in found}, key=lambda key: key[::-1]):
        mine = [one for one in found if (one.app, one.transport) == (app, transport)]
        beside = [one for one in found if (one.app, one.transport) == (NOOP, transport)]
        rate, theirs = (max(one.full.rate for one in some) for some in (mine, beside))
        cpu, their_cpu = (min(one.cpu for one in some) / SATURATING for some in (mine, beside))
        tails = [percentile(one.paced.each, 0.99) for one in mine]
        rows.append(
            (
                app,
                transport,
                f"{rate:.0f} /s",
                f"{rate / theirs:.2f} x",
                f"{cpu * 1e6:.0f} us",
                f"{their_cpu / cpu:.2f} x",
                milliseconds(percentile(tails, 0.5)),
            )
        )
    return rows


async def main(kinds: Sequence[str], rounds: int) -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="warroom-benchmark-"))
    if "postgresql" in kinds:
        await _durable()
    found = [one for _ in range(rounds) for one in await _round(kinds, folder)]
    columns = ("app", "over", "at most", "of nothing's", "CPU each", "of nothing's", "p99 at 200/s")
    show(
        f"Channel messages, n={SATURATING} at most, {PER_SECOND * SECONDS} at 200/s, {rounds} rounds "
        "(targets: 0.6 x, p99 < 15 ms)",
        columns,
        _rows(found),
    )


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    given.add_argument("--rounds", type=int, default=3)
    chosen = given.parse_args()
    await_(main(chosen.kinds, chosen.rounds), serving=True)
