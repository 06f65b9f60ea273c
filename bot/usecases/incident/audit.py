"""What an operator reads of private incidents is written down in them, where their people see it."""

from collections.abc import Iterable

from bot.domain.shared.vocabulary import SYSTEM, Actor, IncidentId
from bot.usecases.ports import Ports


async def note_reading(incidents: Iterable[IncidentId], actor: Actor, ports: Ports) -> None:
    """Record in each private incident that somebody read it from outside its room.

    It is done before anything is shown: what cannot be written down is not read.
    """
    for number in incidents:
        async with ports.work() as work:
            incident = await work.incidents.get(number, seen_by=SYSTEM)
            incident.note_reading(by=actor, at=ports.now())
            if incident.new_facts:
                await work.incidents.save(incident)
                await work.commit()
