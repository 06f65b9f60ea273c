"""Makes what ought to be waiting wait, on a schedule: whatever was lost or changed mends itself."""

from bot.domain.shared.vocabulary import SYSTEM, IncidentId
from bot.usecases.incident.nudges import expected_nudges
from bot.usecases.ports import Effects, Job, JobSpec, Ports

RECONCILE = "reconcile_nudges"


async def reconcile_all(job: Job, ports: Ports) -> Effects:
    """Plan the nudges of all that is open or owed; those that wait already stay as they are."""
    del job
    now, planned = ports.now(), list[JobSpec]()
    for number in await _asked_about(ports):
        incident = await ports.reads.incident(number, seen_by=SYSTEM)
        planned += expected_nudges(incident, ports.policy, now)
    return Effects(jobs=tuple(planned))


async def _asked_about(ports: Ports) -> list[IncidentId]:
    """Return the incidents that people work on, and those whose postmortem is owed."""
    working = await ports.reads.open_incidents(seen_by=SYSTEM)
    owed = await ports.reads.postmortems_owed(seen_by=SYSTEM)
    return sorted({line.id for line in (*working, *owed)})
