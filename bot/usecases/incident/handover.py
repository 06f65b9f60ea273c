"""The question of a hand-over: asked of both sides, edited as they answer, settled in place."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.incident import facts
from bot.domain.incident.aggregate import Incident
from bot.domain.incident.handover import Handover
from bot.domain.incident.status import OPEN
from bot.domain.shared.vocabulary import SYSTEM, Role, UserId
from bot.usecases.incident.card import edited
from bot.usecases.incident.room import in_room, incident_of
from bot.usecases.messages import HandoverFacts, HandoverQuestion
from bot.usecases.outbox import After, room_lane
from bot.usecases.ports import Effects, Job, JobSpec, Ports, nothing_to_do

History = Sequence[tuple[int, facts.Fact]]
"""Facts, each with its place in the incident's history."""

SHOW_HANDOVER = "show_handover"
OFFER_TAKE_OVER = "offer_take_over"

TELLING = (
    facts.HandoverAsked,
    facts.HandoverAgreed,
    facts.HandoverDeclined,
    facts.CommandTakenOver,
    facts.RoleAssigned,
    facts.RoleReleased,
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
    if isinstance(fact, facts.RoleReleased) and after.incident.state.commander:
        return ()
    return (after.job(SHOW_HANDOVER, lane=room_lane(after.incident)),)


async def show_handover(job: Job, ports: Ports) -> Effects:
    """Ask, or make the question show how it stands; one called off before it was asked is not asked.

    A question that somebody deleted is asked again, as long as it is open. That the command changed hands is
    said by the question alone, so it is said even where there is none any more.
    """
    incident = await ports.reads.incident(incident_of(job), seen_by=SYSTEM)
    history = await ports.reads.facts(incident.id, TELLING, seen_by=SYSTEM)
    asked = _asked_before(history, int(str(job.payload["seq"])))
    if asked is None:
        return nothing_to_do("Nobody was asked.")
    room = in_room(incident)
    what = f"handover:{asked}"
    stands = await ports.reads.posted(incident.id, what)
    said = _question(incident, history, asked, ports)
    settled = said.handover is None
    if stands and stands.version == SETTLED:
        return nothing_to_do("The question is settled, and shows it.")
    posted = stands and await edited(ports, stands, said)
    if posted is None:
        if settled and not _handed_over([fact for at, fact in history if at >= asked]):
            return nothing_to_do("It was called off before it was asked.")
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
    outcome = _outcome([fact for at, fact in history if at >= asked])
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


def _outcome(history: Sequence[facts.Fact]) -> str:
    """Return how the question ``history`` begins with ended, from what came after it."""
    ends = (_ended_by(fact, history[: at + 1]) for at, fact in enumerate(history) if at)
    return next((end for end in ends if end), "No longer open.")


def _ended_by(fact: facts.Fact, until: Sequence[facts.Fact]) -> str | None:
    """Return what is said where a fact ended the question, or None where it did not."""
    said = None
    match fact:
        case facts.HandoverDeclined():
            said = f"<@{fact.person}> said no: <@{fact.holder}> stays commander."
        case facts.CommandTakenOver():
            said = "Closed without both answers: the command was taken over."
        case facts.RoleAssigned(role=Role.COMMANDER):
            said = f"<@{fact.person}> is commander now: {_who_agreed(until)}."
        case facts.RoleReleased(role=Role.COMMANDER) if not _handed_over(until):
            said = f"Called off: <@{fact.person}> is no longer commander."
        case facts.StatusChanged() if fact.after not in OPEN:
            said = f"Called off: the incident is {fact.after}."
        case facts.HandoverAsked():
            said = "Called off: somebody else was asked instead."
        case _:
            pass
    return said


def _handed_over(history: Sequence[facts.Fact]) -> bool:
    """Return whether the question ``history`` begins with ended with both sides' yes."""
    asked, agreed = history[0], set[UserId]()
    for fact in history[1:]:
        match fact:
            case facts.HandoverAgreed():
                agreed.add(fact.person)
            case facts.RoleReleased(role=Role.COMMANDER) | facts.HandoverAsked():
                break
            case _:
                continue
    return isinstance(asked, facts.HandoverAsked) and agreed == {asked.holder, asked.to}


def _who_agreed(history: Sequence[facts.Fact]) -> str:
    """Return who asked and who agreed, each once: whoever asks for themselves has agreed by asking."""
    asker = history[0].by.user
    asked = f"<@{asker}>" if asker else "an operator in the shell"
    said_yes = [fact.person for fact in history if isinstance(fact, facts.HandoverAgreed)]
    agreed = [f"<@{person}>" for person in dict.fromkeys(said_yes) if person != asker]
    return f"{asked} asked, {' and '.join(agreed)} agreed" if agreed else f"{asked} asked"
