"""`warroom doctor` over real databases: each problem has the remedy that is of help."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot import app
from bot.clock import utc_now
from bot.settings import load
from bot.usecases.doctor import Finding
from bot.usecases.ports import JobSpec, Urgency
from storage.engine import Database
from storage.work import opens_work
from tests.world import free_port


async def examined(url: str) -> dict[str, Finding]:
    """Return what the doctor finds without Slack, by what was looked at."""
    return {one.check: one for one in await app.doctor(load({"WARROOM_DATABASE_URL": url}))}


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """Return the URL of a new database."""
    url = f"sqlite:///{tmp_path}/warroom.db"
    await app.migrate(load({"WARROOM_DATABASE_URL": url}))
    return url


async def enqueue(url: str, due: Sequence[timedelta]) -> None:
    """Owe jobs, each due so long ago."""
    database = Database.open(url)
    work = opens_work(database, lambda _incident, _facts: (), lambda: None)
    async with work(Urgency.JOB) as unit:
        now = utc_now()
        await unit.outbox.enqueue(
            JobSpec(kind="sweep", key=f"{n}", due_at=now - ago) for n, ago in enumerate(due)
        )
        await unit.commit()
    await database.close()


async def test_a_server_that_cannot_be_reached_is_not_answered_with_a_migration() -> None:
    found = await examined(f"postgresql://warroom:hush@127.0.0.1:{free_port()}/warroom")

    finding = found["database"]
    assert not finding.ok
    assert "hush" not in finding.what
    assert finding.remedy
    assert finding.remedy.startswith("Look whether it runs and answers")


async def test_a_database_that_is_not_there_says_what_makes_one(tmp_path: Path) -> None:
    found = await examined(f"sqlite:///{tmp_path}/warroom.db")

    assert not found["database"].ok
    assert "`warroom migrate`" in found["database"].what
    assert found["database"].remedy == "Run `warroom migrate`."


@pytest.mark.parametrize(
    ("due", "is_fine", "says"),
    [
        ([], True, "nothing is due"),
        ([timedelta(seconds=-90)], True, "nothing is due"),
        ([timedelta(seconds=5)], True, "being done"),
        ([timedelta(seconds=5), timedelta(minutes=5)], False, "nobody does what is due"),
    ],
)
async def test_what_nobody_pays_is_told_with_how_to_start_a_bot(
    url: str, due: list[timedelta], *, is_fine: bool, says: str
) -> None:
    await enqueue(url, due)

    found = await examined(url)

    assert (found["worker"].ok, says in found["worker"].what) == (is_fine, True)
    assert is_fine or "Start `warroom run`" in (found["worker"].remedy or "")
