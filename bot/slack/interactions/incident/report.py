"""The CAN update: its modal, filled in from the last one, and its submission."""

from bot.slack.ids import Action, Form
from bot.slack.interactions.interaction import NOTHING, Answer, Interaction, Opening
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views.incident import report as view
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident import report as usecase


async def opened(interaction: Interaction) -> Answer:
    """Open the modal."""
    shown = view.report(await interaction.card(), answer_in=interaction.channel)
    payload = InteractionPayload(incident=interaction.incident)
    return Answer(modal=Opening(view=shown, action=Action.REPORT, payload=payload))


async def submitted(interaction: Interaction) -> Answer:
    """Post what was entered, and move the status where another one was chosen."""
    said = view.submission(interaction.values, interaction.payload)
    command = usecase.PostReport(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        draft=said.draft,
        status=said.status,
        seen=said.seen,
    )
    await usecase.post(command, interaction.ports)
    return NOTHING


REGISTERED = Registration(
    commands=(
        Command(
            name="update",
            also=("can", "report", "up"),
            says="Post a CAN update: conditions, actions, needs",
            listener=opened,
        ),
    ),
    buttons={
        Action.REPORT: opened,
    },
    forms={
        Form.REPORT: submitted,
    },
)
