"""What people outside the war room should notice: said under the announcement, not only edited into it."""

from bot.domain.incident import facts
from bot.domain.incident.status import ENDED, is_reopening
from bot.domain.shared.vocabulary import SYSTEM, Status, label
from bot.usecases.incident.card import announced_at_first, card_facts
from bot.usecases.incident.notifications import fact_of
from bot.usecases.incident.room import incident_of
from bot.usecases.messages import Noticed
from bot.usecases.outbox import After
from bot.usecases.policy import Policy
from bot.usecases.ports import DONE, Effects, Job, JobSpec, Ports, nothing_to_do

SAY_NOTICED = "say_noticed"


def notice(after: After) -> tuple[JobSpec, ...]:
    """Owe the word under the announcement; private incidents and drills are announced nowhere."""
    state = after.incident.state
    if state.channel is None or state.private or state.drill or not _matters(after.fact):
        return ()
    return (after.job(SAY_NOTICED, lane=f"announcement:{label(after.incident.id)}"),)


def _matters(fact: facts.Fact) -> bool:
    """Return whether it changes what people outside do: how bad it is, that it ended or is back."""
    if isinstance(fact, facts.StatusChanged):
        ends = fact.after in ENDED and fact.after is not Status.CLOSED
        return ends or is_reopening(fact.before, fact.after)
    return isinstance(fact, facts.SeverityChanged)


async def say(job: Job, ports: Ports) -> Effects:
    """Say it under the announcement; where none stands there is nobody who followed it."""
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    stands = await ports.reads.posted(incident.id, "announcement")
    if stands is None or incident.state.private or incident.state.drill:
        return nothing_to_do("It is not announced anywhere.")
    if int(str(job.payload["seq"])) < await announced_at_first(incident.id, ports):
        # It was announced only after this (Slack was away): whoever reads it has read this in it.
        return nothing_to_do("The announcement said so from the start.")
    recorded = await fact_of(job, ports)
    fact = recorded.fact
    said = Noticed(
        facts=card_facts(incident, ports.policy), fact=fact, words={**incident.texts, **recorded.texts}
    )
    await ports.chat.post(
        stands.channel,
        said,
        key=job.key,
        look=job.look,
        since=job.due_at,
        thread=stands.ts,
        broadcast=_becomes_major(fact, ports.policy),
    )
    return DONE


def _becomes_major(fact: facts.Fact, policy: Policy) -> bool:
    if not isinstance(fact, facts.SeverityChanged):
        return False
    return policy.scale.get(fact.after).major and not policy.scale.get(fact.before).major
