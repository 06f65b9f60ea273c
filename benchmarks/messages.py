"""Channel messages recorded in a storm, each acked after its commit: ``python -m benchmarks.messages``.

The sandbox says 200 messages a second for ten seconds in one war room and measures, where Slack does, the
time from sending an event to having its ack. The bot runs in another process, over Socket Mode.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.conditions import milliseconds, percentile, show, warroom
from bot.resources import manifest_path
from bot.sandbox import Sandbox
from storage.engine import Database
from storage.tables import MESSAGES
from tests.databases import KINDS, fresh, server

PER_SECOND, SECONDS = 200, 10
SAID = PER_SECOND * SECONDS


async def _durable() -> None:
    """Have the tests' PostgreSQL write to disk before it says so, as a real one does."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        await server().admin(f"ALTER SYSTEM SET {setting} = on")
    await server().admin("SELECT pg_reload_conf()")


async def _measured(kind: str, folder: Path) -> tuple[list[float], int, float]:
    async with (
        fresh(kind, folder) as url,
        Sandbox(manifest_path(), channels=("general", "incidents")) as slack,
    ):
        async with warroom(slack, url, folder / f"{kind}.log"):
            room = await _room(slack)
            await slack.settled()
            before = len(slack.journal.deliveries)
            took = await _storm(slack, room)
            await slack.settled(timeout=60)
            heard = [one for one in slack.journal.deliveries[before:] if one.kind == "message"]
        recorded = await _recorded(url)
    if not all(one.acked and len(one.attempts) == 1 for one in heard):
        msg = "Some messages were not acked at the first try: the times below would leave them out."
        raise RuntimeError(msg)
    return [one.attempts[0].seconds for one in heard], recorded, took


async def _room(slack: Sandbox) -> str:
    ada = slack.person("ada")
    await ada.command("/incident", "declare Everything has stopped")
    await ada.submit(await ada.wait_for_modal(timeout=20), {"severity": "SEV2"})
    known = await slack.until(lambda: [one for one in ada.channels() if one.pins], 20, what="the war room")
    return str(known[0].name)


async def _storm(slack: Sandbox, room: str) -> float:
    ada, began = slack.person("ada"), time.monotonic()
    for number in range(SAID):
        if (wait := began + number / PER_SECOND - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        await ada.say(room, f"message {number}: rows of the orders table since midnight")
    return time.monotonic() - began


async def _recorded(url: str) -> int:
    database = Database.open(url)
    try:
        async with database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(MESSAGES))).scalar_one())
    finally:
        await database.close()


async def main() -> None:
    """Measure on both databases and print."""
    folder, rows = Path(tempfile.mkdtemp(prefix="warroom-benchmark-")), []
    await _durable()
    for kind in KINDS:
        acks, recorded, took = await _measured(kind, folder)
        shares = [milliseconds(percentile(acks, share)) for share in (0.5, 0.95, 0.99, 1.0)]
        rows.append((kind, f"{SAID / took:.0f} /s", f"{recorded} of {SAID}", *shares, "p99 < 50 ms"))
    columns = ("database", "said", "recorded", "p50", "p95", "p99", "slowest", "target")
    show(f"Channel messages, from delivery to ack, n={SAID}", columns, rows)


if __name__ == "__main__":
    asyncio.run(main())
