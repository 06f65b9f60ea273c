"""What `warroom demo` and `warroom sandbox` do: a story in the browser, one at full speed, a Slack alone."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.app import bot
from bot.demo.backstage import Backstage
from bot.demo.bots import InProcess
from bot.demo.control import Control
from bot.demo.process import BotProcess
from bot.demo.runner import EMPTY, RULE, SCENARIOS, STORY, Print, Runner
from bot.demo.stories import NotShown, Story, revenue_is_wrong
from bot.domain.shared.errors import Refused
from bot.resources import manifest_path
from bot.sandbox import MovableClock, PortTaken, Sandbox
from bot.sandbox.page import mount
from bot.settings import SlackAccess
from bot.usecases.policy import Policy

CHANNELS = ("general", "incidents")
"""The channels of the workspace; the bot announces in the second one."""
WORKSPACE, DATABASE = "workspace.json", "warroom.db"
"""What a kept demo leaves in its folder."""


def access(slack: Sandbox) -> SlackAccess:
    """Return the tokens that a sandbox gives its bot."""
    return SlackAccess(
        bot_token=SecretStr(slack.bot_token),
        app_token=SecretStr(slack.app_token),
        signing_secret=None,
        api_url=slack.api_url,
    )


async def demo(*, script: bool, scenario: str = STORY, port: int = 0, keep: Path | None = None) -> int:
    """Play a story in the browser and stay up, or with ``script`` at full speed; returns the exit code."""
    return await (played() if script else live(scenario=scenario, port=port, keep=keep))


async def played(show: Print = print, story: Story = revenue_is_wrong) -> int:
    """Play a story at full speed with time moved by hand; 0 when everything was shown, else 1."""
    with tempfile.TemporaryDirectory(prefix="warroom-demo-", ignore_cleanup_errors=True) as place:
        async with (
            Sandbox(manifest_path(), clock=MovableClock(), channels=CHANNELS) as slack,
            bot(
                database_url=f"sqlite:///{Path(place) / DATABASE}",
                policy=Policy(),
                slack=access(slack),
                now=slack.clock.now,
                pace=False,
            ) as running,
        ):
            await slack.connection(1)
            await running.greeted.wait()
            runner = Runner(slack, show)
            runner.runs(InProcess(running))
            try:
                steps = 0
                async for step in story(runner):
                    runner.tell(step)
                    steps += 1
            except (NotShown, AssertionError) as missing:
                show(f"\n{RULE}\nMISSING: {missing}")
                return 1
            show(f"\n{RULE}\n{steps} steps, each with what it has to show: all of it was there.")
            return 0


@dataclass(frozen=True, kw_only=True)
class Life:
    """How one workspace begins: with what, where, and what of it is kept."""

    scenario: str
    port: int
    keep: Path | None
    first: bool = True


async def live(*, scenario: str = STORY, port: int = 0, keep: Path | None = None, show: Print = print) -> int:
    """Open the workspace in the browser and stay up until SIGINT or SIGTERM.

    The page may ask for another scenario: then everything begins anew at the same address. With ``keep``
    workspace and database are in that folder, and go on from there the next time.
    """
    stop = _stopped()
    life = Life(scenario=scenario, port=port, keep=keep)
    with _port_refused():
        while not stop.is_set():
            life = await _one_life(life, stop, show)
    return 0


@contextmanager
def _port_refused() -> Iterator[None]:
    try:
        yield
    except PortTaken as taken:
        msg = f"Port {taken.port} is taken by another program; `--port 0` takes any free one."
        raise Refused(msg) from taken


def _stopped() -> asyncio.Event:
    stop = asyncio.Event()
    for which in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(which, stop.set)
    return stop


@contextmanager
def _folder(life: Life) -> Iterator[Path]:
    """Yield where a workspace and its database are; one that begins anew finds nothing there."""
    if life.keep is None:
        with tempfile.TemporaryDirectory(prefix="warroom-demo-", ignore_cleanup_errors=True) as place:
            yield Path(place)
        return
    life.keep.mkdir(parents=True, exist_ok=True)
    if not life.first:
        for name in (WORKSPACE, *(f"{DATABASE}{each}" for each in ("", "-wal", "-shm"))):
            (life.keep / name).unlink(missing_ok=True)
    yield life.keep


async def _one_life(life: Life, stop: asyncio.Event, show: Print) -> Life:
    """Run one workspace and one bot; returns how to begin anew."""
    with _folder(life) as place:
        goes_on = life.keep is not None and (place / WORKSPACE).exists()
        slack = Sandbox(manifest_path(), clock=MovableClock(), port=life.port, channels=CHANNELS)
        if life.keep is not None:
            slack.keep_in(place / WORKSPACE)
        runner = Runner(slack, show)
        mount(slack, Backstage(slack, runner).extension())
        control = Control(slack).mount()
        async with slack, BotProcess(slack, f"sqlite:///{place / DATABASE}") as process:
            runner.runs(process)
            if life.first:
                show(_invitation(control, process.web, life.keep))
            story = None if goes_on else SCENARIOS[life.scenario]
            playing = asyncio.create_task(_play(runner, story, slow=life.scenario == STORY))
            stopping, other = asyncio.create_task(stop.wait()), asyncio.create_task(runner.another())
            await asyncio.wait({stopping, other}, return_when=asyncio.FIRST_COMPLETED)
            for task in (playing, stopping, other):
                task.cancel()
            await asyncio.gather(playing, stopping, other, return_exceptions=True)
            port = urlsplit(slack.url).port or life.port
            return Life(scenario=runner.wanted or life.scenario, port=port, keep=life.keep, first=False)


async def _play(runner: Runner, story: Story | None, *, slow: bool) -> None:
    """Play a story, then print what happens in the workspace, whoever does it."""
    if story is not None and slow:
        await runner.play(story)
    elif story is not None:
        await runner.start(next(name for name, each in SCENARIOS.items() if each is story))
    async for _ in runner.slack.changes():
        runner.print_news()


def _invitation(control: Control, web: int, keep: Path | None) -> str:
    kept = (
        f"It is kept in {keep}, and goes on from there the next time."
        if keep
        else ("Everything is thrown away at the end; `--keep DIR` keeps it.")
    )
    return f"""
{RULE}
Open the workspace in a browser, and act in it as anybody, in as many windows as you like:

  {control.slack.url}/?as=ada&in=general

Or from another shell: {_curl(control)}
The bot's own health and figures: http://127.0.0.1:{web}/health and /metrics
{kept} Ctrl-C ends it.
"""


def _curl(control: Control) -> str:
    return f"curl -s -H 'Authorization: Bearer {control.token}' {control.slack.url}/control"


async def sandbox(port: int, *, show: Print = print) -> None:
    """Run a Slack of our own alone, for a bot in another process, until SIGINT or SIGTERM."""
    stop = _stopped()
    slack = Sandbox(manifest_path(), port=port, channels=CHANNELS)
    mount(slack, Backstage(slack).extension())
    control = Control(slack).mount()
    with _port_refused():
        async with slack:
            show(_for_a_bot(control))
            await stop.wait()


def _for_a_bot(control: Control) -> str:
    slack = control.slack
    return (
        f"A Slack of our own, its workspace at {slack.url}. Start the bot in another shell:\n\n"
        f"  SLACK_API_URL={slack.api_url} SLACK_BOT_TOKEN={slack.bot_token} \\\n"
        f"  SLACK_APP_TOKEN={slack.app_token} warroom run\n\n"
        f"Act in it as anybody: {_curl(control)}\nCtrl-C ends it (process {os.getpid()})."
    )


__all__ = ["EMPTY", "access", "demo", "live", "played", "sandbox"]
