"""The postmortem as an obligation: who owns it, when it is due, when to remind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.domain.incident.slots import Series
from bot.domain.shared.errors import Refused
from bot.domain.shared.severity import SeverityScale
from bot.domain.shared.vocabulary import TextId, UserId
from bot.domain.shared.working_hours import WorkingHours, fitting


@dataclass(frozen=True, kw_only=True)
class PostmortemTerms:
    """When a postmortem is owed, and how long after resolution it is due."""

    scale: SeverityScale
    due_after: timedelta


@dataclass(frozen=True, kw_only=True)
class Postmortem:
    """What is owed: since when, by when, who took it on, and the link once it is done."""

    owed_at: datetime
    due_at: datetime
    owner: UserId | None = None
    link: TextId | None = None
    done_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Return whether it is still to be written."""
        return self.done_at is None


def reminders(
    owed: Postmortem, *, before: Sequence[timedelta], again: timedelta, hours: WorkingHours | None
) -> Series:
    """Return when to remind: as soon as it is owed, some time before it is due, when due, then ``again``.

    Leads that fall before the obligation began are left out. Only the first question keeps to no hours: it
    answers an act.
    """
    leads = sorted(owed.due_at - lead for lead in before)
    times = [fitting(at, hours) for at in (*leads, owed.due_at) if at > owed.owed_at]
    return Series(times=(owed.owed_at, *times), again=again, hours=hours)


def checked_link(raw: str) -> str:
    """Return an ``http(s)`` link; refuses anything else, at the field ``link``."""
    link = raw.strip().removeprefix("<").removesuffix(">").split("|")[0]
    if not _is_address(link):
        msg = "That is not a link. Paste the address of the postmortem, starting with https://."
        raise Refused(msg, field="link")
    if len(link) > 2000:  # noqa: PLR2004 - the longest address that browsers agree on
        msg = "That link is over 2,000 characters. Paste a shorter one."
        raise Refused(msg, field="link")
    return link


def _is_address(link: str) -> bool:
    """Return whether it is a web address that stays one inside other markup."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    odd = any(c in " <>\"'" for c in link) or not link.isprintable()
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not odd
