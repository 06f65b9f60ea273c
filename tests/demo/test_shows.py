"""`warroom demo` and `warroom sandbox` as somebody starts them."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.demo import shows
from bot.demo.process import BotProcess
from bot.demo.runner import Runner
from bot.domain.shared.errors import Refused
from bot.resources import manifest_path
from bot.sandbox import MovableClock, Sandbox
from tests.world import MONDAY

SHOWS: list[Callable[[int], Awaitable[object]]] = [
    lambda port: shows.live(port=port),
    shows.sandbox,
]


@pytest.mark.parametrize("show", SHOWS, ids=["demo", "sandbox"])
async def test_a_taken_port_is_refused_in_one_sentence(show: Callable[[int], Awaitable[object]]) -> None:
    async with Sandbox(manifest_path()) as other:
        port = int(other.url.rpartition(":")[2])

        with pytest.raises(Refused) as refused:
            await show(port)

    assert refused.value.why == f"Port {port} is taken by another program; `--port 0` takes any free one."


async def test_the_address_of_the_sandbox_shows_its_page() -> None:
    lines: asyncio.Queue[str] = asyncio.Queue()

    running = asyncio.create_task(shows.sandbox(0, show=lines.put_nowait))
    try:
        said = await lines.get()
        url = re.findall(r"its workspace at (\S+)\. ", said)[0]
        async with aiohttp.ClientSession() as session, session.get(url) as reply:
            page = await reply.text()
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    assert reply.status == 200
    assert 'data-test="composer-input"' in page
    assert "Authorization: Bearer" in said


@asynccontextmanager
async def kept(folder: Path) -> AsyncIterator[Runner]:
    """Run a workspace that is kept in a folder, with a bot in a process of its own."""
    slack = Sandbox(manifest_path(), clock=MovableClock(MONDAY), channels=shows.CHANNELS)
    slack.keep_in(folder / shows.WORKSPACE)
    async with slack, BotProcess(slack, f"sqlite:///{folder / shows.DATABASE}") as process:
        runner = Runner(slack, lambda _line: None)
        runner.runs(process)
        yield runner


async def declared(runner: Runner) -> str:
    """Declare as ada; returns the name of the war room."""
    ada = runner.person("ada")
    await ada.command("/incident", "declare Revenue is wrong")
    await ada.submit(await ada.wait_for_modal(timeout=30), {"severity": "SEV2"})
    await runner.settle()
    return next(each.name for each in ada.channels() if each.name.startswith("inc-"))


async def test_a_killed_bot_is_started_again_and_does_what_it_owed(tmp_path: Path) -> None:
    async with kept(tmp_path) as runner:
        room = await declared(runner)
        before = runner.bot.about

        await runner.bot.kill()
        await runner.slack.until(lambda: not runner.slack.connected, 30, what="the bot to be gone")
        gone = runner.bot.about
        runner.slack.clock.forward(timedelta(hours=1))
        await runner.bot.plan()
        await runner.settle()

        assert re.fullmatch(r"process \d+", before)
        assert gone.startswith("starting")
        assert re.fullmatch(r"process \d+, killed once", runner.bot.about)
        assert runner.bot.about.split(",")[0] != before
        assert "has had no commander since" in runner.person("ada").reads(room)


async def test_a_kept_demo_goes_on_where_it_ended(tmp_path: Path) -> None:
    async with kept(tmp_path) as runner:
        room = await declared(runner)
        ended = runner.slack.clock.now()

    async with kept(tmp_path) as again:
        ada = again.person("ada")
        shown = ada.reads(room)
        assert again.slack.clock.now() >= ended
        owed = await again.owed()
        await ada.command("/incident", "fixing", channel=room)
        await again.settle()

        assert "SEV2" in shown
        assert {each.incident for each in owed if each.incident} == {"INC-1"}
        assert "moved it from investigating to fixing" in ada.reads(room)


async def test_a_kept_demo_plays_its_story_once(tmp_path: Path) -> None:
    folder = tmp_path / "kept"

    first = await lines_of(folder, until="wonder in #general")
    second = await lines_of(folder, until="Open the workspace")

    assert f"It is kept in {folder}" in second
    assert "wonder in #general" in first
    assert "wonder in #general" not in second
    assert {each.name for each in folder.iterdir()} >= {shows.WORKSPACE, shows.DATABASE}


async def lines_of(folder: Path, *, until: str) -> str:
    """Run the demo until it has printed some words; returns all that it printed, also while it ended."""
    lines: list[str] = []
    said = asyncio.Event()

    def show(line: str) -> None:
        lines.append(line)
        if until in line:
            said.set()

    running = asyncio.create_task(shows.live(keep=folder, show=show))
    waiting = asyncio.create_task(said.wait())
    await asyncio.wait({running, waiting}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return "\n".join(lines)
