"""What was announced of an incident is taken back once it is private."""

from bot.domain.shared.vocabulary import label
from bot.usecases.incident.card import edited
from bot.usecases.incident.room import incident_of
from bot.usecases.messages import Plain
from bot.usecases.outbox import After
from bot.usecases.ports import DONE, Effects, Job, JobSpec, Ports, nothing_to_do

WITHDRAW = "withdraw_announcement"


def enqueue_withdrawal(after: After) -> tuple[JobSpec, ...]:
    """Owe the announcement's new wording, after whatever is still under way with it."""
    return (after.job(WITHDRAW, lane=f"announcement:{label(after.incident.id)}"),)


async def withdraw_announcement(job: Job, ports: Ports) -> Effects:
    """Make the announcement say nothing of the incident any more; where there is none, nothing."""
    incident = incident_of(job)
    stands = await ports.reads.posted(incident, "announcement")
    if stands is None:
        return nothing_to_do("It was never announced.")
    said = Plain(text=f"{label(incident)} is private now. Its announcement was withdrawn.")
    await edited(ports, stands, said)
    return DONE
