"""The question of a hand-over: asked of both sides, edited as they answer, settled in place."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Incident
from bot.domain.incident.handover import Handover
from bot.domain.incident.status import OPEN
from bot.domain.shared.vocabulary import SYSTEM, Role
from bot.usecases.incident.card import edited
from bot.usecases.incident.room import incident_of, opened
from bot.usecases.messages import HandoverFacts, HandoverQuestion
from bot.usecases.outbox import After, room_lane
from bot.usecases.ports import Effects, Job, JobSpec, Ports, nothing_to_do

History = Sequence[tuple[int, facts.Fact]]
"""Facts, each with its place in the incident's history."""

SHOW_HANDOVER = "show_handover"
OFFER_TAKE_OVER = "offer_take_over"

TELLING = (
    facts.HandoverAsked,
    facts.HandoverDeclined,
    facts.CommandTakenOver,
    facts.RoleAssigned,
    facts.StatusChanged,
)
"""The facts that tell how a question stands."""

SETTLED = 1
"""The version of a question that nobody can answer any more; it is not edited again."""


def ask_both_sides(after: After) -> tuple[JobSpec, ...]:
    """Owe the question now, and its *take over now* once the holder has had time to answer."""
    overdue = after.fact.occurred_at + after.policy.nudges.handover_answer
    return (
        after.job(SHOW_HANDOVER, lane=room_lane(after.incident)),
        after.job(OFFER_TAKE_OVER, lane=room_lane(after.incident), at=overdue),
    )


def settle_question(after: After) -> tuple[JobSpec, ...]:
    """Owe the question's new wording after an answer, or after the command changed hands."""
    fact = after.fact
    if isinstance(fact, facts.RoleAssigned | facts.RoleReleased) and fact.role is not Role.COMMANDER:
        return ()
    return (after.job(SHOW_HANDOVER, lane=room_lane(after.incident)),)


async def show_handover(job: Job, ports: Ports) -> Effects:
    """Ask, or make the question show how it stands; one settled before it was asked is not asked.

    A question that somebody deleted is asked again, as long as it is open.
    """
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    history = await ports.reads.facts(incident.id, TELLING, seen_by=SYSTEM)
    asked = _asked_before(history, int(str(job.payload["seq"])))
    if asked is None:
        return nothing_to_do("Nobody was asked.")
    room = opened(incident, job)
    what = f"handover:{asked}"
    stands = await ports.reads.posted(incident.id, what)
    said = _question(incident, history, asked, ports)
    settled = said.handover is None
    if stands and stands.version == SETTLED:
        return nothing_to_do("The question is settled, and shows it.")
    posted = stands and await edited(ports, stands, said)
    if posted is None:
        if settled:
            return nothing_to_do("It was settled before it was asked.")
        key = f"{what}:{incident.id}"
        posted = await ports.chat.post(room, said, key=key, look=job.look)
    return Effects(posts={what: replace(posted, version=SETTLED if settled else 0)})


def _asked_before(history: History, place: int | None = None) -> int | None:
    """Return the place of the newest question, up to a place where one is given."""
    asked = [
        at for at, fact in history if isinstance(fact, facts.HandoverAsked) and (place is None or at <= place)
    ]
    return asked[-1] if asked else None


def _question(incident: Incident, history: History, asked: int, ports: Ports) -> HandoverQuestion:
    newest = _asked_before(history) == asked
    if newest and incident.state.handover:
        shown = _shown(incident.state.handover, ports.now(), ports)
        return HandoverQuestion(incident=incident.id, handover=shown)
    outcome = _outcome([fact for at, fact in history if at > asked])
    return HandoverQuestion(incident=incident.id, handover=None, outcome=outcome)


def _shown(asked: Handover, now: datetime, ports: Ports) -> HandoverFacts:
    overdue = now >= asked.asked_at + ports.policy.nudges.handover_answer
    return HandoverFacts(
        holder=asked.holder,
        to=asked.to,
        asked_by=asked.asked_by,
        asked_at=asked.asked_at,
        agreed=asked.agreed,
        overdue=overdue and asked.holder not in asked.agreed,
    )


def _outcome(since: list[facts.Fact]) -> str:
    """Return how a question ended, from what came after it."""
    for fact in since:
        match fact:
            case facts.HandoverDeclined():
                return f"<@{fact.person}> said no: <@{fact.holder}> stays commander."
            case facts.CommandTakenOver():
                return f"<@{fact.person}> took command over from <@{fact.holder}>."
            case facts.RoleAssigned(role=Role.COMMANDER):
                return f"<@{fact.person}> is commander now."
            case facts.StatusChanged() if fact.after not in OPEN:
                return f"Called off: the incident is {fact.after}."
            case facts.HandoverAsked():
                return "Called off: somebody else was asked instead."
            case _:
                continue
    return "No longer open."
