"""What an operator is told about an installation: each finding with its remedy."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.usecases.ports import Backlog

PAID_WITHIN = timedelta(minutes=1)
"""How long something due waits where a bot runs, unless Slack keeps it waiting."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at; ``remedy`` says what to do where it is not ok."""

    check: str
    ok: bool
    what: str
    remedy: str | None = None


def is_unpaid(backlog: Backlog, *, now: datetime) -> bool:
    """Return whether what is due waits for so long that no bot seems to run."""
    return backlog.oldest_due is not None and now - backlog.oldest_due > PAID_WITHIN


def worker_finding(backlog: Backlog, *, now: datetime) -> Finding:
    """Return whether a bot seems to run, by what waits: the jobs are all that a database tells of one."""
    if backlog.oldest_due is None:
        return Finding(check="worker", ok=True, what="nothing is due")
    if not is_unpaid(backlog, now=now):
        return Finding(check="worker", ok=True, what="what is due is being done")
    return Finding(
        check="worker",
        ok=False,
        what=f"nobody does what is due; the oldest waits since {backlog.oldest_due:%Y-%m-%d %H:%M} UTC",
        remedy="Start `warroom run`. Where it runs already, its log and its /health say what it waits for.",
    )
