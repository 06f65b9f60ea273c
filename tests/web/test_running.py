"""What a bot that runs says of itself over its socket."""

import asyncio
from pathlib import Path

import httpx
from pydantic import SecretStr

from bot.app import bot, serving
from bot.resources import manifest_path
from bot.sandbox import Sandbox
from bot.settings import SlackAccess
from bot.usecases.policy import Policy
from tests.databases import fresh

WAITING_AT_MOST = 60.0


async def test_a_database_that_was_deleted_under_a_running_bot_is_red_and_said_in_a_sentence(
    tmp_path: Path,
) -> None:
    async with (
        fresh("sqlite", tmp_path) as url,
        Sandbox(manifest_path(), channels=("general", "incidents")) as slack,
        httpx.AsyncClient() as client,
    ):
        access = SlackAccess(
            bot_token=SecretStr(slack.bot_token),
            app_token=SecretStr(slack.app_token),
            signing_secret=None,
            api_url=slack.api_url,
        )
        async with bot(database_url=url, policy=Policy(), slack=access, pace=False) as running:
            await running.greeted.wait()
            async with serving(running, access, host="127.0.0.1", port=0) as port:
                fine = await client.get(f"http://127.0.0.1:{port}/health")
                running.database.path.unlink()
                at_once = await client.get(f"http://127.0.0.1:{port}/health")
            # A write is tried as soon as serving begins.
            async with serving(running, access, host="127.0.0.1", port=0) as port:
                async with asyncio.timeout(WAITING_AT_MOST):
                    told = at_once
                    while told.json()["database_problem"] is None:
                        told = await client.get(f"http://127.0.0.1:{port}/health")

    assert (fine.status_code, fine.json()["database"]) == (200, "ok")
    assert fine.json()["database_problem"] is None
    assert (at_once.status_code, told.status_code) == (503, 503)
    assert "was deleted while Warroom runs" in told.json()["database_problem"]
