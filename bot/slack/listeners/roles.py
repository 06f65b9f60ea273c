"""Taking and giving roles, handing the command over, taking it over."""

from bot.domain import roles
from bot.domain.errors import Refused
from bot.domain.vocabulary import Role, UserId
from bot.slack.grammar import ME, named_or_me, someone_in, spoken
from bot.slack.ids import Action
from bot.slack.listeners.asked import NOTHING, Answer, Asked, Listener, Opening, tell
from bot.slack.views import roles as view
from bot.slack.views.carried import Carried
from bot.usecases import roles as usecase


def typed_as(role: Role) -> Listener:
    """Return what answers ``/incident ic [@someone]``: nobody named means the person who typed."""

    async def answer(asked: Asked) -> Answer:
        # What follows "sme" may be a workstream; a name without its @ after any other role is a slip.
        person, rest = someone_in(asked.rest) if role is Role.SME else named_or_me(asked.rest)
        if role is Role.SME and person is None and rest.split(" ", 1)[0].casefold() in ME:
            rest = rest.partition(" ")[2]
        return await _assign(asked, role, person or _me(asked), workstream=spoken(rest) or None)

    return answer


async def pressed_take(asked: Asked) -> Answer:
    """Take the role a button stands for, unless somebody was faster."""
    role = asked.carried.role or Role.SME
    return await _assign(asked, role, _me(asked), seen=asked.carried.seen)


async def assigning(asked: Asked) -> Answer:
    """Open the modal that puts somebody into a role."""
    role = asked.carried.role or Role.COMMANDER
    shown = view.assign(await asked.card(), role, answer_in=asked.channel)
    carried = Carried(incident=asked.incident, role=role)
    return Answer(modal=Opening(view=shown, action=Action.ASSIGN, carried=carried))


async def submitted_assign(asked: Asked) -> Answer:
    """Put the chosen person into the role."""
    said = view.assigned(asked.values, asked.carried)
    return await _assign(asked, said.role, said.person, workstream=said.workstream, seen=said.seen)


async def _assign(
    asked: Asked, role: Role, person: UserId, *, workstream: str | None = None, seen: str | None = None
) -> Answer:
    command = usecase.Assign(
        actor=asked.actor,
        incident=asked.about,
        request=asked.request,
        role=role,
        person=person,
        workstream=workstream,
        seen=seen,
    )
    incident = await usecase.assign(command, asked.ports)
    handover = incident.state.handover
    if role is Role.COMMANDER and handover and handover.to == person:
        waiting = [f"<@{side}>" for side in (handover.holder, handover.to) if side not in handover.agreed]
        return tell(f"A hand-over needs both sides; {' and '.join(waiting)} will be asked in the war room.")
    return NOTHING


async def typed_release(asked: Asked) -> Answer:
    """Give a role back, one's own or somebody's."""
    word, _, rest = asked.rest.partition(" ")
    if not word:
        msg = "Say which role, such as `/incident release scribe`."
        raise Refused(msg)
    person, _ = named_or_me(rest)
    command = usecase.Release(
        actor=asked.actor,
        incident=asked.about,
        request=asked.request,
        role=roles.find(word),
        person=person or _me(asked),
    )
    await usecase.release(command, asked.ports)
    return NOTHING


def answering(*, agreed: bool) -> Listener:
    """Return what answers a hand-over's question with yes or no."""

    async def answer(asked: Asked) -> Answer:
        command = usecase.AnswerHandover(
            actor=asked.actor,
            incident=asked.about,
            request=asked.request,
            agreed=agreed,
            to=asked.carried.person,
        )
        await usecase.answer_handover(command, asked.ports)
        return NOTHING

    return answer


async def taking_over(asked: Asked) -> Answer:
    """Open the modal that asks why somebody takes over."""
    shown = view.take_over(await asked.card(), answer_in=asked.channel)
    carried = Carried(incident=asked.incident)
    return Answer(modal=Opening(view=shown, action=Action.TAKE_OVER, carried=carried))


async def typed_take_over(asked: Asked) -> Answer:
    """Take over with the reason that was typed, else ask for it."""
    return await _take_over(asked, spoken(asked.rest)) if asked.rest else await taking_over(asked)


async def submitted_take_over(asked: Asked) -> Answer:
    """Take over with the reason that was entered."""
    return await _take_over(asked, view.taken_over(asked.values))


async def _take_over(asked: Asked, reason: str) -> Answer:
    command = usecase.TakeOver(actor=asked.actor, incident=asked.about, request=asked.request, reason=reason)
    await usecase.take_over(command, asked.ports)
    return NOTHING


def _me(asked: Asked) -> UserId:
    if asked.actor.user is None:
        msg = "Say who."
        raise Refused(msg, field="person")
    return asked.actor.user
