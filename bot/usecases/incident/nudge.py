"""What a nudge is: one descriptor says when it is due, whom it asks, what it says, and what answers it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.domain.incident.slots import Series
from bot.domain.incident.state import State
from bot.domain.shared.vocabulary import UserId
from bot.domain.shared.working_hours import WorkingHours, fitting
from bot.usecases.messages import Answered, NudgeSaid
from bot.usecases.policy import Nudges, Policy


@dataclass(frozen=True, kw_only=True)
class Due:
    """That something is missing: ``of`` tells this lack from an earlier one, ``series`` is when to ask.

    ``quiet`` is until when somebody asked for quiet about it.
    """

    of: datetime
    series: Series
    quiet: datetime | None = None

    def around(self, now: datetime) -> tuple[datetime, ...]:
        """Return the newest time to ask at that has come, if any has, and the next one."""
        series = self.series.quiet_until(self.quiet) if self.quiet else self.series
        return series.around(now)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One time that it is asked: of which incident, at what time, and whether it is the series' first."""

    incident: Incident
    policy: Policy
    at: datetime
    first: bool


class ShowsAnswer(Protocol):
    """Returns what a question says once it was answered, or None where it was not."""

    def __call__(self, incident: Incident, *, still: bool) -> Answered | None:
        """Look at an incident; ``still`` says that the same thing is missing that was asked for."""


@dataclass(frozen=True, kw_only=True)
class Nudge:
    """Something the bot asks for until somebody does it.

    ``kind`` is what its jobs are stored as and never changes; ``word`` (or one of ``also``) is what people
    call it when they snooze it, ``called`` what they are shown where the stored word is another. ``missing``
    returns when to ask, or None while nothing is missing. ``whom`` are the people it is for, the first is
    mentioned. ``answers`` tells the facts that may answer it, and ``answered`` what the question says then.
    ``taken`` tells that somebody has said they will do it: what is asked from then on reminds them, and is
    over only when it is done.
    """

    kind: str
    word: str
    also: tuple[str, ...]
    called: str | None = None
    doing: str
    missing: Callable[[State, Policy], Due | None]
    message: Callable[[Asking], NudgeSaid]
    whom: Callable[[State], tuple[UserId, ...]]
    answers: Callable[[Fact], bool]
    answered: ShowsAnswer
    taken: Callable[[State], bool] = lambda _state: False
    snooze: Callable[[Nudges], timedelta] = lambda nudges: nudges.snooze

    def due(self, state: State, policy: Policy) -> Due | None:
        """Return when to ask, with the quiet that somebody asked for; None while nothing is missing."""
        due = self.missing(state, policy)
        snoozed = state.snoozes.get(self.word)
        if due is None or snoozed is None:
            return due
        # A day's quiet asked for on a Friday does not end on a Saturday.
        return replace(due, quiet=fitting(snoozed.until, due.series.hours))


def hours(state: State, policy: Policy) -> WorkingHours | None:
    """Return the working hours that a nudge of an incident keeps to, if any."""
    return policy.hours_for(policy.scale.get(state.severity), is_open=state.is_open)


def people(*candidates: UserId | None) -> tuple[UserId, ...]:
    """Return those there are, each once, in the order given."""
    return tuple(dict.fromkeys(person for person in candidates if person))
