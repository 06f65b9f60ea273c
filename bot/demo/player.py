"""Plays a story at the pace of a reader: it can be paused, and taken one step at a time."""

import asyncio
from collections.abc import Callable

from bot.demo.stories import Stage, Step, Story

READING = 2.5
"""Seconds between two steps: about what it takes to read what was shown."""


class Player:
    """One telling of a story after the other, and where the present one stands."""

    def __init__(self, told: Callable[[], None], *, reading: float = READING) -> None:
        """Call ``told`` whenever something about the telling has changed."""
        self.steps: list[Step] = []
        self.playing = False
        self.paused = False
        self._told = told
        self._reading = reading
        self._pressed = asyncio.Event()
        self._stepped = False

    async def play(self, story: Story, stage: Stage, tell: Callable[[Step], None]) -> None:
        """Play a story to its end; what it does not find raises ``NotShown``."""
        self.steps, self.playing = [], True
        self._told()
        try:
            async for step in story(stage):
                self.steps.append(step)
                tell(step)
                self._told()
                await self._turn()
        finally:
            self.playing = False
            self._told()

    def pause(self) -> None:
        """Wait after the present step until somebody goes on."""
        self._press(paused=True)

    def resume(self) -> None:
        """Go on at the pace of a reader."""
        self._press(paused=False)

    def next(self) -> None:
        """Take the next step now."""
        self._stepped = True
        self._press(paused=self.paused)

    def _press(self, *, paused: bool) -> None:
        self.paused = paused
        self._pressed.set()
        self._told()

    async def _turn(self) -> None:
        """Return when the next step may come."""
        while not self._stepped:
            self._pressed.clear()
            try:
                async with asyncio.timeout(None if self.paused else self._reading):
                    await self._pressed.wait()
            except TimeoutError:
                return
        self._stepped = False
