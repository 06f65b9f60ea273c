"""The whole of Warroom in one process: a sandbox, the real bot over real sockets, a clock moved by hand."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from pydantic import SecretStr

from bot.app import Bot, bot, serving
from bot.domain.incident.aggregate import Incident
from bot.domain.shared.vocabulary import SYSTEM, IncidentId
from bot.resources import manifest_path
from bot.sandbox import MovableClock, Sandbox
from bot.sandbox.people import Reply
from bot.sandbox.state import Channel, Message, View
from bot.settings import SlackAccess
from bot.usecases.policy import Policy

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""When stories begin: a working morning, so that what the bot says can be written down to the minute."""
UNHURRIED = 3600.0
"""Seconds that nobody here is meant to wait out: a story is about what happens, not how fast.

It goes on when something has happened; what never does is ended by pytest, which shows where it hung.
"""


@dataclass(kw_only=True)
class World:
    """A sandbox and the bot that lives in it; `stop` and `start` change bots on one database."""

    slack: Sandbox
    database_url: str
    policy: Policy = field(default_factory=Policy)
    port: int | None = None
    _alive: AsyncExitStack = field(default_factory=AsyncExitStack)
    _bot: Bot | None = None

    # -- the bot

    @property
    def bot(self) -> Bot:
        """The bot that runs now."""
        assert self._bot, "no bot is running"
        return self._bot

    async def start(self) -> None:
        """Start a bot on the database, over Socket Mode, or over HTTP where the world has a port."""
        self._bot = await self._alive.enter_async_context(
            living(self.slack, self.database_url, self.policy, port=self.port)
        )

    async def stop(self) -> None:
        """Stop the bot; what it owes stays in the database."""
        await self._alive.aclose()
        self._bot = None

    async def restart(self, *, away: timedelta = timedelta()) -> None:
        """Stop the bot, let time pass, start the next one, and return when it has caught up."""
        await self.stop()
        self.slack.clock.forward(away)
        await self.start()
        await self.settle()

    async def lose_events(self) -> None:
        """While no bot runs: let Slack try in vain until it gives up what it could not deliver."""
        for tried, wait in ((2, timedelta(minutes=1)), (3, timedelta(minutes=5))):
            await self.slack.until(partial(self._all_tried, tried), UNHURRIED, what=f"{tried} attempts")
            self.slack.clock.forward(wait)
        await self.slack.settled(timeout=UNHURRIED)

    def _all_tried(self, times: int) -> bool:
        lost = [delivery for delivery in self.slack.journal.deliveries if not delivery.acked]
        return all(sum(each.outcome != "waiting" for each in one.attempts) >= times for one in lost)

    async def settle(self) -> None:
        """Return when nothing is under way: no delivery, no answer, no due job."""
        while True:
            await self.slack.settled(timeout=UNHURRIED)
            await self.bot.surface.drain()
            before = len(self.slack.journal.calls), len(self.slack.journal.deliveries)
            await self.bot.worker.idle()
            await self.slack.settled(timeout=UNHURRIED)
            if before == (len(self.slack.journal.calls), len(self.slack.journal.deliveries)):
                return

    async def forward(self, by: timedelta) -> None:
        """Move business time, and return when what became due is done."""
        self.slack.clock.forward(by)
        await self.bot.calendar.plan_due()
        await self.settle()

    async def incident(self, number: int = 1) -> Incident:
        """Return an incident as the database has it."""
        return await self.bot.ports.reads.incident(IncidentId(number), seen_by=SYSTEM)

    # -- what people do

    async def declare(
        self, by: str = "ada", title: str = "Revenue is wrong", severity: str = "SEV2", **values: object
    ) -> str:
        """Declare through the modal as a person does; returns the war room's name."""
        person = self.slack.person(by)
        before = {channel.name for channel in person.channels()}
        await person.command("/incident", f"declare {title}")
        view: View = await person.wait_for_modal(timeout=UNHURRIED)
        submitted = await person.submit(view, {"severity": severity, **values})
        assert submitted.ok, submitted
        await self.settle()
        new = {channel.name for channel in person.channels()} - before
        assert len(new) == 1, new
        return new.pop()

    async def join(self, room: str, *names: str) -> None:
        """Have people join a public war room."""
        for name in names:
            await self.slack.person(name).join(room)
        await self.settle()

    async def types(self, by: str, words: str, *, channel: str = "general") -> Reply:
        """Type ``/incident words``, and return what came back once all that follows is done."""
        reply = await self.slack.person(by).command("/incident", words, channel=channel)
        assert reply.acked, reply
        await self.settle()
        return reply

    async def presses(
        self,
        by: str,
        where: Message | View,
        button: str,
        *,
        value: str | None = None,
        selected: object = None,
    ) -> None:
        """Press a button, by its words or its action id."""
        clicked = await self.slack.person(by).click(where, button, value=value, selected=selected)
        assert clicked.acked, clicked
        await self.settle()

    async def submits(self, by: str, **values: object) -> None:
        """Fill in and send the modal in front of a person."""
        person = self.slack.person(by)
        submitted = await person.submit(await person.wait_for_modal(timeout=UNHURRIED), values)
        assert submitted.ok, submitted
        await self.settle()

    # -- what people see

    def channel(self, room: str, by: str = "ada") -> Channel:
        """Return a channel, as a person who may see it finds it."""
        return self.slack.person(by).channel(room)

    def card(self, room: str, by: str = "ada") -> Message:
        """Return the card of a war room: the one message that is pinned."""
        channel = self.channel(room, by)
        (card,) = channel.pins
        return channel.messages[card]

    def shows(self, shown: Message | View | None) -> str:
        """Return a message, a modal or a home as it reads."""
        if shown is None:
            return ""
        screen = self.slack.screen
        return screen.message(shown) if isinstance(shown, Message) else screen.view(shown)

    def text(self, room: str, by: str = "ada") -> str:
        """Return all that a person reads in a channel."""
        return self.slack.person(by).reads(room)

    def said(self, room: str, by: str = "ada") -> list[str]:
        """Return every message of the bot that all in a channel see, as its notification reads."""
        messages = self.channel(room, by).messages.values()
        bot = self.slack.bot_user.id
        return [
            self.slack.screen.words(message.text)
            for message in messages
            if message.user == bot and message.subtype in {None, "bot_message"}
        ]

    def last(self, room: str, by: str = "ada") -> Message:
        """Return the bot's newest message in a channel."""
        bot = self.slack.bot_user.id
        return [m for m in self.channel(room, by).messages.values() if m.user == bot and m.subtype is None][
            -1
        ]

    def told(self, by: str, channel: str) -> list[str]:
        """Return what the bot told one person alone in a channel, the oldest first."""
        person = self.slack.person(by)
        mine = [each for each in person.sees(channel) if each.viewer == person.id]
        return [self.shows(message).partition("\n")[2].strip() for message in mine]

    def dms(self, by: str) -> list[str]:
        """Return the bot's direct messages to a person, as they read."""
        return [self.shows(message) for message in self.slack.person(by).dms()]

    def rooms(self) -> list[str]:
        """Return the names of all war rooms there are, seen by anybody or not."""
        channels = self.slack.workspace.channels.all.values()
        return [channel.name for channel in channels if channel.name.startswith("inc-")]


def access(slack: Sandbox, *, http: bool = False) -> SlackAccess:
    """Return the tokens of a sandbox, for Socket Mode or for signed HTTP."""
    return SlackAccess(
        bot_token=SecretStr(slack.bot_token),
        app_token=None if http else SecretStr(slack.app_token),
        signing_secret=SecretStr(slack.signing_secret) if http else None,
        api_url=slack.api_url,
    )


@asynccontextmanager
async def living(
    slack: Sandbox, database_url: str, policy: Policy, *, port: int | None = None
) -> AsyncIterator[Bot]:
    """Run a bot in a sandbox; it is connected and knows who it is. With a port it listens there instead."""
    given = access(slack, http=port is not None)
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(
            bot(
                database_url=database_url,
                policy=policy,
                slack=given,
                now=slack.clock.now,
                pace=False,
                ping_every=0.5,
            )
        )
        if port is None:
            await slack.connection(1, timeout=UNHURRIED)
        else:
            await stack.enter_async_context(serving(running, given, host="127.0.0.1", port=port))
        await running.greeted.wait()
        yield running


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@asynccontextmanager
async def world(
    database_url: str,
    *,
    policy: Policy | None = None,
    clock: MovableClock | None = None,
    http: bool = False,
    people: int = 0,
) -> AsyncIterator[World]:
    """Run a sandbox and a bot in it; ``people`` more than the four of the seed are called p1, p2 ..."""
    port = free_port() if http else None
    delivery = f"http://127.0.0.1:{port}/slack/events" if http else "socket"
    clock = clock or MovableClock(MONDAY, frozen=True)
    async with Sandbox(
        manifest_path(),
        channels=("general", "incidents"),
        clock=clock,
        delivery=delivery,
        ack_timeout=UNHURRIED,
        # What a click allows to open ages by the story's clock too.
        monotonic=lambda: clock.now().timestamp(),
    ) as slack:
        for number in range(1, people + 1):
            slack.add_person(f"p{number}")
        made = World(slack=slack, database_url=database_url, policy=policy or Policy(), port=port)
        await made.start()
        try:
            yield made
        finally:
            await made.stop()
