"""What `/metrics` tells whoever scrapes it: how many incidents are open, of those that anybody may see."""

import re

import aiohttp

from tests.world import world


async def test_a_private_incident_and_a_drill_are_not_counted(sqlite_url: str) -> None:
    async with world(sqlite_url, http=True) as there:
        await there.declare(severity="SEV1")
        await there.declare(title="Salaries are wrong", severity="SEV1", marks=["private"])
        await there.declare(title="A drill", severity="SEV1", marks=["drill"])
        await there.declare(title="Another secret", severity="SEV2", marks=["private"])

        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{there.port}/metrics") as answer,
        ):
            scraped = await answer.text()

    assert re.findall(r"^warroom_incidents_open\S* .*$", scraped, re.MULTILINE) == [
        'warroom_incidents_open{severity="SEV1"} 1.0'
    ]
