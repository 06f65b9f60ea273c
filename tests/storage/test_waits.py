"""A wait that Slack asked for is never shortened, never outlives its time, never holds up another call."""

import asyncio

import pytest
import structlog
from sqlalchemy import select, text
from structlog.testing import LogCapture

from bot.usecases.ports import Urgency
from storage.engine import Database
from storage.tables import WAITS
from storage.waits import StoredWaits
from tests.builders import after
from tests.jobs.conftest import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def waits(database: Database, clock: Clock) -> StoredWaits:
    return StoredWaits(database, clock=clock)


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> LogCapture:
    """Return what keeps the log, however the process has set up logging."""
    captured = LogCapture()
    monkeypatch.setattr("storage.waits._log", structlog.wrap_logger(None, processors=[captured]))
    return captured


async def rows(database: Database) -> set[str]:
    async with database.read() as connection:
        return set((await connection.execute(select(WAITS.c.scope))).scalars())


async def test_what_is_kept_stands_for_every_process_until_it_is_over(
    database: Database, waits: StoredWaits, clock: Clock
) -> None:
    await waits.keep("conversations.create", after(1))
    await waits.keep("chat.postMessage C1", after(5))

    first = await StoredWaits(database, clock=clock).standing()
    clock.pass_(minutes=1)
    later = await StoredWaits(database, clock=clock).standing()

    assert first == {"conversations.create": after(1), "chat.postMessage C1": after(5)}
    assert later == {"chat.postMessage C1": after(5)}


async def test_a_wait_is_made_longer_and_never_shorter(waits: StoredWaits) -> None:
    for minutes in (2, 3, 1):
        await waits.keep("pins.add", after(minutes))

    assert await waits.standing() == {"pins.add": after(3)}


async def test_what_is_over_is_swept_when_the_next_is_kept(
    database: Database, waits: StoredWaits, clock: Clock
) -> None:
    for channel in range(3):
        await waits.keep(f"chat.postMessage C{channel}", after(channel))
    clock.pass_(minutes=1)

    await waits.keep("pins.add", after(2))

    assert await rows(database) == {"chat.postMessage C2", "pins.add"}


async def test_replicas_that_keep_and_sweep_at_once_lose_nothing(
    database: Database, waits: StoredWaits, clock: Clock
) -> None:
    scopes = [f"chat.postMessage C{number}" for number in range(8)]
    for scope in scopes:
        await waits.keep(scope, after(1))
    clock.pass_(minutes=2)

    await asyncio.gather(
        *(StoredWaits(database, clock=clock).keep(scope, after(3)) for scope in [*scopes, *reversed(scopes)])
    )

    assert await waits.standing() == dict.fromkeys(scopes, after(3))


async def test_a_database_that_cannot_be_reached_is_said_once_and_raises_nothing(logs: LogCapture) -> None:
    gone = Database.open("postgresql://bot@127.0.0.1:1/warroom")
    waits = StoredWaits(gone)

    for _ in range(3):
        await waits.keep("pins.add", after(1))
        assert await waits.standing() == {}
    await gone.close()

    assert [entry["event"] for entry in logs.entries] == ["waits_unreachable"]


async def test_a_database_that_comes_back_is_used_again(
    database: Database, waits: StoredWaits, logs: LogCapture
) -> None:
    async with database.migrating() as connection:
        await connection.execute(text("ALTER TABLE waits RENAME TO elsewhere"))
    await waits.keep("pins.add", after(1))
    async with database.migrating() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO waits"))

    await waits.keep("pins.add", after(2))

    assert await waits.standing() == {"pins.add": after(2)}
    assert [entry["event"] for entry in logs.entries] == ["waits_unreachable", "waits_reachable_again"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_writer_that_takes_too_long_holds_no_call_up(
    database: Database, waits: StoredWaits, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as impatient:
        impatient.setattr("storage.waits._WRITE_WITHIN_S", 0.02)
        async with database.write(Urgency.REQUEST):
            await waits.keep("pins.add", after(1))
    await waits.keep("pins.add", after(2))

    assert await waits.standing() == {"pins.add": after(2)}
