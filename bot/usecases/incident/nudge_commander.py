"""The nudge for a commander: somebody has to decide."""

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact, RoleAssigned, StatusChanged
from bot.domain.incident.slots import Series
from bot.domain.incident.state import State
from bot.domain.incident.status import OPEN
from bot.domain.shared.vocabulary import Role, UserId, label
from bot.domain.shared.working_hours import fitting
from bot.usecases.incident.nudge import Asking, Due, Nudge, hours, people
from bot.usecases.messages import Answered, CommanderMissing
from bot.usecases.policy import Policy


def missing(state: State, policy: Policy) -> Due | None:
    """Return when to ask while people work without a commander; each vacancy asks for itself."""
    if not state.is_open or state.vacant_since is None:
        return None
    open_at = hours(state, policy)
    first = fitting(state.vacant_since + policy.nudges.commander_after, open_at)
    series = Series(times=(first,), again=policy.nudges.commander_again, hours=open_at)
    return Due(of=state.vacant_since, series=series)


def message(asking: Asking) -> CommanderMissing:
    """Return the question, to whoever declared: nobody else is known to be at it."""
    state = asking.incident.state
    return CommanderMissing(
        incident=asking.incident.id,
        since=state.vacant_since or asking.at,
        ask=next(iter(whom(state)), None),
        snooze=asking.policy.nudges.snooze,
    )


def whom(state: State) -> tuple[UserId, ...]:
    """Return whoever declared, then whoever has another role."""
    return people(state.declared_by.user, *(held.person for held in state.roles))


def answers(fact: Fact) -> bool:
    """Return whether a fact may end a vacancy: somebody takes the role, or the work is over."""
    if isinstance(fact, RoleAssigned):
        return fact.role is Role.COMMANDER
    return isinstance(fact, StatusChanged) and fact.after not in OPEN


def answered(incident: Incident, *, still: bool) -> Answered | None:
    """Return who decides now, or that nobody has to any more."""
    state, name = incident.state, label(incident.id)
    if still:
        return None
    if state.commander:
        return Answered(incident=incident.id, outcome=f"<@{state.commander}> is commander of {name}.")
    return Answered(incident=incident.id, outcome=f"{name} is {state.status}: it needs no commander.")


COMMANDER = Nudge(
    kind="nudge_commander",
    word=CommanderMissing.word,
    also=("ic", "lead"),
    doing="asking for a commander",
    missing=missing,
    message=message,
    whom=whom,
    answers=answers,
    answered=answered,
)
