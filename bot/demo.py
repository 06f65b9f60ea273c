"""An incident to watch: a Slack of our own, the real bot in it, and a story played through both."""

import asyncio
import contextlib
import difflib
import os
import signal
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.app import Bot, bot, serving
from bot.resources import manifest_path
from bot.sandbox import MovableClock, Person, Sandbox
from bot.sandbox.state import Message
from bot.sandbox.stories import NotShown, Step, revenue_is_wrong
from bot.settings import SlackAccess
from bot.usecases.policy import Policy

Print = Callable[[str], None]

READING = 2.5
"""Seconds between two steps of the slow demo: about what it takes to read what was shown."""
RULE = "─" * 78


class Theatre:
    """A stage with an audience: after each step it prints what Slack newly shows."""

    def __init__(self, slack: Sandbox, running: Bot, show: Print) -> None:
        """Play in a sandbox, with a bot in it."""
        self.slack = slack
        self._bot = running
        self._print = show
        self._seen: dict[tuple[str, str, str | None], str] = {}
        self.shown()

    def person(self, name: str) -> Person:
        """Return somebody of the workspace."""
        return self.slack.person(name)

    async def settle(self) -> None:
        """Return when nothing is under way: no delivery, no answer, no due job."""
        while True:
            await self.slack.settled()
            await self._bot.surface.answering.drain()
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
        self._print(
            f"\n{RULE}\n{when}  {step.who or '⏱'} {step.what}"
            if step.who
            else f"\n{RULE}\n{when}  {step.what}"
        )
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


async def demo(*, script: bool) -> int:
    """Play the story, slowly and staying up, or with ``script`` at full speed; returns the exit code."""
    return await (played() if script else live())


async def played(show: Print = print) -> int:
    """Play the story at full speed with time moved by hand; 0 when everything was shown, else 1."""
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
            theatre = Theatre(slack, running, show)
            try:
                steps = 0
                async for step in revenue_is_wrong(theatre):
                    theatre.tell(step)
                    steps += 1
            except (NotShown, AssertionError) as missing:
                show(f"\n{RULE}\nMISSING: {missing}")
                return 1
            show(f"\n{RULE}\n{steps} steps, each with what it has to show: all of it was there.")
            return 0


async def live(show: Print = print, *, port: int = 0) -> int:
    """Play the story slowly and stay up, saying how to act in it, until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for which in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(which, stop.set)
    with tempfile.TemporaryDirectory(prefix="warroom-demo-", ignore_cleanup_errors=True) as place:
        async with (
            Sandbox(manifest_path(), clock=MovableClock(), port=port) as slack,
            bot(
                database_url=f"sqlite:///{Path(place) / 'demo.db'}",
                policy=Policy(),
                slack=access(slack),
                now=slack.clock.now,
            ) as running,
            serving(running, access(slack), host="127.0.0.1", port=0) as web,
        ):
            await slack.connection(1)
            await running.greeted.wait()
            playing = asyncio.create_task(_play(Theatre(slack, running, show), show))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not stop.is_set():
                show(_invitation(slack.url, web))
                await _watch(Theatre(slack, running, show), stop, show)
            playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                return await playing
            return 0


async def _play(theatre: Theatre, show: Print) -> int:
    show("A data incident, from /incident to its postmortem. Ctrl-C ends it.")
    try:
        async for step in revenue_is_wrong(theatre):
            theatre.tell(step)
            await asyncio.sleep(READING)
    except NotShown as missing:
        show(f"\n{RULE}\nMISSING: {missing}")
        return 1
    return 0


async def _watch(theatre: Theatre, stop: asyncio.Event, show: Print) -> None:
    """Print what happens in the workspace, whoever does it, until the end."""

    async def follow() -> None:
        async for _ in theatre.slack.changes():
            for line in theatre.shown():
                show(line)

    following = asyncio.create_task(follow())
    await stop.wait()
    following.cancel()


def _invitation(url: str, web: int) -> str:
    return f"""
{RULE}
The story is over; the workspace stays up until Ctrl-C. Act in it from another shell, as anybody:

  curl -s {url}/control                      # all that can be done
  curl -s {url}/control/act -d '{{"as": "ada", "do": "command", "channel": "general",
       "command": "/incident", "text": "declare Orders are late"}}'
  curl -s '{url}/control/modal?as=ada'       # the modal on ada's screen
  curl -s {url}/control/act -d '{{"as": "ada", "do": "submit", "values": {{"severity": "SEV3"}}}}'
  curl -s '{url}/control/see?as=grace&channel=incidents'
  curl -s {url}/control/clock -d '{{"forward_seconds": 3600}}'

The bot's own health and figures: http://127.0.0.1:{web}/health and /metrics
"""


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
            f"Act in it as anybody: curl -s {slack.url}/control\nCtrl-C ends it (process {os.getpid()})."
        )
        await stop.wait()
