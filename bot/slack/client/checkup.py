"""What a doctor looks at in Slack: the tokens, the scopes, the channel, the clocks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import utc_now
from bot.slack.client.calls import Calls
from bot.slack.client.gateway import Gateway
from bot.usecases.doctor import Finding
from bot.usecases.ports import OutsideError, PermanentFailure

SKEW_MOST = 60.0
"""Seconds our clock may differ from Slack's: signatures are refused beyond five minutes."""


async def examine(
    call: Calls,
    gateway: Gateway,
    *,
    app_token: str | None,
    wanted: frozenset[str],
    incidents: str,
    now: Callable[[], datetime] = utc_now,
) -> list[Finding]:
    """Return what was found, in the order in which it has to be mended; ``now`` is real time."""
    try:
        us = await gateway.who()
    except OutsideError as failure:
        return [_failed("bot token", failure, call, variable="SLACK_BOT_TOKEN")]
    findings = [Finding(check="bot token", ok=True, what=f"accepted in {us.url} as {us.user}")]
    findings.append(_scopes(call, wanted))
    if app_token:
        findings.append(await _app_token(call.client, app_token))
    findings.append(await _channel(gateway, incidents))
    findings.append(await _clock(call.client, now))
    return findings


def _failed(check: str, failure: OutsideError, call: Calls, *, variable: str) -> Finding:
    """Return whether Slack could not be asked, or refuses the token: the remedies are far apart."""
    if not isinstance(failure, PermanentFailure) and call.standing.token is None:
        remedy = "Look at the network and at SLACK_API_URL; Slack may be away (status.slack.com)."
        return Finding(check=check, ok=False, what=f"Slack cannot be reached: {failure}", remedy=remedy)
    remedy = f"Copy the token again from the app's page into {variable}, and restart."
    return Finding(check=check, ok=False, what=f"Slack refuses it: {failure}", remedy=remedy)


def _scopes(call: Calls, wanted: frozenset[str]) -> Finding:
    granted = call.standing.granted
    if granted is None:
        return Finding(check="scopes", ok=True, what="Slack did not say which it grants")
    if missing := wanted - granted:
        names = ", ".join(sorted(missing))
        remedy = (
            "Update the app from manifest.yml (`warroom manifest`), then reinstall it into the workspace."
        )
        return Finding(check="scopes", ok=False, what=f"missing: {names}", remedy=remedy)
    return Finding(check="scopes", ok=True, what=f"all {len(wanted)} granted")


async def _app_token(client: AsyncWebClient, token: str) -> Finding:
    call = Calls(client)
    try:
        await call("apps.connections.open", app_token=token)
    except OutsideError as failure:
        return _failed("app token", failure, call, variable="SLACK_APP_TOKEN")
    return Finding(check="app token", ok=True, what="Socket Mode can be opened")


async def _channel(gateway: Gateway, incidents: str) -> Finding:
    remedy = (
        f"Create #{incidents}, or name another in warroom.toml ([channels] incidents); "
        "into a private one invite the bot. Until then incidents are not announced; nothing waits for it."
    )
    try:
        channel = await gateway.incidents_channel()
    except OutsideError as failure:
        return Finding(check="incidents channel", ok=False, what=str(failure), remedy=remedy)
    if channel is None:
        what = f"there is no channel “{incidents}” that the bot can write in"
        return Finding(check="incidents channel", ok=False, what=what, remedy=remedy)
    return Finding(check="incidents channel", ok=True, what=f"#{incidents} is {channel}")


async def _clock(client: AsyncWebClient, now: Callable[[], datetime]) -> Finding:
    try:
        headers: Mapping[str, str] = (await client.api_test()).headers
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError):
        headers = {}
    told = next((value for name, value in headers.items() if name.casefold() == "date"), None)
    if told is None:
        return Finding(check="clock", ok=True, what="Slack did not say what time it is")
    apart = abs(now().timestamp() - parsedate_to_datetime(told).timestamp())
    if apart > SKEW_MOST:
        remedy = "Set the clock by NTP; Slack's signatures are refused when it is off by five minutes."
        return Finding(check="clock", ok=False, what=f"{apart:.0f} s apart from Slack's", remedy=remedy)
    return Finding(check="clock", ok=True, what=f"within {max(apart, 1):.0f} s of Slack's")
