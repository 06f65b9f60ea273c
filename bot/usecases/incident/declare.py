"""Declare an incident: once per request, with everything that follows owed in the same commit."""

from dataclasses import dataclass

from bot.domain.incident.aggregate import Declaration, Incident
from bot.domain.shared.vocabulary import SYSTEM, Actor, IncidentId, RequestKey
from bot.usecases.incident.acting import require
from bot.usecases.ports import Ports


@dataclass(frozen=True, kw_only=True)
class Declare:
    """Somebody declares. ``request`` names the submission, so that Slack's retry declares nothing new."""

    actor: Actor
    said: Declaration
    request: RequestKey | None = None


async def declare(command: Declare, ports: Ports) -> Incident:
    """Return the new incident, or the one that the same request declared before.

    Refuses what the rules refuse (``Refused`` with the field) and who may not declare.
    """
    who_may = ports.policy.who_may
    require(command.actor, who_may.declare, who_may, to="declare incidents")
    async with ports.work() as work:
        if command.request and (answer := await work.inbox.take(command.request)) is not None:
            return await work.incidents.get(IncidentId(int(answer)), seen_by=SYSTEM)
        incident = Incident.declare(command.said, by=command.actor, at=ports.now())
        await work.incidents.add(incident)
        if command.request:
            await work.inbox.answer(command.request, str(incident.id))
        await work.commit()
    return incident
