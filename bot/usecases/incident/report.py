"""Post a CAN update: conditions, actions, needs; and when the next one is due."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.incident.aggregate import Incident, ReportDraft
from bot.domain.incident.report import next_due
from bot.domain.incident.state import State
from bot.domain.incident.status import ENDED
from bot.domain.shared.vocabulary import Status
from bot.usecases.incident.acting import Act, change
from bot.usecases.incident.status import require_move
from bot.usecases.policy import Policy
from bot.usecases.ports import Ports


@dataclass(frozen=True, kw_only=True)
class PostReport(Act):
    """Post a report, and move the status with it where one is given (``seen``: the one looked at)."""

    draft: ReportDraft
    status: Status | None = None
    seen: Status | None = None


def report_due(state: State, policy: Policy) -> datetime | None:
    """Return when the next CAN update is due, or None where the severity asks for none.

    Reopening begins anew: a report from before it says nothing of the work since.
    """
    severity = policy.scale.get(state.severity)
    hours = policy.hours_for(severity, is_open=state.is_open)
    since = [at for at in (state.working_since, state.last_report and state.last_report.at) if at]
    return next_due(cadence=severity.cadence, last=max(since), hours=hours) if since else None


async def post(command: PostReport, ports: Ports) -> Incident:
    """Return the incident after it; refuses empty conditions or actions, at their fields."""
    if command.status is not None:
        require_move(command.actor, command.status, ports.policy.who_may)

    def decide(incident: Incident) -> None:
        at, to = ports.now(), command.status
        moves = to is not None and to is not incident.state.status
        # The report of an incident that it ends is posted while it is still open.
        if not moves or to in ENDED:
            incident.report(command.draft, by=command.actor, at=at)
        if to is not None and moves:
            incident.move(to, by=command.actor, at=at, terms=ports.policy.terms, seen=command.seen)
            if to not in ENDED:
                incident.report(command.draft, by=command.actor, at=at)

    return await change(command, ports, decide)
