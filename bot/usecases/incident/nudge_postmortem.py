"""The nudge for the postmortem: at once, before it is due, when due, then daily until it is done."""

from datetime import timedelta

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.domain.incident.postmortem import reminders
from bot.domain.incident.state import State
from bot.domain.shared.vocabulary import UserId, label
from bot.usecases.incident.nudge import Asking, Due, Nudge, hours, people
from bot.usecases.messages import Answered, PostmortemMoment, PostmortemNudge
from bot.usecases.policy import Policy


def missing(state: State, policy: Policy) -> Due | None:
    """Return when to remind of a postmortem that is owed and not done."""
    owed, nudges = state.postmortem, policy.nudges
    if owed is None or not owed.is_open:
        return None
    series = reminders(
        owed, before=nudges.postmortem_before, again=nudges.postmortem_again, hours=hours(state, policy)
    )
    return Due(of=owed.due_at, series=series)


def message(asking: Asking) -> PostmortemNudge:
    """Return the reminder; one that comes late says what is true when it is said."""
    state, nudges = asking.incident.state, asking.policy.nudges
    owed = state.postmortem
    due, owner = (owed.due_at, owed.owner) if owed else (asking.at, None)
    return PostmortemNudge(
        incident=asking.incident.id,
        title=asking.incident.title,
        moment=_moment(asking.at - due, nudges.postmortem_again, first=asking.first),
        due_at=due,
        owner=owner,
        ask=next(iter(whom(state)), None),
        snooze=nudges.snooze_postmortem,
    )


def _moment(late: timedelta, again: timedelta, *, first: bool) -> PostmortemMoment:
    """Return why the bot speaks now."""
    if first:
        return PostmortemMoment.ASKED
    if late < timedelta():
        return PostmortemMoment.BEFORE
    return PostmortemMoment.DUE if late < again / 2 else PostmortemMoment.LATE


def whom(state: State) -> tuple[UserId, ...]:
    """Return whoever owns it, then the commander, whoever declared, whoever resolved."""
    owner = state.postmortem.owner if state.postmortem else None
    resolver = state.resolved_by.user if state.resolved_by else None
    return people(owner, state.commander, state.declared_by.user, resolver)


def answers(fact: Fact) -> bool:
    """Return whether a fact may answer it: somebody takes it on, it is done, or it is owed no longer."""
    return isinstance(fact, facts.PostmortemOwned | facts.PostmortemDone | facts.PostmortemWithdrawn)


def answered(incident: Incident, *, still: bool) -> Answered | None:
    """Return who writes it, that it is done, or that it is owed no longer; None while nobody has said so."""
    owed, name = incident.state.postmortem, label(incident.id)
    if owed is None:
        return Answered(incident=incident.id, outcome=f"{name} owes no postmortem any more.")
    if not owed.is_open:
        return Answered(incident=incident.id, outcome=f"The postmortem of {name} is done.")
    if owed.owner is None or not still:
        return None
    return Answered(incident=incident.id, outcome=f"<@{owed.owner}> writes the postmortem of {name}.")


POSTMORTEM = Nudge(
    kind="nudge_postmortem",
    word=PostmortemNudge.word,
    also=("pm", "retro"),
    doing="reminding of the postmortem",
    missing=missing,
    message=message,
    whom=whom,
    answers=answers,
    answered=answered,
    taken=lambda state: state.postmortem is not None and state.postmortem.owner is not None,
    snooze=lambda nudges: nudges.snooze_postmortem,
)
