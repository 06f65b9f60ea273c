"""Change how bad an incident is rated."""

from dataclasses import dataclass

from bot.domain.incident.aggregate import Incident
from bot.domain.shared.severity import Severity
from bot.usecases.incident.acting import Act, change, require
from bot.usecases.ports import Ports


@dataclass(frozen=True, kw_only=True)
class Rate(Act):
    """Give an incident another severity."""

    severity: Severity
    reason: str | None = None


async def rate(command: Rate, ports: Ports) -> Incident:
    """Return the incident with its new severity; refuses the one it already has."""
    who_may = ports.policy.who_may
    require(command.actor, who_may.change_severity, who_may, to="change a severity")

    def decide(incident: Incident) -> None:
        incident.rate(
            command.severity,
            by=command.actor,
            at=ports.now(),
            terms=ports.policy.terms,
            reason=command.reason,
        )

    return await change(command, ports, decide)
