"""The composition root: the only place that names every concrete thing."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import aiohttp
from pydantic import SecretStr
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot import log
from bot.domain.shared.vocabulary import SHELL
from bot.jobs.calendar import Calendar, Recurring, by_day
from bot.jobs.worker import Worker
from bot.resources import manifest_path
from bot.settings import Settings, SettingsError, SlackAccess
from bot.slack import manifest
from bot.slack.app import SlackApp
from bot.slack.client import checkup
from bot.slack.client.calls import TIMEOUT, Calls
from bot.slack.client.gateway import Gateway
from bot.slack.events.recorder import Recorder
from bot.slack.socket import PING_EVERY, Socket
from bot.usecases import upkeep
from bot.usecases.doctor import Finding
from bot.usecases.handlers import HANDLERS
from bot.usecases.incident.notifications import failure_notice
from bot.usecases.policy import Policy
from bot.usecases.ports import JobSpec, JobState, OutsideError, Ports, Urgency
from bot.usecases.reactions import following
from bot.web.health import Connection, Mode, Probe, SlackHealth
from bot.web.metrics import Counters
from storage.archive import StoredArchive
from storage.engine import CannotOpen, Database, Schema
from storage.jobs import JobQueue
from storage.migrate import migrate as upgrade
from storage.queries import Reads
from storage.waits import StoredWaits
from storage.work import opens_work

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from bot.web.events import SlackOverHttp

logger = log.get(__name__)

Now = Callable[[], datetime]

GREETING_MOST = 30.0
"""Seconds between two attempts to learn from Slack who we are."""
STOP_TRIES, STOP_WITHIN = 5, 1.0
"""How often, and for how many seconds each, what runs beside the worker is told to stop."""
HEARING_MOST = 5.0
"""Seconds to wait for the socket before joining a channel all the same."""
RECURRING = (Recurring(kind=upkeep.SWEEP, cron="17 3 * * *", key=by_day),)


def utc_now() -> datetime:
    """Return the time by this machine's clock."""
    return datetime.now(UTC)


class Bell:
    """Rings for whoever listens; wired before its listener exists."""

    def __init__(self) -> None:
        """Ring for nobody yet."""
        self.heard: Callable[[], None] = lambda: None

    def ring(self) -> None:
        """Ring."""
        self.heard()


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


@asynccontextmanager
async def opened(url: str, *, create: bool) -> AsyncIterator[Database]:
    """Open a database; with ``create`` it is made and migrated, without it has to be there.

    Raises ``CannotOpen`` with one sentence that names the path and what to do.
    """
    database = Database.open(url)
    try:
        state = await database.schema_state()
        if state is Schema.NONE and not create:
            msg = f"There is no Warroom database at {database}. `warroom run` or `warroom migrate` makes one."
            raise CannotOpen(msg)
        if state is not Schema.CURRENT and (create or state is Schema.OLD):
            if not create:
                msg = f"The database at {database} is older than this Warroom: run `warroom migrate` first."
                raise CannotOpen(msg)
            await upgrade(database)
        yield database
    finally:
        await database.close()


def ports_over(
    database: Database, bell: Bell, *, policy: Policy, chat: Gateway, now: Now, include_private: bool = False
) -> Ports:
    """Return the ports of a database and a way to speak with Slack."""
    return Ports(
        work=opens_work(database, following(policy), bell.ring),
        reads=Reads(database, include_private=include_private, scale=policy.scale),
        queue=JobQueue(database, committed=bell.ring),
        archive=StoredArchive(database),
        chat=chat,
        now=now,
        policy=policy,
    )


def _client(session: aiohttp.ClientSession, *, token: str | None, api_url: str) -> AsyncWebClient:
    # The SDK's own retries post a message twice when its reply was lost: repeating belongs to the jobs.
    return AsyncWebClient(token=token, base_url=api_url, session=session, retry_handlers=[])


@asynccontextmanager
async def bot(
    *,
    database_url: str,
    policy: Policy,
    slack: SlackAccess,
    now: Now = utc_now,
    pace: bool = True,
    ping_every: float = PING_EVERY,
) -> AsyncIterator[Bot]:
    """Run a bot until the context is left; then it finishes what is under way and gives the rest back."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(opened(database_url, create=True))
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=TIMEOUT))
        running = _wired(database, session, policy=policy, slack=slack, now=now, pace=pace, ping=ping_every)
        tasks = await _started(running)
        try:
            yield running
        finally:
            await _stopped(running, tasks)


def _wired(
    database: Database,
    session: aiohttp.ClientSession,
    *,
    policy: Policy,
    slack: SlackAccess,
    now: Now,
    pace: bool,
    ping: float,
) -> Bot:
    bell = Bell()
    client = _client(session, token=slack.bot_token.get_secret_value(), api_url=slack.api_url)
    call = Calls(client, pace=pace, waits=StoredWaits(database))
    gateway = Gateway(call, incidents=policy.incidents_channel)
    ports = ports_over(database, bell, policy=policy, chat=gateway, now=now)
    listen = None if database.is_sqlite else database.listen
    worker = Worker(ports.queue, ports, HANDLERS, failure_notice, listen=listen)
    bell.heard = worker.wake
    recorder = Recorder(ports.archive)
    secret = slack.signing_secret.get_secret_value() if slack.signing_secret else None
    over_http = secret if slack.app_token is None else None
    surface = SlackApp(ports=ports, call=call, gateway=gateway, recorder=recorder, signing_secret=over_http)
    socket = None
    if slack.app_token:
        socket = Socket(
            surface.app,
            app_token=slack.app_token.get_secret_value(),
            client=client,
            connected=lambda: surface.responder.soon(upkeep.enqueue_catch_up(ports)),
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


async def _started(running: Bot) -> list[asyncio.Task[None]]:
    await running.worker.start()
    await running.calendar.start()
    tasks = [asyncio.create_task(_greet(running), name="greeting")]
    if running.socket:
        tasks.append(asyncio.create_task(running.socket.run(), name="socket"))
    return tasks


async def _stopped(running: Bot, tasks: Collection[asyncio.Task[None]]) -> None:
    """Hear no more, write what was heard, answer what was asked, give the rest back."""
    for _ in range(STOP_TRIES):
        # More than once: a library that waits with a timeout may swallow a cancellation.
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=STOP_WITHIN) if tasks else (set(), set())
    await running.surface.drain()
    await running.calendar.stop()
    await running.worker.stop()


async def _greet(running: Bot) -> None:
    """Learn who we are and join where incidents are announced; Slack may be away for a while."""
    wait = 0.5
    while True:
        try:
            await running.gateway.who()
            await _hearing(running)
            await running.gateway.incidents_channel()
        except OutsideError as failure:
            logger.warning("slack does not answer yet", why=str(failure))
            await asyncio.sleep(wait)
            wait = min(wait * 2, GREETING_MOST)
            continue
        running.greeted.set()
        if running.socket is None:
            running.surface.responder.soon(upkeep.enqueue_catch_up(running.ports))
        with suppress(OutsideError):
            await running.gateway.learn_bots()
        return


async def _hearing(running: Bot) -> None:
    """Wait a moment for the socket: joining a channel makes an event that somebody should hear."""
    if running.socket:
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARING_MOST):
                await running.socket.established.wait()


# -- what the shell calls


@asynccontextmanager
async def shell(settings: Settings, *, include_private: bool = False) -> AsyncIterator[Ports]:
    """Open an existing database for a shell command; effects are owed, and a running bot pays them."""
    async with AsyncExitStack() as stack:
        url = settings.database_url.get_secret_value()
        database = await stack.enter_async_context(opened(url, create=False))
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=TIMEOUT))
        token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
        client = _client(session, token=token, api_url=settings.slack_api_url)
        chat = Gateway(Calls(client), incidents=settings.policy.incidents_channel)
        yield ports_over(
            database,
            Bell(),
            policy=settings.policy,
            chat=chat,
            now=utc_now,
            include_private=include_private,
        )


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    slack = settings.require_slack()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, stop.set)
    url = settings.database_url.get_secret_value()
    async with (
        bot(database_url=url, policy=settings.policy, slack=slack) as running,
        serving(running, slack, host=settings.host, port=settings.port) as port,
    ):
        logger.info("ready", host=settings.host, port=port, slack="socket" if running.socket else "http")
        await stop.wait()
        logger.info("stopping")


@asynccontextmanager
async def serving(running: Bot, slack: SlackAccess, *, host: str, port: int) -> AsyncIterator[int]:
    """Serve health, metrics and, with a signing secret, Slack's requests; yields the port that was bound."""
    from bot.web.serving import serve  # noqa: PLC0415 - FastAPI takes half a second that shell commands save

    ready = asyncio.Event()
    bound: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    app = _http(running, slack)
    server = asyncio.create_task(serve(app, host=host, port=port, ready=ready, bound=bound.set_result))
    began = asyncio.create_task(ready.wait())
    await asyncio.wait({server, began}, return_when=asyncio.FIRST_COMPLETED)
    began.cancel()
    if server.done():
        await server
    try:
        yield bound.result()
    finally:
        server.cancel()
        with suppress(asyncio.CancelledError):
            await server


def _http(running: Bot, slack: SlackAccess) -> "ASGIApp":
    from bot.web.app import build  # noqa: PLC0415 - as in `serving`

    probe = Probe(
        backlog=lambda: running.ports.reads.backlog(now=running.ports.now()),
        slack=running.slack_health,
        heartbeat_age=lambda: timedelta(seconds=time.monotonic() - running.worker.heartbeat),
        now=running.ports.now,
    )
    return build(
        health=probe,
        open_incidents=lambda: _open_by_severity(running.ports),
        counters=running.counters,
        slack=_slack_over_http(running, slack.signing_secret) if slack.signing_secret else None,
    )


def _slack_over_http(running: Bot, secret: SecretStr) -> "SlackOverHttp":
    from slack_bolt.adapter.starlette.async_handler import (  # noqa: PLC0415 - as in `serving`
        AsyncSlackRequestHandler,
    )

    from bot.web.events import SlackOverHttp  # noqa: PLC0415 - as in `serving`

    verifier = SignatureVerifier(secret.get_secret_value())

    def verify(body: bytes, headers: Mapping[str, str]) -> bool:
        return verifier.is_valid_request(body, dict(headers))

    return SlackOverHttp(verify=verify, answer=AsyncSlackRequestHandler(running.surface.app).handle)


async def _open_by_severity(ports: Ports) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for line in await ports.reads.open_incidents(seen_by=SHELL):
        if not line.drill:
            counts[line.severity] = counts.get(line.severity, 0) + 1
    return counts


async def migrate(settings: Settings) -> str:
    """Create or upgrade the database; returns what was done, in words."""
    database = Database.open(settings.database_url.get_secret_value())
    try:
        before = await database.schema_state()
        await upgrade(database)
    finally:
        await database.close()
    if before is Schema.NONE:
        return f"created {database}"
    return f"{database} was current" if before is Schema.CURRENT else f"upgraded {database}"


async def retry_job(settings: Settings, job: int) -> bool:
    """Put a dead job back among the due ones; False when it is not dead."""
    async with shell(settings) as ports:
        return await ports.queue.revive(job)


async def doctor(settings: Settings) -> list[Finding]:
    """Return what is right and wrong with an installation, each problem with its remedy."""
    findings = await _database_findings(settings)
    try:
        slack = settings.require_slack()
    except SettingsError as missing:
        findings.append(Finding(check="bot token", ok=False, what=str(missing), remedy="See .env.example."))
        return findings
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        client = _client(session, token=slack.bot_token.get_secret_value(), api_url=slack.api_url)
        call = Calls(client)
        gateway = Gateway(call, incidents=settings.policy.incidents_channel)
        findings += await checkup.examine(
            call,
            gateway,
            app_token=slack.app_token.get_secret_value() if slack.app_token else None,
            wanted=manifest.scopes(manifest_path()),
            incidents=settings.policy.incidents_channel,
        )
    return findings


async def _database_findings(settings: Settings) -> list[Finding]:
    try:
        async with shell(settings) as ports:
            dead = await ports.reads.jobs(states=[JobState.DEAD])
            backlog = await ports.reads.backlog(now=utc_now())
    except CannotOpen as wrong:
        remedy = "Run `warroom migrate`, or set WARROOM_DATABASE_URL."
        return [Finding(check="database", ok=False, what=str(wrong), remedy=remedy)]
    findings = [Finding(check="database", ok=True, what=f"current; {backlog.owed} jobs owed")]
    if dead:
        kinds = ", ".join(sorted({job.kind for job in dead}))
        remedy = "Look at `warroom jobs --state dead`, mend the cause, then `warroom jobs retry ID`."
        findings.append(
            Finding(check="jobs", ok=False, what=f"{len(dead)} given up ({kinds})", remedy=remedy)
        )
    else:
        findings.append(Finding(check="jobs", ok=True, what="none given up"))
    return findings
