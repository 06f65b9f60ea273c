"""The bot in a process of its own, which can really be killed; it is started again whenever it has died."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

from pydantic import TypeAdapter

from bot.demo.bots import OwedLine
from bot.sandbox import Sandbox

DOWN = 1.5
"""Seconds that a bot which died stays away, so that people can see that it is gone."""
LINES = TypeAdapter(list[OwedLine])
Json = dict[str, Any]


class BotProcess:
    """A child process with a bot in it; use it as an async context manager.

    It is asked by lines of JSON: nothing of it, the tokens least of all, stands in a list of processes.
    """

    def __init__(self, slack: Sandbox, database_url: str) -> None:
        """Run a bot for this workspace on this database."""
        self._slack = slack
        self._database_url = database_url
        self._process: asyncio.subprocess.Process | None = None
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._ready = asyncio.Event()
        self._asked = 0
        self.deaths = 0
        self.web = 0
        """The port where the bot answers to health checks."""

    @property
    def about(self) -> str:
        """Return a few words about its process."""
        died = f", killed {self.deaths} times" if self.deaths > 1 else ", killed once" if self.deaths else ""
        if self._process is None or not self._ready.is_set():
            return f"starting{died}"
        return f"process {self._process.pid}{died}"

    async def __aenter__(self) -> Self:
        """Start it, and return once it has greeted the workspace."""
        self._slack.clock.watchers.append(self._tell_time)
        self._life = asyncio.create_task(self._live())
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({self._life, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._life.done():
            await self._life
        return self

    async def __aexit__(self, *_exc: object) -> None:
        """End it politely: it finishes what is under way."""
        self._slack.clock.watchers.remove(self._tell_time)
        self._life.cancel()
        with suppress(asyncio.CancelledError):
            await self._life
        if self._process is not None and self._process.returncode is None:
            assert self._process.stdin is not None  # noqa: S101 - it was started with a pipe
            self._process.stdin.close()
            await self._process.wait()

    async def _live(self) -> None:
        while True:
            await self._one_life()
            self.deaths += 1
            self._slack.workspace.ground.tell("bot_died")
            await asyncio.sleep(DOWN)

    async def _one_life(self) -> None:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.demo.child", stdin=pipe, stdout=pipe, start_new_session=True
        )
        assert self._process.stdout is not None  # noqa: S101 - it was started with a pipe
        tokens = {"bot_token": self._slack.bot_token, "app_token": self._slack.app_token}
        self._write({**tokens, "api_url": self._slack.api_url, "database_url": self._database_url})
        self._tell_time()
        async for line in self._process.stdout:
            self._heard(json.loads(line))
        await self._process.wait()
        self._ready.clear()
        for waiting in self._answers.values():
            waiting.cancel()
        self._answers.clear()

    def _heard(self, said: Json) -> None:
        if "web" in said:
            self.web = said["web"]
            self._ready.set()
            self._slack.workspace.ground.tell("bot_started")
        elif waiting := self._answers.pop(said["number"], None):
            waiting.set_result(said)

    def _write(self, said: Mapping[str, object]) -> None:
        if self._process is not None and self._process.returncode is None:
            assert self._process.stdin is not None  # noqa: S101 - it was started with a pipe
            self._process.stdin.write(json.dumps(said).encode() + b"\n")

    def _tell_time(self) -> None:
        base, started = self._slack.clock.setting
        self._write({"base": base.isoformat(), "started": started})

    async def _ask(self, what: str) -> Json:
        """Return its answer; where it dies meanwhile, its successor is asked."""
        while True:
            await self._ready.wait()
            self._asked += 1
            answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
            self._answers[self._asked] = answer
            self._write({"ask": what, "number": self._asked})
            await asyncio.wait({answer})
            if not answer.cancelled():
                return answer.result()

    async def idle(self) -> None:
        """Return when it has answered what it was asked and done what is due."""
        await self._ask("idle")

    async def plan(self) -> None:
        """Have it plan what the calendar asks for by now."""
        await self._ask("plan")

    async def owed(self) -> Sequence[OwedLine]:
        """Return what it owes, the next one first; nothing is known while it is away."""
        if not self._ready.is_set():
            return []
        return LINES.validate_python((await self._ask("owed"))["owed"])

    async def kill(self) -> None:
        """End it without a word, as a crash does; it is started again."""
        if self._process is not None and self._process.returncode is None:
            self._ready.clear()
            self._process.kill()
