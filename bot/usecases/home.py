"""A person's App Home: what is open, what is theirs, what they owe."""

from datetime import datetime

from bot.domain.shared.vocabulary import Actor, UserId
from bot.usecases.incident.acting import is_admin
from bot.usecases.messages import DeadJob, Home, HomeLine
from bot.usecases.ports import (
    DONE,
    Effects,
    IncidentLine,
    Job,
    JobLine,
    JobSpec,
    JobState,
    Ports,
    Urgency,
)

SHOW_HOME = "show_home"


async def ask_for_home(person: UserId, ports: Ports, *, request: str) -> None:
    """Owe a person their App Home; ``request`` names the time they asked."""
    async with ports.work(Urgency.REQUEST) as work:
        await work.outbox.enqueue(
            [
                JobSpec(
                    kind=SHOW_HOME,
                    key=f"{SHOW_HOME}:{person}:{request}",
                    due_at=ports.now(),
                    lane=f"home:{person}",
                    payload={"person": person},
                )
            ]
        )
        await work.commit()


async def show_home(job: Job, ports: Ports) -> Effects:
    """Show a person their App Home as it stands now."""
    person = UserId(str(job.payload["person"]))
    await ports.chat.show_home(person, await home_of(person, ports))
    return DONE


async def home_of(person: UserId, ports: Ports) -> Home:
    """Return what a person's App Home shows; private incidents only to who is in them."""
    actor = Actor.person(person)
    dead: list[JobLine] = []
    if is_admin(actor, ports.policy.who_may):
        dead = await ports.reads.jobs(states=[JobState.DEAD], seen_by=actor)
    return Home(
        at=ports.now(),
        open=tuple(_line(line) for line in await ports.reads.open_incidents(seen_by=actor)),
        mine=tuple(_line(line) for line in await ports.reads.of_person(person)),
        owed=tuple(
            _line(line, due=line.postmortem_due)
            for line in await ports.reads.postmortems_owed(seen_by=actor, owner=person)
        ),
        dead=tuple(
            DeadJob(id=job.id, kind=job.kind, incident=job.incident, why=job.last_error or "unknown")
            for job in dead
        ),
    )


def _line(line: IncidentLine, *, due: datetime | None = None) -> HomeLine:
    return HomeLine(
        incident=line.id,
        title=line.title,
        severity=line.severity,
        status=line.status,
        private=line.private,
        drill=line.drill,
        channel=line.channel,
        commander=line.commander,
        declared_at=line.declared_at,
        postmortem_due=due,
    )
