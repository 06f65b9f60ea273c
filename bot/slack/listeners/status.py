"""Moving an incident along, by word, by button and by modal."""

from bot.domain import status
from bot.domain.errors import Refused
from bot.domain.vocabulary import IncidentId, Status, label
from bot.slack.grammar import labelled, spoken
from bot.slack.ids import Action
from bot.slack.listeners.asked import NOTHING, Answer, Asked, Listener, Opening, done
from bot.slack.views import status as view
from bot.slack.views.carried import Carried
from bot.usecases import status as usecase


async def typed(asked: Asked) -> Answer:
    """Move to the status that was typed; without one, choose."""
    if not asked.rest:
        return await choose(asked)
    word, _, reason = asked.rest.partition(" ")
    return await _move(asked, status.find(word), reason)


def typed_as(to: Status) -> Listener:
    """Return what answers a command that is a move by itself: the rest is the reason."""

    async def answer(asked: Asked) -> Answer:
        return await _move(asked, to, asked.rest)

    return answer


async def merge(asked: Asked) -> Answer:
    """Merge into the incident that was named."""
    into = labelled(asked.rest.split()[0]) if asked.rest else None
    if into is None:
        msg = "Say which incident goes on, such as `/incident merge INC-2`."
        raise Refused(msg)
    return await _move(asked, Status.MERGED, "", into=into)


async def _move(asked: Asked, to: Status, reason: str, *, into: IncidentId | None = None) -> Answer:
    command = usecase.Move(
        actor=asked.actor,
        incident=asked.about,
        request=asked.request,
        to=to,
        reason=spoken(reason) or None,
        into=into,
    )
    incident = await usecase.move(command, asked.ports)
    return done(f"{label(incident.id)} is {incident.state.status} now.")


async def pressed(asked: Asked) -> Answer:
    """Move to where a button says, unless somebody moved it first."""
    if asked.carried.to is None:
        return await choose(asked)
    command = usecase.Move(
        actor=asked.actor,
        incident=asked.about,
        request=asked.request,
        to=asked.carried.to,
        seen=view.seen_status(asked.carried),
    )
    await usecase.move(command, asked.ports)
    return NOTHING


async def submitted(asked: Asked) -> Answer:
    """Move to what was chosen in a modal, with its reason."""
    said = view.submission(asked.values, asked.carried)
    command = usecase.Move(
        actor=asked.actor,
        incident=asked.about,
        request=asked.request,
        to=said.to,
        reason=said.reason,
        seen=said.seen,
    )
    await usecase.move(command, asked.ports)
    return NOTHING


async def choose(asked: Asked) -> Answer:
    """Open the modal with every legal move."""
    return _opening(asked, view.status(await asked.card(), answer_in=asked.channel), Action.STATUS)


async def resolving(asked: Asked) -> Answer:
    """Open the confirmation that it is over."""
    return _opening(asked, view.resolve(await asked.card(), answer_in=asked.channel), Action.RESOLVE)


async def reopening(asked: Asked) -> Answer:
    """Open the modal that asks why it is not over."""
    return _opening(asked, view.reopen(await asked.card(), answer_in=asked.channel), Action.REOPEN)


async def cancelling(asked: Asked) -> Answer:
    """Open the modal that asks why it was none."""
    return _opening(asked, view.cancel(await asked.card(), answer_in=asked.channel), Action.CANCEL)


async def typed_resolve(asked: Asked) -> Answer:
    """Resolve at once: whoever types it has decided, and reopening is always possible."""
    return await _move(asked, Status.RESOLVED, asked.rest)


async def typed_reopen(asked: Asked) -> Answer:
    """Reopen with the reason that was typed, else ask for it."""
    return await _move(asked, Status.INVESTIGATING, asked.rest) if asked.rest else await reopening(asked)


async def typed_cancel(asked: Asked) -> Answer:
    """Cancel with the reason that was typed, else ask for it."""
    return await _move(asked, Status.CANCELLED, asked.rest) if asked.rest else await cancelling(asked)


def _opening(asked: Asked, shown: dict[str, object], action: Action) -> Answer:
    carried = Carried(incident=asked.incident)
    return Answer(modal=Opening(view=shown, action=action, carried=carried))
