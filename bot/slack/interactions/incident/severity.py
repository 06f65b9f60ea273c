"""Changing how bad an incident is rated, by word and by modal."""

from bot.domain.shared.vocabulary import label
from bot.slack.grammar import spoken
from bot.slack.ids import Action, Form
from bot.slack.interactions.interaction import NOTHING, Answer, Interaction, Opening, done
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views.incident import severity as view
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident import severity as usecase


async def typed(interaction: Interaction) -> Answer:
    """Rate it as was typed (``2``, ``sev2 wrong numbers went out``); without a word, choose."""
    if not interaction.rest:
        return await choose(interaction)
    words = interaction.rest.split()
    # "sev 2" after the command "severity" is what tired people type.
    if words[0].casefold() in {"sev", "severity"} and len(words) > 1:
        words = words[1:]
    command = usecase.Rate(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        severity=interaction.ports.policy.scale.find(words[0]),
        reason=spoken(" ".join(words[1:])) or None,
    )
    incident = await usecase.rate(command, interaction.ports)
    return done(f"{label(incident.id)} is {incident.state.severity} now.")


async def choose(interaction: Interaction) -> Answer:
    """Open the modal with the test of each level."""
    shown = view.severity(
        await interaction.card(), interaction.ports.policy.scale, answer_in=interaction.channel
    )
    payload = InteractionPayload(incident=interaction.incident)
    return Answer(modal=Opening(view=shown, action=Action.SEVERITY, payload=payload))


async def submitted(interaction: Interaction) -> Answer:
    """Rate it as was chosen."""
    said = view.submission(interaction.values, interaction.ports.policy.scale)
    command = usecase.Rate(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        severity=said.severity,
        reason=said.reason,
    )
    await usecase.rate(command, interaction.ports)
    return NOTHING


REGISTERED = Registration(
    commands=(
        Command(
            name="severity",
            also=("sev", "priority"),
            usage="[1-5] [reason]",
            says="Change how bad it is rated",
            listener=typed,
        ),
    ),
    buttons={
        Action.SEVERITY: choose,
    },
    forms={
        Form.SEVERITY: submitted,
    },
)
