"""What Prometheus scrapes: counts and ages, from which no private incident can be told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.web.counters import Counters
from bot.web.health import Connection, Health

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


# Not compared by value: a registry keeps its collectors by identity.
@dataclass(frozen=True, kw_only=True, eq=False)
class Figures(Collector):
    """Everything one scrape shows. ``open_incidents`` are the public ones by severity, None if unknown."""

    health: Health
    open_incidents: Mapping[str, int] | None
    counters: Counters

    def collect(self) -> Iterator[Metric]:
        """Yield the families; those of a database that does not answer are left out, not zero."""
        health = self.health
        yield _gauge("warroom_database_up", "Whether the database answers.", health.backlog is not None)
        yield _gauge(
            "warroom_database_writable", "Whether the last try to write succeeded.", health.unwritable is None
        )
        yield _gauge(
            "warroom_slack_connected",
            "Whether Slack can be reached.",
            health.slack.connection is Connection.CONNECTED,
        )
        age = health.heartbeat_age.total_seconds()
        yield _gauge("warroom_worker_heartbeat_age_seconds", "Since the worker's last sign of life.", age)
        if self.open_incidents is not None:
            yield _labelled(
                "warroom_incidents_open", "Open public incidents.", ("severity",), self.open_incidents
            )
        if health.backlog is not None:
            jobs = {"owed": health.backlog.owed, "dead": health.backlog.dead}
            yield _labelled(
                "warroom_jobs", "Jobs that are still owed, and that were given up.", ("state",), jobs
            )
            overdue = health.overdue.total_seconds()
            yield _gauge(
                "warroom_jobs_oldest_due_seconds", "By how much the oldest due job is late.", overdue
            )
        yield CounterMetricFamily(
            "warroom_messages_recorded",
            "Messages of war rooms recorded since the start.",
            value=self.counters.messages_recorded,
        )
        calls = CounterMetricFamily(
            "warroom_slack_calls", "Calls to Slack since the start.", labels=("method", "outcome")
        )
        for (method, outcome), count in sorted(self.counters.slack_calls.items()):
            calls.add_metric((method, outcome), count)
        yield calls

    def text(self) -> bytes:
        """Return the scrape in Prometheus's text format (0.0.4)."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=float(value))


def _labelled(
    name: str, help_text: str, labels: tuple[str, ...], values: Mapping[str, int]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for label, value in values.items():
        family.add_metric((label,), value)
    return family
