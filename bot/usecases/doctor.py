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
