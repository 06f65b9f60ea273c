"""The postmortem: owned, done with a link, asked for."""

from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import UserId
from bot.slack.grammar import named_or_me, spoken
from bot.slack.ids import Action, Form
from bot.slack.interactions.interaction import NOTHING, Answer, Interaction, Opening
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views.incident import postmortem as view
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident import postmortem as usecase


async def typed(interaction: Interaction) -> Answer:
    """Do what was typed: ``own [@someone]``, ``done <link>``, ``waive <why>`` or ``start``."""
    word, _, rest = interaction.rest.partition(" ")
    match word.casefold():
        case "own" | "mine" | "i":
            person, _ = named_or_me(rest)
            return await _own(interaction, person)
        case "done" | "link" | "written":
            return await _finish(interaction, rest) if rest else await finishing(interaction)
        case "start" | "owe" | "ask":
            return await ask_for(interaction)
        case "waive" | "none" | "unneeded":
            return await _waive(interaction, spoken(rest)) if rest else await waiving(interaction)
        case _:
            msg = (
                "Type `/incident postmortem own`, `postmortem done <link>`, `postmortem waive <why>` or "
                "`postmortem start`."
            )
            raise Refused(msg)


async def own(interaction: Interaction) -> Answer:
    """Make the person who pressed its owner."""
    return await _own(interaction, None)


async def _own(interaction: Interaction, person: UserId | None) -> Answer:
    owner = person or interaction.actor.user
    if owner is None:
        msg = "Say who owns it."
        raise Refused(msg)
    command = usecase.OwnPostmortem(
        actor=interaction.actor, incident=interaction.about, request=interaction.request, person=owner
    )
    await usecase.own(command, interaction.ports)
    return NOTHING


async def ask_for(interaction: Interaction) -> Answer:
    """Make a postmortem due."""
    command = usecase.AskForPostmortem(
        actor=interaction.actor, incident=interaction.about, request=interaction.request
    )
    await usecase.ask_for(command, interaction.ports)
    return NOTHING


async def waiving(interaction: Interaction) -> Answer:
    """Open the modal that asks why none is needed."""
    shown = view.waive(await interaction.card(), answer_in=interaction.channel)
    payload = InteractionPayload(incident=interaction.incident)
    return Answer(modal=Opening(view=shown, action=Action.WAIVE_POSTMORTEM, payload=payload))


async def submitted_waiver(interaction: Interaction) -> Answer:
    """Waive it for the reason that was entered."""
    return await _waive(interaction, view.waived(interaction.values))


async def _waive(interaction: Interaction, reason: str) -> Answer:
    command = usecase.WaivePostmortem(
        actor=interaction.actor, incident=interaction.about, request=interaction.request, reason=reason
    )
    await usecase.waive(command, interaction.ports)
    return NOTHING


async def finishing(interaction: Interaction) -> Answer:
    """Open the modal that asks for the link."""
    shown = view.postmortem_done(await interaction.card(), answer_in=interaction.channel)
    payload = InteractionPayload(incident=interaction.incident)
    return Answer(modal=Opening(view=shown, action=Action.POSTMORTEM_DONE, payload=payload))


async def submitted(interaction: Interaction) -> Answer:
    """Finish it with the link that was entered."""
    return await _finish(interaction, view.submission(interaction.values))


async def _finish(interaction: Interaction, link: str) -> Answer:
    command = usecase.FinishPostmortem(
        actor=interaction.actor, incident=interaction.about, request=interaction.request, link=link
    )
    await usecase.finish(command, interaction.ports)
    return NOTHING


REGISTERED = Registration(
    commands=(
        Command(
            name="postmortem",
            also=("pm", "retro"),
            usage="own | done <link> | waive <why> | start",
            says="Own the postmortem, finish it with a link, waive it, or ask for one",
            listener=typed,
        ),
    ),
    buttons={
        Action.OWE_POSTMORTEM: ask_for,
        Action.OWN_POSTMORTEM: own,
        Action.POSTMORTEM_DONE: finishing,
        Action.WAIVE_POSTMORTEM: waiving,
    },
    forms={
        Form.POSTMORTEM_DONE: submitted,
        Form.WAIVE_POSTMORTEM: submitted_waiver,
    },
)
