"""A story is told at a reader's pace, waits where it was paused, and goes one step further when asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from bot.demo.player import Player
from bot.demo.stories import Stage, Step

NEVER = 1000.0


async def three(_stage: Stage) -> AsyncIterator[Step]:
    for number in ("one", "two", "three"):
        yield Step(who=None, what=number)


class Listener:
    """Hears what is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.moved = asyncio.Event()

    def tell(self, step: Step) -> None:
        self.heard.append(step.what)
        self.moved.set()

    async def has_heard(self, count: int) -> None:
        async with asyncio.timeout(timedelta(seconds=20).total_seconds()):
            while len(self.heard) < count:
                self.moved.clear()
                await self.moved.wait()


@asynccontextmanager
async def playing(player: Player, listener: Listener) -> AsyncIterator[asyncio.Task[None]]:
    stage: Any = None
    task = asyncio.create_task(player.play(three, stage, listener.tell))
    yield task
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_next_takes_one_step_and_no_more() -> None:
    player, listener = Player(lambda: None, reading=NEVER), Listener()

    async with playing(player, listener):
        await listener.has_heard(1)
        player.next()
        await listener.has_heard(2)

        assert listener.heard == ["one", "two"]
        assert [each.what for each in player.steps] == ["one", "two"]


async def test_a_paused_story_waits_and_can_still_be_stepped() -> None:
    player, listener = Player(lambda: None, reading=0.0), Listener()
    player.pause()

    async with playing(player, listener) as task:
        await listener.has_heard(1)
        player.next()
        await listener.has_heard(2)
        assert (player.paused, listener.heard) == (True, ["one", "two"])
        player.resume()
        await task

    assert listener.heard == ["one", "two", "three"]
    assert not player.playing


async def test_whoever_looks_is_told_of_every_step_and_of_the_end() -> None:
    seen: list[tuple[int, bool]] = []
    listener = Listener()
    player = Player(lambda: seen.append((len(player.steps), player.playing)), reading=0.0)

    async with playing(player, listener) as task:
        await task

    assert seen == [(0, True), (1, True), (2, True), (3, True), (3, False)]
