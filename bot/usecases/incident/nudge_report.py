"""The nudge for a CAN update: people outside the room want to know how it stands."""

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact, ReportPosted, StatusChanged
from bot.domain.incident.slots import Series
from bot.domain.incident.state import State
from bot.domain.incident.status import OPEN
from bot.domain.shared.vocabulary import Role, UserId, label
from bot.usecases.incident.nudge import Asking, Due, Nudge, hours, people
from bot.usecases.incident.report import report_due
from bot.usecases.messages import Answered, ReportOverdue
from bot.usecases.policy import Policy


def missing(state: State, policy: Policy) -> Due | None:
    """Return when to ask for the update that comes next, by the cadence of the severity."""
    due, cadence = report_due(state, policy), policy.scale.get(state.severity).cadence
    if not state.is_open or due is None or cadence is None:
        return None
    return Due(of=due, series=Series(times=(due,), again=cadence, hours=hours(state, policy)))


def message(asking: Asking) -> ReportOverdue:
    """Return the question, to whoever speaks for the incident."""
    state = asking.incident.state
    return ReportOverdue(
        incident=asking.incident.id,
        last_at=state.last_report.at if state.last_report else None,
        due_at=report_due(state, asking.policy) or asking.at,
        ask=next(iter(whom(state)), None),
        snooze=asking.policy.nudges.snooze,
    )


def whom(state: State) -> tuple[UserId, ...]:
    """Return the liaison, then the commander, then whoever declared."""
    return people(state.holder(Role.LIAISON), state.commander, state.declared_by.user)


def answers(fact: Fact) -> bool:
    """Return whether a fact may answer it: an update was posted, or the work is over."""
    return isinstance(fact, ReportPosted) or (isinstance(fact, StatusChanged) and fact.after not in OPEN)


def answered(incident: Incident, *, still: bool) -> Answered | None:
    """Return that the update went out, or that none is needed any more."""
    state, name = incident.state, label(incident.id)
    if still:
        return None
    if state.is_open:
        return Answered(incident=incident.id, outcome=f"The CAN update of {name} that was due went out.")
    return Answered(incident=incident.id, outcome=f"{name} is {state.status}: it needs no more updates.")


REPORT = Nudge(
    kind="nudge_report",
    word=ReportOverdue.word,
    also=("update", "updates", "can", "can update", "can updates"),
    called="update",
    doing="asking for a CAN update",
    missing=missing,
    message=message,
    whom=whom,
    answers=answers,
    answered=answered,
)
