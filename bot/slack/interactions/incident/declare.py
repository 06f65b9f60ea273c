"""Declaring: the modal from a command, a button or a shortcut, and its submission."""

from bot.domain.shared.texts import TITLE_MAX
from bot.slack.grammar import spoken
from bot.slack.ids import Action, Form
from bot.slack.interactions.interaction import NOTHING, Answer, Interaction, Opening
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views.incident import declare as view
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident import declare as usecase
from bot.usecases.incident.acting import require

OPEN_SHOWN = 5
"""How many open incidents stand above the form: enough to recognise one's own, few enough to be read."""


async def opened(
    interaction: Interaction, *, summary: str = "", payload: InteractionPayload | None = None
) -> Answer:
    """Open the modal, with what is already open above it; refuses who may not declare.

    A button in its place carries the message it starts from, or the title that was typed.
    """
    who_may = interaction.ports.policy.who_may
    require(interaction.actor, who_may.declare, who_may, to="declare incidents")
    lines = await interaction.ports.reads.open_incidents(seen_by=interaction.actor)
    title = (spoken(interaction.rest) or interaction.payload.command or "")[:TITLE_MAX]
    if payload is None:
        payload = InteractionPayload(
            channel=interaction.channel, message=interaction.payload.message, command=title or None
        )
    return Answer(
        modal=Opening(
            view=view.declare(
                interaction.ports.policy.scale,
                payload=payload,
                open_incidents=lines[:OPEN_SHOWN],
                title=title,
                summary=summary,
            ),
            action=Action.DECLARE,
            payload=payload,
        )
    )


async def submitted(interaction: Interaction) -> Answer:
    """Declare what was entered."""
    said = view.submission(interaction.values, interaction.ports.policy.scale, interaction.payload)
    command = usecase.Declare(actor=interaction.actor, said=said, request=interaction.request)
    await usecase.declare(command, interaction.ports)
    # The war room is there in under a second and invites the declarer: nothing more needs saying.
    return NOTHING


REGISTERED = Registration(
    commands=(
        Command(
            name="declare",
            also=("new", "open", "start", "create"),
            usage="[title]",
            says="Declare an incident and open its war room",
            in_room=False,
            listener=opened,
        ),
    ),
    buttons={
        Action.DECLARE: opened,
    },
    forms={
        Form.DECLARE: submitted,
    },
)
