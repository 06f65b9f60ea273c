"""The bot's own process in a demo: told what to do by lines of JSON, which it answers in the same way."""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from bot import log
from bot.app import bot, serving
from bot.demo.bots import InProcess
from bot.sandbox import MovableClock
from bot.settings import SlackAccess
from bot.usecases.policy import Policy

Json = dict[str, Any]


def _say(**said: object) -> None:
    sys.stdout.write(json.dumps(said, default=str) + "\n")
    sys.stdout.flush()


async def _answer(running: InProcess, asked: Json) -> None:
    owed: list[Json] = []
    match asked["ask"]:
        case "idle":
            await running.idle()
        case "plan":
            await running.plan()
        case "owed":
            owed = [asdict(each) for each in await running.owed()]
    _say(number=asked["number"], owed=owed)


async def child() -> None:
    """Run a bot until the pipe from the demo ends."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    given, clock = json.loads(await lines.readline()), MovableClock()
    _set(clock, json.loads(await lines.readline()))
    access = SlackAccess(
        bot_token=SecretStr(given["bot_token"]),
        app_token=SecretStr(given["app_token"]),
        signing_secret=None,
        api_url=given["api_url"],
    )
    async with (
        bot(
            database_url=given["database_url"], policy=Policy(), slack=access, now=clock.now, pace=False
        ) as running,
        serving(running, access, host="127.0.0.1", port=0) as web,
        asyncio.TaskGroup() as answers,
    ):
        await running.greeted.wait()
        _say(web=web)
        async for line in lines:
            asked = json.loads(line)
            if "ask" in asked:
                answers.create_task(_answer(InProcess(running), asked))
            else:
                _set(clock, asked)


def _set(clock: MovableClock, told: Json) -> None:
    clock.set(datetime.fromisoformat(told["base"]), told["started"])


if __name__ == "__main__":
    log.configure(level="WARNING")
    asyncio.run(child())
