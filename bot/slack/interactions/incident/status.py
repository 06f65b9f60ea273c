"""Moving an incident along, by word, by button and by modal."""

from bot.domain.incident import status
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import IncidentId, Status, label
from bot.slack.grammar import WORD_SHOWN, Unknown, labelled, nearest, spoken
from bot.slack.ids import COMMAND, Action, Form
from bot.slack.interactions.interaction import NOTHING, Answer, Interaction, Listener, Opening, done
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views.incident import status as view
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident import needs as needs_usecase
from bot.usecases.incident import status as usecase


async def typed(interaction: Interaction) -> Answer:
    """Move to the status that was typed; without one, choose."""
    if not interaction.rest:
        return await choose(interaction)
    word, _, reason = interaction.rest.partition(" ")
    to = await _find(interaction, word)
    asks = {Status.RESOLVED: resolving, Status.CANCELLED: cancelling}
    if to in asks and not reason:
        return await asks[to](interaction)
    return await _move(interaction, to, reason)


async def _find(interaction: Interaction, word: str) -> Status:
    """Return the status that was typed; a mistyped one is answered with those that are legal from here."""
    try:
        return status.find(word)
    except Refused:
        before = (await interaction.card()).status
        legal = [to for to in Status if to in status.MOVES[before] and to is not Status.MERGED]
        near = nearest(word, legal)
        hint = f" Did you mean `{COMMAND} status {near}`?" if near else ""
        choices = f" From {before}: {', '.join(legal)}." if legal else f" A {before} incident stays as it is."
        msg = f"There is no status “{word[:WORD_SHOWN]}”.{hint}{choices}"
        instead = f"{label(interaction.about)} status {near}{interaction.rest[len(word) :]}" if near else None
        raise Unknown(msg, instead=instead) from None


def typed_as(to: Status) -> Listener:
    """Return what answers a command that is a move by itself: the rest is the reason."""

    async def answer(interaction: Interaction) -> Answer:
        return await _move(interaction, to, interaction.rest)

    return answer


async def merge(interaction: Interaction) -> Answer:
    """Merge into the incident that was named."""
    into = labelled(interaction.rest.split()[0]) if interaction.rest else None
    if into is None:
        msg = "Say which incident goes on, such as `/incident merge INC-2`."
        raise Refused(msg)
    return await _move(interaction, Status.MERGED, "", into=into)


async def _move(
    interaction: Interaction, to: Status, reason: str, *, into: IncidentId | None = None
) -> Answer:
    command = usecase.Move(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        to=to,
        reason=spoken(reason) or None,
        into=into,
    )
    incident = await usecase.move(command, interaction.ports)
    if to is Status.RESOLVED and incident.state.needs:
        return Answer(message=view.left_open(await interaction.card()))
    return done(f"{label(incident.id)} is {incident.state.status} now.")


async def pressed(interaction: Interaction) -> Answer:
    """Move to where a button says, unless somebody moved it first."""
    if interaction.payload.to is None:
        return await choose(interaction)
    command = usecase.Move(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        to=interaction.payload.to,
        seen=view.seen_status(interaction.payload),
    )
    await usecase.move(command, interaction.ports)
    return NOTHING


async def submitted(interaction: Interaction) -> Answer:
    """Move to what was chosen in a modal, with its reason."""
    said = view.submission(interaction.values, interaction.payload)
    command = usecase.Move(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        to=said.to,
        reason=said.reason,
        seen=said.seen,
        met=said.met,
    )
    await usecase.move(command, interaction.ports)
    return NOTHING


async def choose(interaction: Interaction) -> Answer:
    """Open the modal with every legal move."""
    return _opening(
        interaction, view.status(await interaction.card(), answer_in=interaction.channel), Action.STATUS
    )


async def resolving(interaction: Interaction) -> Answer:
    """Open the form that asks whether it is over: the data, what resolved it, which Needs are met."""
    usecase.require_move(interaction.actor, Status.RESOLVED, interaction.ports.policy.who_may)
    return _opening(
        interaction, view.resolve(await interaction.card(), answer_in=interaction.channel), Action.RESOLVE
    )


async def reopening(interaction: Interaction) -> Answer:
    """Open the modal that asks why it is not over."""
    return _opening(
        interaction, view.reopen(await interaction.card(), answer_in=interaction.channel), Action.REOPEN
    )


async def cancelling(interaction: Interaction) -> Answer:
    """Open the modal that asks why it was none."""
    return _opening(
        interaction, view.cancel(await interaction.card(), answer_in=interaction.channel), Action.CANCEL
    )


async def typed_resolve(interaction: Interaction) -> Answer:
    """Resolve in the words that were typed, and say which Needs stood open; without words, ask."""
    return (
        await _move(interaction, Status.RESOLVED, interaction.rest)
        if interaction.rest
        else await resolving(interaction)
    )


async def needs(interaction: Interaction) -> Answer:
    """Open the modal that says which Needs are met."""
    return _opening(
        interaction, view.needs(await interaction.card(), answer_in=interaction.channel), Action.NEEDS
    )


async def met(interaction: Interaction) -> Answer:
    """Note which Needs were ticked as met; none is as good as closing the form."""
    if ticked := view.met(interaction.values):
        command = needs_usecase.Meet(
            actor=interaction.actor, incident=interaction.about, request=interaction.request, needs=ticked
        )
        await needs_usecase.meet(command, interaction.ports)
    return NOTHING


async def typed_reopen(interaction: Interaction) -> Answer:
    """Reopen with the reason that was typed, else ask for it."""
    return (
        await _move(interaction, Status.INVESTIGATING, interaction.rest)
        if interaction.rest
        else await reopening(interaction)
    )


async def typed_cancel(interaction: Interaction) -> Answer:
    """Cancel with the reason that was typed, else ask for it."""
    return (
        await _move(interaction, Status.CANCELLED, interaction.rest)
        if interaction.rest
        else await cancelling(interaction)
    )


def _opening(interaction: Interaction, shown: dict[str, object], action: Action) -> Answer:
    payload = InteractionPayload(incident=interaction.incident)
    return Answer(modal=Opening(view=shown, action=action, payload=payload))


REGISTERED = Registration(
    commands=(
        Command(
            name="status",
            also=("move", "state"),
            short=("investigating", "fixing", "backfilling", "monitoring"),
            usage="[investigating | fixing | backfilling | monitoring]",
            says="Move the incident along; without a word, choose",
            listener=typed,
        ),
        Command(
            name="resolve",
            also=("fixed", "resolved", "done"),
            usage="[how]",
            says="It is over: service is back; without how, it asks",
            in_words=True,
            listener=typed_resolve,
        ),
        Command(
            name="close",
            also=("closed", "finish"),
            usage="[remark]",
            says="Close a resolved incident",
            in_words=True,
            listener=typed_as(Status.CLOSED),
        ),
        Command(
            name="cancel",
            also=("cancelled", "canceled", "false-alarm"),
            usage="reason",
            says="It was none: a false alarm, or expected",
            in_words=True,
            listener=typed_cancel,
        ),
        Command(
            name="reopen",
            usage="reason",
            says="It was not over: work on it again",
            in_words=True,
            listener=typed_reopen,
        ),
        Command(
            name="merge",
            usage="INC-2",
            says="Go on in another incident",
            listener=merge,
        ),
        Command(name="met", also=("needs",), says="Say which needs are met", listener=needs),
    ),
    buttons={
        Action.MOVE: pressed,
        Action.NEEDS: needs,
        Action.STATUS: choose,
        Action.RESOLVE: resolving,
        Action.REOPEN: reopening,
        Action.CANCEL: cancelling,
    },
    forms={
        Form.STATUS: submitted,
        Form.NEEDS: met,
        Form.RESOLVE: submitted,
        Form.REOPEN: submitted,
        Form.CANCEL: submitted,
    },
)
