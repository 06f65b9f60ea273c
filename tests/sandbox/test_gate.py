"""Pages of other sites reach nothing of a sandbox, and nobody guesses what lets programs in."""

from typing import Any

import aiohttp
import pytest

from bot.sandbox import Sandbox
from tests.sandbox.kit import MANIFEST


async def post(slack: Sandbox, path: str, headers: dict[str, str], **how: Any) -> int:
    """Post something as whoever sends these headers; returns the status."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.url}{path}", headers=headers, **how) as reply,
    ):
        return reply.status


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "rebound.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_is_refused_everywhere_even_with_the_token(
    slack: Sandbox, foreign: dict[str, str]
) -> None:
    api = await post(slack, "/api/chat.postMessage", bearing(slack.bot_token) | foreign, json={})
    answer = await post(slack, "/response/R00000001", foreign, json={"text": "hello"})

    assert (api, answer) == (403, 403)
    assert not slack.person("ada").sees("general")
    assert not slack.journal.calls


async def test_every_start_makes_keys_of_its_own() -> None:
    one, other = Sandbox(MANIFEST), Sandbox(MANIFEST)

    for name in ("bot_token", "app_token", "signing_secret"):
        assert getattr(one, name) != getattr(other, name)


async def test_a_socket_is_not_opened_for_another_site_or_a_guessed_ticket(slack: Sandbox) -> None:
    slack.sockets.tickets.add("given out")
    async with aiohttp.ClientSession() as session:
        for ticket, headers in (("guessed", {}), ("given out", {"Origin": "https://evil.example"})):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{slack.url}/link/", params={"ticket": ticket}, headers=headers)
            assert refused.value.status == 403
