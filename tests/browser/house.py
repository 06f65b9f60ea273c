"""The page with everything behind it: a sandbox that serves it, the real bot, and what the panel may ask."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.demo.backstage import Backstage
from bot.demo.bots import InProcess
from bot.demo.runner import Runner
from bot.resources import manifest_path
from bot.sandbox import MovableClock, Sandbox
from bot.sandbox.page import mount
from bot.usecases.policy import Policy
from tests.world import MONDAY, World


@dataclass(kw_only=True)
class House:
    """A world with a page on it."""

    world: World
    stage: Runner

    @property
    def slack(self) -> Sandbox:
        """The sandbox."""
        return self.world.slack


def silent(_line: str) -> None:
    """Print nothing: the browser shows it."""


@asynccontextmanager
async def house(database_url: str, *, port: int = 0) -> AsyncIterator[House]:
    """Run a sandbox with its page and the bot in it from a Monday morning on; time can be moved."""
    slack = Sandbox(manifest_path(), channels=("general", "incidents"), clock=MovableClock(MONDAY), port=port)
    stage = Runner(slack, silent)
    mount(slack, Backstage(slack, stage).extension())
    async with slack:
        world = World(slack=slack, database_url=database_url, policy=Policy())
        await world.start()
        stage.runs(InProcess(world.bot))
        try:
            yield House(world=world, stage=stage)
        finally:
            await world.stop()
