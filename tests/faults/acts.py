"""What people and operators do in these tests, and how a bot is lost in the middle of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import Bot, Wakeup, ports_over
from bot.domain.incident.aggregate import Declaration
from bot.domain.shared.vocabulary import SHELL, Actor, IncidentId
from bot.resources import manifest_path
from bot.sandbox import MovableClock, Person, Sandbox
from bot.sandbox.journal import Call
from bot.sandbox.state import Channel, View
from bot.slack.client.calls import Calls
from bot.slack.client.gateway import Gateway
from bot.usecases.incident.declare import Declare, declare
from bot.usecases.incident.timeline import AddNote, note
from bot.usecases.policy import Policy
from bot.usecases.ports import JobLine, Ports
from storage.engine import Database
from tests.faults.checker import Checker
from tests.world import World


@asynccontextmanager
async def watched(
    database_url: str, *, retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
) -> AsyncIterator[tuple[World, Checker]]:
    """Run a sandbox and a bot in it, with the checker that looks at both."""
    async with Sandbox(
        manifest_path(), channels=("general", "incidents"), clock=MovableClock(), retry_delays=retry_delays
    ) as slack:
        world = World(slack=slack, database_url=database_url)
        await world.start()
        try:
            yield world, Checker(database_url=database_url, slack=slack)
        finally:
            await world.stop()


@asynccontextmanager
async def shell(slack: Sandbox, database_url: str) -> AsyncIterator[Ports]:
    """Open the database as a command of the shell does, on the sandbox's clock: what follows is only owed."""
    database = Database.open(database_url)
    try:
        async with aiohttp.ClientSession() as session:
            client = AsyncWebClient(base_url=slack.api_url, session=session, retry_handlers=[])
            policy = Policy()
            chat = Gateway(Calls(client), incidents=policy.incidents_channel)
            yield ports_over(database, Wakeup(), policy=policy, chat=chat, now=slack.clock.now)
    finally:
        await database.close()


async def declare_in(
    ports: Ports, title: str, *, severity: str = "SEV1", drill: bool = False, by: Actor = SHELL
) -> IncidentId:
    """Declare from the shell; returns the incident's number."""
    said = Declaration(title=title, severity=ports.policy.scale.find(severity), drill=drill)
    return (await declare(Declare(actor=by, said=said), ports)).id


async def note_in(ports: Ports, incident: IncidentId, words: str) -> None:
    """Write a note from the shell, which the bot owes to the room."""
    await note(AddNote(actor=SHELL, incident=incident, body=words), ports)


async def asked(person: Person, title: str) -> View:
    """Open the modal and return it."""
    reply = await person.command("/incident", f"declare {title}")
    assert reply.acked, reply
    return await person.wait_for_modal(timeout=10)


def rooms(slack: Sandbox) -> list[Channel]:
    """Return the war rooms, oldest first."""
    bot = slack.bot_user.id
    return [one for one in slack.workspace.channels.all.values() if one.creator == bot and one.name]


def posts(slack: Sandbox, kind: str) -> list[tuple[str, Call]]:
    """Return the calls that posted messages of a job's kind and had their effect, each with its key."""
    found = []
    for call in slack.journal.called("chat.postMessage"):
        metadata = call.args.get("metadata")
        key = str(metadata["event_payload"]["key"]) if isinstance(metadata, Mapping) else ""
        if call.ok and key.startswith(f"{kind}:"):
            found.append((key, call))
    return found


async def jobs(bot: Bot) -> list[JobLine]:
    """Return all jobs."""
    return await bot.ports.reads.jobs(limit=100_000)
