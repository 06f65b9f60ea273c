"""Say which Needs are met, outside a CAN update: when it is resolved, or afterwards."""

from dataclasses import dataclass

from bot.domain.incident.aggregate import Incident
from bot.domain.shared.vocabulary import TextId
from bot.usecases.incident.acting import Act, change
from bot.usecases.ports import Ports


@dataclass(frozen=True, kw_only=True)
class Meet(Act):
    """These Needs are no longer open."""

    needs: tuple[TextId, ...]


async def meet(command: Meet, ports: Ports) -> Incident:
    """Return the incident without these Needs; refuses where none of them is open any more."""
    return await change(
        command, ports, lambda incident: incident.meet(command.needs, by=command.actor, at=ports.now())
    )
