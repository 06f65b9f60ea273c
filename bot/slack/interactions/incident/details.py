"""Changing what an incident is called and what is known of it, by word and by modal."""

from bot.domain.shared.vocabulary import label
from bot.slack.grammar import spoken
from bot.slack.ids import Action, Form
from bot.slack.interactions.interaction import NOTHING, Answer, Interaction, Opening, done
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views.incident import details as view
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident import details as usecase


async def typed(interaction: Interaction) -> Answer:
    """Rename it as was typed; without words, open the modal."""
    if not interaction.rest:
        return await editing(interaction)
    command = usecase.Rename(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        title=spoken(interaction.rest),
    )
    incident = await usecase.rename(command, interaction.ports)
    return done(f"{label(incident.id)} is called “{incident.title}” now.")


async def editing(interaction: Interaction) -> Answer:
    """Open the modal with how it reads now."""
    shown = view.edit(await interaction.card(), answer_in=interaction.channel)
    payload = InteractionPayload(incident=interaction.incident)
    return Answer(modal=Opening(view=shown, action=Action.EDIT, payload=payload))


async def submitted(interaction: Interaction) -> Answer:
    """Change what was changed in the modal."""
    read = view.submission(interaction.values, interaction.payload)
    command = usecase.Describe(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        said=read.said,
        seen=read.seen,
    )
    await usecase.describe(command, interaction.ports)
    return NOTHING


REGISTERED = Registration(
    commands=(
        Command(
            name="rename",
            also=("title",),
            usage="[new title]",
            says="Give it another title",
            in_words=True,
            listener=typed,
        ),
        Command(
            name="edit",
            also=("details",),
            says="Change the title, the summary and what is affected",
            listener=editing,
        ),
    ),
    buttons={Action.EDIT: editing},
    forms={Form.EDIT: submitted},
)
