"""What a team may decide for itself: severities, delays, working hours, who may do what."""

from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.incident.handover import ANSWER_WITHIN
from bot.domain.incident.postmortem import PostmortemTerms
from bot.domain.shared.severity import DEFAULT_SCALE, Severity, SeverityScale
from bot.domain.shared.vocabulary import UserId
from bot.domain.shared.working_hours import WorkingHours


@dataclass(frozen=True, kw_only=True)
class Nudges:
    """How long the bot waits before it says something."""

    commander_after: timedelta = timedelta(minutes=5)
    commander_again: timedelta = timedelta(minutes=15)
    handover_answer: timedelta = ANSWER_WITHIN
    postmortem_due: timedelta = timedelta(hours=48)
    postmortem_before: tuple[timedelta, ...] = (timedelta(hours=24), timedelta(hours=4))
    postmortem_again: timedelta = timedelta(hours=24)
    snooze: timedelta = timedelta(minutes=30)
    snooze_postmortem: timedelta = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class WhoMay:
    """Who may do what. An empty set of people means everybody; admins may always.

    ``act_from_outside`` lets people who are not in a public war room act on its incident.
    """

    admins: frozenset[UserId] = frozenset()
    declare: frozenset[UserId] = frozenset()
    change_severity: frozenset[UserId] = frozenset()
    resolve: frozenset[UserId] = frozenset()
    close: frozenset[UserId] = frozenset()
    act_from_outside: bool = False


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Everything above in one value, read once at the start."""

    scale: SeverityScale = DEFAULT_SCALE
    nudges: Nudges = field(default_factory=Nudges)
    who_may: WhoMay = field(default_factory=WhoMay)
    hours: WorkingHours | None = None
    incidents_channel: str = "incidents"
    channel_prefix: str = "inc-"

    @property
    def terms(self) -> PostmortemTerms:
        """When a postmortem is owed and how long there is for it."""
        return PostmortemTerms(scale=self.scale, due_after=self.nudges.postmortem_due)

    def hours_for(self, severity: Severity, *, is_open: bool) -> WorkingHours | None:
        """Return the hours a nudge has to wait for, or None when it goes out at any time.

        "Major" overrides working hours only while the incident is open.
        """
        if is_open and not severity.working_hours:
            return None
        return self.hours
