"""Taking and giving roles, handing the command over, taking it over."""

from dataclasses import replace

from bot.domain.incident import roles
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import Role, UserId, label
from bot.slack.grammar import ME, named_or_me, someone_in, spoken
from bot.slack.ids import Action, Form
from bot.slack.interactions.interaction import NOTHING, Answer, Interaction, Listener, Opening, tell
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views.incident import roles as view
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident import roles as usecase
from bot.usecases.incident.acting import Outsider


def typed_as(role: Role) -> Listener:
    """Return what answers ``/incident ic [@someone]``: nobody named means the person who typed."""

    async def answer(interaction: Interaction) -> Answer:
        if role is Role.SME and not interaction.rest:
            return await joining(interaction)
        # What follows "sme" may be a workstream; a name without its @ after any other role is a slip.
        person, rest = someone_in(interaction.rest) if role is Role.SME else named_or_me(interaction.rest)
        if role is Role.SME and person is None and rest.split(" ", 1)[0].casefold() in ME:
            rest = rest.partition(" ")[2]
        return await _assign(interaction, role, person or _me(interaction), workstream=spoken(rest) or None)

    return answer


async def pressed_take(interaction: Interaction) -> Answer:
    """Take the role a button stands for, unless somebody was faster."""
    role = interaction.payload.role or Role.SME
    return await _assign(interaction, role, _me(interaction), seen=interaction.payload.seen)


async def pressed_join_and_take(interaction: Interaction) -> Answer:
    """Come into the war room and take the role at once."""
    role = interaction.payload.role or Role.SME
    answer = await _assign(interaction, role, _me(interaction), seen=interaction.payload.seen, joins=True)
    return replace(answer, replaces=True)


async def joining(interaction: Interaction) -> Answer:
    """Open the modal that asks an SME for a workstream."""
    shown = view.join(await interaction.card(), interaction.actor.user, answer_in=interaction.channel)
    payload = InteractionPayload(incident=interaction.incident, role=Role.SME)
    return Answer(modal=Opening(view=shown, action=Action.JOIN, payload=payload))


async def submitted_join(interaction: Interaction) -> Answer:
    """Join as an SME, in the workstream that was chosen; whoever is not in the room is brought in."""
    me, workstream = _me(interaction), view.joined(interaction.values)
    outside = not await interaction.ports.reads.is_member(interaction.about, me)
    return await _assign(interaction, Role.SME, me, workstream=workstream, joins=outside)


async def assigning(interaction: Interaction) -> Answer:
    """Open the modal that puts somebody into a role."""
    role = interaction.payload.role or Role.COMMANDER
    shown = view.assign(await interaction.card(), role, answer_in=interaction.channel)
    payload = InteractionPayload(incident=interaction.incident, role=role)
    return Answer(modal=Opening(view=shown, action=Action.ASSIGN, payload=payload))


async def submitted_assign(interaction: Interaction) -> Answer:
    """Put the chosen person into the role."""
    said = view.assigned(interaction.values, interaction.payload)
    return await _assign(interaction, said.role, said.person, workstream=said.workstream, seen=said.seen)


async def _assign(
    interaction: Interaction,
    role: Role,
    person: UserId,
    *,
    workstream: str | None = None,
    seen: str | None = None,
    joins: bool = False,
) -> Answer:
    command = usecase.Assign(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        role=role,
        person=person,
        workstream=workstream,
        seen=seen,
        joining=joins,
    )
    try:
        incident = await usecase.assign(command, interaction.ports)
    except Outsider:
        card = await interaction.card()
        if person != interaction.actor.user or card.private:
            raise
        return Answer(message=view.join_first(card, role, seen=seen))
    handover = incident.state.handover
    if role is Role.COMMANDER and handover and handover.to == person:
        waiting = [f"<@{side}>" for side in (handover.holder, handover.to) if side not in handover.agreed]
        return tell(f"A hand-over needs both sides; {' and '.join(waiting)} will be asked in the war room.")
    if joins and incident.state.channel:
        name = "an SME" if role is Role.SME else f"the {role}"
        return tell(f"You are {name} of {label(incident.id)}, and invited into <#{incident.state.channel}>.")
    return NOTHING


async def typed_release(interaction: Interaction) -> Answer:
    """Give a role back, one's own or somebody's."""
    word, _, rest = interaction.rest.partition(" ")
    if not word:
        msg = "Say which role, such as `/incident release scribe`."
        raise Refused(msg)
    person, _ = named_or_me(rest)
    command = usecase.Release(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        role=roles.find(word),
        person=person or _me(interaction),
    )
    await usecase.release(command, interaction.ports)
    return NOTHING


def answering(*, agreed: bool) -> Listener:
    """Return what answers a hand-over's question with yes or no."""

    async def answer(interaction: Interaction) -> Answer:
        command = usecase.AnswerHandover(
            actor=interaction.actor,
            incident=interaction.about,
            request=interaction.request,
            agreed=agreed,
            to=interaction.payload.person,
        )
        await usecase.answer_handover(command, interaction.ports)
        return NOTHING

    return answer


async def taking_over(interaction: Interaction) -> Answer:
    """Open the modal that asks why somebody takes over."""
    shown = view.take_over(await interaction.card(), answer_in=interaction.channel)
    payload = InteractionPayload(incident=interaction.incident)
    return Answer(modal=Opening(view=shown, action=Action.TAKE_OVER, payload=payload))


async def typed_take_over(interaction: Interaction) -> Answer:
    """Take over with the reason that was typed, else ask for it."""
    return (
        await _take_over(interaction, spoken(interaction.rest))
        if interaction.rest
        else await taking_over(interaction)
    )


async def submitted_take_over(interaction: Interaction) -> Answer:
    """Take over with the reason that was entered."""
    return await _take_over(interaction, view.taken_over(interaction.values))


async def _take_over(interaction: Interaction, reason: str) -> Answer:
    command = usecase.TakeOver(
        actor=interaction.actor, incident=interaction.about, request=interaction.request, reason=reason
    )
    await usecase.take_over(command, interaction.ports)
    return NOTHING


def _me(interaction: Interaction) -> UserId:
    if interaction.actor.user is None:
        msg = "Say who."
        raise Refused(msg, field="person")
    return interaction.actor.user


REGISTERED = Registration(
    commands=(
        Command(
            name="commander",
            also=("ic", "lead", "captain", "command"),
            usage="[@someone]",
            says="Take the command, or ask that someone has it: they decide",
            listener=typed_as(Role.COMMANDER),
        ),
        Command(
            name="scribe",
            also=("notes",),
            usage="[@someone]",
            says="Make someone scribe: they document",
            listener=typed_as(Role.SCRIBE),
        ),
        Command(
            name="liaison",
            also=("comms", "communications"),
            usage="[@someone]",
            says="Make someone liaison: they communicate",
            listener=typed_as(Role.LIAISON),
        ),
        Command(
            name="sme",
            also=("expert", "responder", "join"),
            usage="[@someone] [workstream]",
            says="Add an expert, in a workstream: they resolve",
            listener=typed_as(Role.SME),
        ),
        Command(
            name="release",
            also=("unassign", "drop"),
            usage="role [@someone]",
            says="Give a role back",
            listener=typed_release,
        ),
        Command(
            name="agree",
            also=("yes", "accept"),
            says="Say yes to a hand-over of the command",
            listener=answering(agreed=True),
        ),
        Command(
            name="decline",
            also=("no", "reject"),
            says="Say no to a hand-over of the command",
            listener=answering(agreed=False),
        ),
        Command(
            name="takeover",
            also=("take-over",),
            usage="reason",
            says="Take the command when its holder does not answer",
            in_words=True,
            listener=typed_take_over,
        ),
    ),
    buttons={
        Action.TAKE: pressed_take,
        Action.JOIN: joining,
        Action.JOIN_AND_TAKE: pressed_join_and_take,
        Action.AGREE: answering(agreed=True),
        Action.DECLINE: answering(agreed=False),
        Action.ASSIGN: assigning,
        Action.TAKE_OVER: taking_over,
    },
    forms={
        Form.ASSIGN: submitted_assign,
        Form.JOIN: submitted_join,
        Form.TAKE_OVER: submitted_take_over,
    },
)
