"""Metrics: Prometheus can read them, and what is not known is left out."""

from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from bot.usecases.ports import Backlog
from bot.web.counters import Counters
from bot.web.health import Connection, Mode, SlackHealth

from .conftest import NOW, World


async def scrape(world: World) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    async with world.client() as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_a_scrape_shows_counts_and_ages(world: World) -> None:
    world.now(backlog=Backlog(oldest_due=NOW - timedelta(seconds=5), owed=7, dead=1))
    world.incidents = {"SEV1": 2, "SEV3": 1}
    world.counters = Counters(messages_recorded=12, slack_calls={("chat.postMessage", "ok"): 3})

    samples = await scrape(world)

    assert samples == {
        ("warroom_database_up", ()): 1,
        ("warroom_database_writable", ()): 1,
        ("warroom_slack_connected", ()): 1,
        ("warroom_worker_heartbeat_age_seconds", ()): 1,
        ("warroom_incidents_open", (("severity", "SEV1"),)): 2,
        ("warroom_incidents_open", (("severity", "SEV3"),)): 1,
        ("warroom_jobs", (("state", "owed"),)): 7,
        ("warroom_jobs", (("state", "dead"),)): 1,
        ("warroom_jobs_oldest_due_seconds", ()): 5,
        ("warroom_messages_recorded_total", ()): 12,
        ("warroom_slack_calls_total", (("method", "chat.postMessage"), ("outcome", "ok"))): 3,
    }


async def test_without_a_database_its_figures_are_left_out(world: World) -> None:
    world.now(
        backlog=None,
        unwritable="The disk is full.",
        slack=SlackHealth(connection=Connection.AWAY, mode=Mode.HTTP),
    )
    world.incidents = {"SEV1": 2}

    samples = await scrape(world)

    assert samples == {
        ("warroom_database_up", ()): 0,
        ("warroom_database_writable", ()): 0,
        ("warroom_slack_connected", ()): 0,
        ("warroom_worker_heartbeat_age_seconds", ()): 1,
        ("warroom_messages_recorded_total", ()): 0,
    }


async def test_a_scrape_can_be_repeated(world: World) -> None:
    first = await scrape(world)

    second = await scrape(world)

    assert first == second
