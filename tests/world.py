"""The whole of Warroom in one process: the sandbox, the real bot over real sockets, and a clock moved by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import SecretStr

from bot.app import Bot, bot
from bot.resources import manifest_path
from bot.sandbox import MovableClock, Person, Sandbox
from bot.sandbox.state import Message, View
from bot.settings import SlackAccess
from bot.usecases.policy import Policy


@dataclass(kw_only=True)
class World:
    """A sandbox and the bot that lives in it; `restart` ends one bot and starts the next on its database."""

    slack: Sandbox
    database_url: str
    policy: Policy = field(default_factory=Policy)
    bot: Bot

    async def settle(self) -> None:
        """Return when nothing is under way: no delivery, no answer, no due job."""
        while True:
            await self.slack.settled()
            await self.bot.surface.answering.drain()
            before = len(self.slack.journal.calls), len(self.slack.journal.deliveries)
            await self.bot.worker.idle()
            await self.slack.settled()
            if before == (len(self.slack.journal.calls), len(self.slack.journal.deliveries)):
                return

    async def forward(self, by: timedelta) -> None:
        """Move business time, and return when what became due is done."""
        self.slack.clock.forward(by)
        await self.bot.calendar.plan_due()
        await self.settle()

    async def declare(
        self, by: str = "ada", title: str = "Revenue is wrong", severity: str = "SEV2", **values: object
    ) -> str:
        """Declare through the modal as a person does; returns the war room's name."""
        person = self.slack.person(by)
        before = {channel.name for channel in person.channels()}
        await person.command("/incident", f"declare {title}")
        view: View = await person.wait_for_modal()
        submitted = await person.submit(view, {"severity": severity, **values})
        assert submitted.ok, submitted
        await self.settle()
        new = {channel.name for channel in person.channels()} - before
        assert len(new) == 1, new
        return new.pop()

    def card(self, room: str, by: str = "ada") -> Message:
        """Return the card of a war room, as a person in it sees it."""
        channel = self.slack.person(by).channel(room)
        return channel.messages[next(iter(channel.pins))]

    def text(self, room: str, by: str = "ada") -> str:
        """Return all that a person reads in a channel."""
        return self.slack.person(by).reads(room)


def access(slack: Sandbox, *, http: bool = False) -> SlackAccess:
    """Return the tokens of a sandbox, for Socket Mode or for signed HTTP."""
    return SlackAccess(
        bot_token=SecretStr(slack.bot_token),
        app_token=None if http else SecretStr(slack.app_token),
        signing_secret=SecretStr(slack.signing_secret) if http else None,
        api_url=slack.api_url,
    )


@asynccontextmanager
async def living(slack: Sandbox, database_url: str, policy: Policy) -> AsyncIterator[Bot]:
    """Run a bot in a sandbox over Socket Mode; it is connected and knows who it is."""
    async with bot(
        database_url=database_url,
        policy=policy,
        slack=access(slack),
        now=slack.clock.now,
        pace=False,
        ping_every=0.5,
    ) as running:
        await slack.connection(1)
        await running.greeted.wait()
        yield running


@asynccontextmanager
async def world(
    database_url: str, *, policy: Policy | None = None, clock: MovableClock | None = None
) -> AsyncIterator[World]:
    """Run a sandbox and a bot in it."""
    policy = policy or Policy()
    async with (
        Sandbox(manifest_path(), clock=clock or MovableClock()) as slack,
        living(slack, database_url, policy) as running,
    ):
        yield World(slack=slack, database_url=database_url, policy=policy, bot=running)


