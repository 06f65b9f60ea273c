"""An incident to watch: a Slack of our own, the real bot in it, and a story played through both."""

import asyncio
import difflib
import os
import signal
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.app import Bot, bot, serving
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import label
from bot.resources import manifest_path
from bot.sandbox import MovableClock, Person, Sandbox
from bot.sandbox.page import OwedLine, mount
from bot.sandbox.state import Message
from bot.sandbox.stories import NotShown, Step, Story, revenue_is_wrong, revenue_under_way
from bot.settings import SlackAccess
from bot.usecases.policy import Policy
from bot.usecases.ports import JobState

Print = Callable[[str], None]

READING = 2.5
"""Seconds between two steps of the slow demo: about what it takes to read what was shown."""
ANSWERING = 0.3
"""Seconds that the page's own request has to be answered before the server it asked begins anew."""
RULE = "─" * 78

STORY, UNDER_WAY, EMPTY = "story", "revenue", "empty"
SCENARIOS: Mapping[str, Story | None] = {STORY: revenue_is_wrong, UNDER_WAY: revenue_under_way, EMPTY: None}
"""What a workspace can begin with: the whole story, an incident under way, or nothing at all."""


class Theatre:
    """A stage with an audience: after each step it prints what Slack newly shows."""

    def __init__(self, slack: Sandbox, show: Print) -> None:
        """Play in a sandbox; `runs` names the bot in it."""
        self.slack = slack
        self.wanted: str | None = None
        self._print = show
        self._seen: dict[tuple[str, str, str | None], str] = {}
        self._another = asyncio.Event()

    def runs(self, running: Bot) -> None:
        """Play with this bot from now on; what stands in the workspace already is not news."""
        self._bot = running
        self.shown()

    # -- what the page may ask

    async def owed(self) -> Sequence[OwedLine]:
        """Return what is owed, the next one first."""
        try:
            jobs = await self._bot.ports.reads.jobs(states=[JobState.DUE, JobState.LEASED, JobState.DEAD])
        except Refused:
            # A window may still look while the bot behind it ends.
            return []
        return [
            OwedLine(
                due_at=job.due_at,
                kind=job.kind,
                key=job.key,
                incident=label(job.incident) if job.incident else "",
                lane=job.lane or "",
                state=str(job.state),
            )
            for job in jobs
        ]

    async def start(self, scenario: str) -> None:
        """Play a scenario here, and return when it stands; an unknown one is a KeyError.

        An empty workspace is a new one: it begins once this request has been answered.
        """
        story = SCENARIOS[scenario]
        if story is None:
            self.wanted = scenario
            asyncio.get_running_loop().call_later(ANSWERING, self._another.set)
            return
        async for step in story(self):
            self.tell(step)

    async def another(self) -> None:
        """Return when the page has asked to begin anew."""
        await self._another.wait()

    # -- what a story may ask

    def person(self, name: str) -> Person:
        """Return somebody of the workspace."""
        return self.slack.person(name)

    async def settle(self) -> None:
        """Return when nothing is under way: no delivery, no answer, no due job."""
        while True:
            await self.slack.settled()
            await self._bot.surface.drain()
            before = self._traffic()
            await self._bot.worker.idle()
            await self.slack.settled()
            if before == self._traffic():
                return

    def _traffic(self) -> tuple[int, int]:
        return len(self.slack.journal.calls), len(self.slack.journal.deliveries)

    async def forward(self, by: timedelta) -> None:
        """Move the clock, and return when what became due is done."""
        self.slack.clock.forward(by)
        await self._bot.calendar.plan_due()
        await self.settle()

    def tell(self, step: Step) -> None:
        """Print a step and what Slack shows since the last one."""
        when = self.slack.clock.now().strftime("%a %H:%M")
        told = f"{step.who} {step.what}" if step.who else step.what
        self._print(f"\n{RULE}\n{when}  {told}")
        for line in self.shown():
            self._print(line)

    def shown(self) -> list[str]:
        """Return what is new or has changed on anybody's screen since this was last asked."""
        lines: list[str] = []
        for channel in list(self.slack.workspace.channels.all.values()):
            name = f"#{channel.name}" if channel.name else self._direct(channel.members)
            new = [*channel.messages.values(), *channel.ephemerals]
            for message in new:
                lines += self._difference(name, message)
        return lines

    def _direct(self, members: list[str]) -> str:
        people = [self.slack.screen.name(user) for user in members if user != self.slack.bot_user.id]
        return f"direct message to {', '.join(people)}"

    def _difference(self, where: str, message: Message) -> list[str]:
        """Return a message that is new as it stands, and of one that was edited what changed."""
        key = (message.channel, message.ts, message.viewer)
        now, before = self.slack.screen.message(message), self._seen.get(key)
        self._seen[key] = now
        if before == now or message.subtype in {"channel_topic", "group_topic"}:
            return []
        only = f", visible to {self.slack.screen.name(message.viewer)} alone" if message.viewer else ""
        if before is None:
            return [f"\n  {where}{only}", *(f"    {line}" for line in now.splitlines())]
        changed = difflib.ndiff(before.splitlines(), now.splitlines())
        kept = [line for line in changed if line[:2] in {"- ", "+ "} and "(edited)" not in line]
        return [f"\n  {where}: changed in place", *(f"    {line}" for line in kept)]


def access(slack: Sandbox) -> SlackAccess:
    """Return the tokens that a sandbox gives its bot."""
    return SlackAccess(
        bot_token=SecretStr(slack.bot_token),
        app_token=SecretStr(slack.app_token),
        signing_secret=None,
        api_url=slack.api_url,
    )


async def demo(*, script: bool, scenario: str = STORY, port: int = 0) -> int:
    """Play a story in the browser and stay up, or with ``script`` at full speed; returns the exit code."""
    return await (played() if script else live(scenario=scenario, port=port))


async def played(show: Print = print, story: Story = revenue_is_wrong) -> int:
    """Play a story at full speed with time moved by hand; 0 when everything was shown, else 1."""
    with tempfile.TemporaryDirectory(prefix="warroom-demo-", ignore_cleanup_errors=True) as place:
        async with (
            Sandbox(manifest_path(), clock=MovableClock()) as slack,
            bot(
                database_url=f"sqlite:///{Path(place) / 'demo.db'}",
                policy=Policy(),
                slack=access(slack),
                now=slack.clock.now,
                pace=False,
            ) as running,
        ):
            await slack.connection(1)
            await running.greeted.wait()
            theatre = Theatre(slack, show)
            theatre.runs(running)
            try:
                steps = 0
                async for step in story(theatre):
                    theatre.tell(step)
                    steps += 1
            except (NotShown, AssertionError) as missing:
                show(f"\n{RULE}\nMISSING: {missing}")
                return 1
            show(f"\n{RULE}\n{steps} steps, each with what it has to show: all of it was there.")
            return 0


async def live(*, scenario: str = STORY, port: int = 0, show: Print = print) -> int:
    """Open the workspace in the browser and stay up until SIGINT or SIGTERM.

    The page may ask for another scenario: then everything begins anew at the same address.
    """
    stop = asyncio.Event()
    for which in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(which, stop.set)
    first, wanted = True, scenario
    while not stop.is_set():
        port, wanted = await _one_life(wanted, port, stop, show, first=first)
        first = False
    return 0


async def _one_life(
    scenario: str, port: int, stop: asyncio.Event, show: Print, *, first: bool
) -> tuple[int, str]:
    """Run one workspace and one bot; returns its port, and the scenario to begin anew with."""
    with tempfile.TemporaryDirectory(prefix="warroom-demo-", ignore_cleanup_errors=True) as place:
        slack = Sandbox(manifest_path(), clock=MovableClock(), port=port)
        theatre = Theatre(slack, show)
        mount(slack, backstage=theatre)
        async with (
            slack,
            bot(
                database_url=f"sqlite:///{Path(place) / 'demo.db'}",
                policy=Policy(),
                slack=access(slack),
                now=slack.clock.now,
                pace=False,
            ) as running,
            serving(running, access(slack), host="127.0.0.1", port=0) as web,
        ):
            theatre.runs(running)
            await slack.connection(1)
            await running.greeted.wait()
            if first:
                show(_invitation(slack, web))
            playing = asyncio.create_task(_play(SCENARIOS[scenario], theatre, show, slow=scenario == STORY))
            stopping, other = asyncio.create_task(stop.wait()), asyncio.create_task(theatre.another())
            await asyncio.wait({stopping, other}, return_when=asyncio.FIRST_COMPLETED)
            for task in (playing, stopping, other):
                task.cancel()
            await asyncio.gather(playing, stopping, other, return_exceptions=True)
            return urlsplit(slack.url).port or port, theatre.wanted or scenario


async def _play(story: Story | None, theatre: Theatre, show: Print, *, slow: bool) -> None:
    """Play a story, then print what happens in the workspace, whoever does it."""
    if story is not None:
        try:
            async for step in story(theatre):
                theatre.tell(step)
                await asyncio.sleep(READING if slow else 0)
            show(f"\n{RULE}\nThe story stands as far as it goes; the workspace stays up until Ctrl-C.")
        except AssertionError as interrupted:
            # Somebody acted in the room meanwhile, or switched Slack off: it is theirs now.
            show(f"\n{RULE}\nThe story ends here, because the room no longer is as it left it: {interrupted}")
    async for _ in theatre.slack.changes():
        for line in theatre.shown():
            show(line)


def _invitation(slack: Sandbox, web: int) -> str:
    return f"""
{RULE}
Open the workspace in a browser, and act in it as anybody, in as many windows as you like:

  {slack.url}/?as=ada&in=incidents

Or from another shell: {_curl(slack)}
The bot's own health and figures: http://127.0.0.1:{web}/health and /metrics
Everything is thrown away at the end. Ctrl-C ends it.
"""


def _curl(slack: Sandbox) -> str:
    return f"curl -s -H 'Authorization: Bearer {slack.control_token}' {slack.url}/control"


async def sandbox(port: int, *, show: Print = print) -> None:
    """Run a Slack of our own alone, for a bot in another process, until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for which in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(which, stop.set)
    async with Sandbox(manifest_path(), port=port) as slack:
        show(
            f"A Slack of our own at {slack.url}. Start the bot in another shell:\n\n"
            f"  SLACK_API_URL={slack.api_url} SLACK_BOT_TOKEN={slack.bot_token} \\\n"
            f"  SLACK_APP_TOKEN={slack.app_token} warroom run\n\n"
            f"Act in it as anybody: {_curl(slack)}\nCtrl-C ends it (process {os.getpid()})."
        )
        await stop.wait()
