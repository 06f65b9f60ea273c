"""What the doctor says of Slack: what is wrong and, above all, what to do about it."""

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.slack.client.calls import Calls
from bot.slack.client.checkup import examine
from bot.slack.client.gateway import Gateway
from bot.usecases.doctor import Finding


async def looked_at(call: Calls, *, app_token: str | None = None) -> dict[str, Finding]:
    gateway = Gateway(call, incidents="incidents")
    found = await examine(
        call, gateway, app_token=app_token, wanted=frozenset({"chat:write"}), incidents="incidents"
    )
    return {one.check: one for one in found}


async def test_all_is_well_where_slack_answers_and_takes_both_tokens(slack: Sandbox, call: Calls) -> None:
    found = await looked_at(call, app_token=slack.app_token)

    assert [one.check for one in found.values() if not one.ok] == []
    assert list(found) == ["bot token", "scopes", "app token", "incidents channel", "clock"]


async def test_a_slack_that_cannot_be_reached_is_no_reason_to_copy_the_token(
    session: aiohttp.ClientSession,
) -> None:
    nobody = AsyncWebClient(
        token="xoxb-1", base_url="http://127.0.0.1:1/", session=session, retry_handlers=[]
    )

    found = await looked_at(Calls(nobody))

    assert list(found) == ["bot token"]
    assert found["bot token"].what.startswith("Slack cannot be reached: auth.test")
    assert "network" in (found["bot token"].remedy or "")


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive"])
async def test_a_refused_bot_token_is_to_be_copied_again(slack: Sandbox, call: Calls, code: str) -> None:
    slack.faults.refuse("auth.test", error=code)

    found = await looked_at(call)

    assert found["bot token"].what == f"Slack refuses it: auth.test: {code}"
    assert "SLACK_BOT_TOKEN" in (found["bot token"].remedy or "")


async def test_a_refused_app_token_is_named_by_its_variable(call: Calls) -> None:
    found = await looked_at(call, app_token="xapp-1-wrong")

    assert not found["app token"].ok
    assert "SLACK_APP_TOKEN" in (found["app token"].remedy or "")


async def test_a_busy_slack_is_a_finding_and_not_a_failure(slack: Sandbox, call: Calls) -> None:
    slack.faults.limit("conversations.list", retry_after=60)
    slack.faults.fail("api.test")

    found = await looked_at(call)

    assert not found["incidents channel"].ok
    assert found["clock"].what == "Slack did not say what time it is"
