"""Looks whether everything is in place, each problem with its remedy."""

import aiohttp

from bot.app.shell import shell
from bot.app.wiring import slack_client
from bot.clock import utc_now
from bot.resources import manifest_path
from bot.settings import Settings, SettingsError
from bot.slack import manifest
from bot.slack.client import checkup
from bot.slack.client.calls import TIMEOUT, Calls
from bot.slack.client.gateway import Gateway
from bot.usecases.doctor import Finding, worker_finding
from bot.usecases.ports import JobState
from storage.failures import CannotOpen


async def doctor(settings: Settings) -> list[Finding]:
    """Return what is right and wrong with an installation, each problem with its remedy."""
    findings = await _database_findings(settings)
    try:
        slack = settings.require_slack()
    except SettingsError as missing:
        findings.append(Finding(check="bot token", ok=False, what=str(missing), remedy="See .env.example."))
        return findings
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        client = slack_client(session, token=slack.bot_token.get_secret_value(), api_url=slack.api_url)
        call = Calls(client)
        gateway = Gateway(call, incidents=settings.policy.incidents_channel)
        findings += await checkup.examine(
            call,
            gateway,
            app_token=slack.app_token.get_secret_value() if slack.app_token else None,
            wanted=manifest.scopes(manifest_path()),
            incidents=settings.policy.incidents_channel,
        )
    return findings


async def _database_findings(settings: Settings) -> list[Finding]:
    try:
        async with shell(settings) as ports:
            dead = await ports.reads.jobs(states=[JobState.DEAD])
            backlog = await ports.reads.backlog(now=utc_now())
    except CannotOpen as wrong:
        return [Finding(check="database", ok=False, what=str(wrong), remedy=wrong.remedy)]
    findings = [
        Finding(check="database", ok=True, what=f"current; {backlog.owed} jobs owed"),
        worker_finding(backlog, now=utc_now()),
    ]
    if dead:
        kinds = ", ".join(sorted({job.kind for job in dead}))
        remedy = "Look at `warroom jobs --state dead`, mend the cause, then `warroom jobs retry ID`."
        findings.append(
            Finding(check="jobs", ok=False, what=f"{len(dead)} given up ({kinds})", remedy=remedy)
        )
    else:
        findings.append(Finding(check="jobs", ok=True, what="none given up"))
    return findings
