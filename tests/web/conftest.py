"""A web application over plain values, spoken to without a socket."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import httpx
import pytest
import structlog

from bot import log
from bot.usecases.ports import Backlog
from bot.web.app import build
from bot.web.counters import Counters
from bot.web.events import SlackOverHttp
from bot.web.health import Connection, Health, Mode, SlackHealth

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

FINE = Health(
    at=NOW,
    backlog=Backlog(oldest_due=None, owed=3, dead=0),
    slack=SlackHealth(connection=Connection.CONNECTED, mode=Mode.SOCKET, since=NOW - timedelta(hours=1)),
    heartbeat_age=timedelta(seconds=1),
)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What Slack is answered by whoever is behind the door."""

    status: int = 200
    body: str = ""


@dataclass
class World:
    """What the application is told, and what reached Slack's listener."""

    health: Health = FINE
    incidents: Mapping[str, int] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
    heard: list[tuple[bytes, str]] = field(default_factory=list)
    reply: Reply = field(default_factory=Reply)
    fails_with: Exception | None = None

    def now(self, **changes: object) -> None:
        self.health = replace(self.health, **changes)  # type: ignore[arg-type]

    async def look(self) -> Health:
        return self.health

    async def open_incidents(self) -> Mapping[str, int]:
        return self.incidents

    async def receive(self, body: bytes, kind: str) -> Reply:
        if self.fails_with:
            raise self.fails_with
        self.heard.append((body, kind))
        return self.reply

    def client(self, slack: SlackOverHttp | None = None) -> httpx.AsyncClient:
        app = build(
            health=self.look, open_incidents=self.open_incidents, counters=lambda: self.counters, slack=slack
        )
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://warroom.test")


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Return what is logged, one JSON object a line."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = StringIO()
    log.configure(json=True, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def world() -> World:
    return World()
