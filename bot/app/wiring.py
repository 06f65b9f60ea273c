"""Puts the parts of a bot together; nothing runs yet."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs.calendar import Calendar, Recurring, by_day
from bot.jobs.worker import Worker
from bot.resources import manifest_path
from bot.settings import SlackAccess
from bot.slack import manifest
from bot.slack.app import SlackApp
from bot.slack.client.calls import Calls
from bot.slack.client.gateway import Gateway
from bot.slack.events.recorder import Recorder
from bot.slack.socket import Socket
from bot.usecases import reconcile, upkeep
from bot.usecases.handlers import HANDLERS
from bot.usecases.incident import catching_up
from bot.usecases.incident.notifications import failure_notice
from bot.usecases.policy import Policy
from bot.usecases.ports import JobSpec, Ports, Urgency
from bot.usecases.reactions import following
from bot.web.counters import Counters
from bot.web.health import Connection, Mode, SlackHealth
from storage.archive import StoredArchive
from storage.engine import Database
from storage.failures import UNREACHABLE
from storage.jobs import JobQueue
from storage.queries import Reads
from storage.waits import StoredWaits
from storage.work import opens_work

Now = Callable[[], datetime]

RECURRING = (
    Recurring(kind=upkeep.SWEEP, cron="17 3 * * *", key=by_day),
    Recurring(kind=reconcile.RECONCILE, cron="*/10 * * * *", at_start=True),
    Recurring(kind=catching_up.CATCH_UP_ROOMS, cron="47 * * * *"),
    Recurring(kind=catching_up.CATCH_UP_ROOMS, cron="12 4 * * *", key=by_day, payload={"all": True}),
)


class Wakeup:
    """Tells the worker that jobs were planned; wired before the worker exists."""

    def __init__(self) -> None:
        """Tell nobody yet."""
        self.listener: Callable[[], None] = lambda: None

    def notify(self) -> None:
        """Tell whoever listens."""
        self.listener()


def ports_over(
    database: Database,
    wakeup: Wakeup,
    *,
    policy: Policy,
    chat: Gateway,
    now: Now,
    include_private: bool = False,
) -> Ports:
    """Return the ports of a database and a way to speak with Slack."""
    return Ports(
        work=opens_work(database, following(policy), wakeup.notify),
        reads=Reads(database, include_private=include_private, scale=policy.scale),
        queue=JobQueue(database, committed=wakeup.notify),
        archive=StoredArchive(database),
        chat=chat,
        now=now,
        policy=policy,
    )


def slack_client(session: aiohttp.ClientSession, *, token: str | None, api_url: str) -> AsyncWebClient:
    """Return a client of the Web API that never repeats a call by itself."""
    # The SDK's own retries post a message twice when its reply was lost: repeating belongs to the jobs.
    return AsyncWebClient(token=token, base_url=api_url, session=session, retry_handlers=[])


@dataclass(kw_only=True)
class Bot:
    """One running bot, its parts named."""

    database: Database
    ports: Ports
    worker: Worker
    calendar: Calendar
    surface: SlackApp
    gateway: Gateway
    call: Calls
    recorder: Recorder
    socket: Socket | None
    greeted: asyncio.Event

    def slack_health(self) -> SlackHealth:
        """Return how it stands with Slack, in words fit for `/health`."""
        standing = self.call.standing
        problems = [f"Slack refuses the bot token: {standing.token}"] if standing.token else []
        missing = standing.missing_scopes | (
            manifest.scopes(manifest_path()) - standing.granted if standing.granted is not None else set()
        )
        problems += [f"The scope {scope} is missing: reinstall the app." for scope in sorted(missing)]
        if self.socket:
            connected = self.socket.since is not None and standing.away is None
            if self.socket.problem:
                problems.append(self.socket.problem)
            since, mode = self.socket.since, Mode.SOCKET
        else:
            connected = self.greeted.is_set() and standing.away is None
            since, mode = None, Mode.HTTP
        problems += standing.problems()
        if standing.away:
            problems.append(f"Slack does not answer: {standing.away}")
        return SlackHealth(
            connection=Connection.CONNECTED if connected else Connection.AWAY,
            mode=mode,
            since=since,
            problems=tuple(problems),
        )

    def counters(self) -> Counters:
        """Return what this process counted since it started."""
        return Counters(messages_recorded=self.recorder.recorded, slack_calls=dict(self.call.standing.counts))


def wired(
    database: Database,
    session: aiohttp.ClientSession,
    *,
    policy: Policy,
    slack: SlackAccess,
    now: Now,
    pace: bool,
    ping: float,
) -> Bot:
    """Return a bot of its parts; `bot.app.lifecycle` starts it."""
    wakeup = Wakeup()
    client = slack_client(session, token=slack.bot_token.get_secret_value(), api_url=slack.api_url)
    call = Calls(client, pace=pace, waits=StoredWaits(database))
    gateway = Gateway(call, incidents=policy.incidents_channel)
    ports = ports_over(database, wakeup, policy=policy, chat=gateway, now=now)
    listen = None if database.is_sqlite else database.listen
    worker = Worker(
        ports.queue,
        ports,
        HANDLERS,
        failure_notice,
        listen=listen,
        reachable_again=lambda: catching_up.enqueue_catch_up(ports),
    )
    wakeup.listener = worker.wake
    recorder = Recorder(ports.archive)
    surface = SlackApp(
        ports=ports,
        call=call,
        gateway=gateway,
        recorder=recorder,
        is_outage=lambda error: isinstance(error, UNREACHABLE),
    )
    socket = None
    if slack.app_token:
        socket = Socket(
            surface.border,
            app_token=slack.app_token.get_secret_value(),
            client=client,
            connected=lambda: surface.responder.soon(catching_up.enqueue_catch_up(ports)),
            ping_every=ping,
        )
    return Bot(
        database=database,
        ports=ports,
        worker=worker,
        calendar=Calendar(_owing(ports), now, RECURRING),
        surface=surface,
        gateway=gateway,
        call=call,
        recorder=recorder,
        socket=socket,
        greeted=asyncio.Event(),
    )


def _owing(ports: Ports) -> Callable[[Sequence[JobSpec]], Awaitable[None]]:
    async def enqueue(owed: Sequence[JobSpec]) -> None:
        async with ports.work(Urgency.JOB) as work:
            await work.outbox.enqueue(owed)
            await work.commit()

    return enqueue
