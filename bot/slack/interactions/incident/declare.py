"""Declaring: the modal from a command, a button or a shortcut, its submission, and words without a modal."""

from dataclasses import replace

from bot.domain.incident.aggregate import Declaration, Incident
from bot.domain.shared.errors import Refused
from bot.domain.shared.severity import Severity, SeverityKey, SeverityScale
from bot.domain.shared.texts import TITLE_MAX
from bot.domain.shared.vocabulary import label
from bot.slack.grammar import spoken
from bot.slack.ids import Action, Form
from bot.slack.interactions.interaction import NOTHING, Answer, Interaction, Opening, tell
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views import forms
from bot.slack.views.incident import declare as view
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident import declare as usecase
from bot.usecases.incident.acting import require

OPEN_SHOWN = 5
"""How many open incidents stand above the form: enough to recognise one's own, few enough to be read."""


async def typed(interaction: Interaction) -> Answer:
    """Declare at once where a severity and a title were typed: that needs no form; else open it."""
    first, _, title = interaction.rest.partition(" ")
    level = _level(first, interaction.ports.policy.scale)
    if level is None:
        return await opened(interaction)
    if not title.strip():
        return await opened(replace(interaction, rest=""), severity=level.key)
    said = Declaration(title=spoken(title), severity=level, from_channel=interaction.channel)
    return tell(_declared(await _declare(interaction, said), interaction))


def _level(word: str, scale: SeverityScale) -> Severity | None:
    """Return the severity a word names: ``SEV2``, not the 2 of "2 dashboards are wrong"."""
    if word.isdigit() or not any(sign.isdigit() for sign in word):
        return None
    try:
        return scale.find(word)
    except Refused:
        return None


def _declared(incident: Incident, interaction: Interaction) -> str:
    """Return where the war room is to be looked for, by what is known of Slack."""
    name = f"{label(incident.id)} is declared as {incident.state.severity}."
    if interaction.ports.chat.is_away():
        return f"{name} Its war room opens as soon as Slack answers; a direct message then says where it is."
    return f"{name} Its war room opens now, and you are invited into it."


async def opened(
    interaction: Interaction,
    *,
    summary: str = "",
    severity: SeverityKey | None = None,
    payload: InteractionPayload | None = None,
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
                severity=severity,
                summary=summary,
            ),
            action=Action.DECLARE,
            payload=payload,
        )
    )


async def submitted(interaction: Interaction) -> Answer:
    """Declare what was entered."""
    said = view.submission(interaction.values, interaction.ports.policy.scale, interaction.payload)
    incident = await _declare(interaction, said)
    if interaction.ports.chat.is_away():
        return Answer(last_word=forms.notice("Declared", _declared(incident, interaction)))
    # The war room is there in under a second and invites the declarer: nothing more needs saying.
    return NOTHING


async def _declare(interaction: Interaction, said: Declaration) -> Incident:
    command = usecase.Declare(actor=interaction.actor, said=said, request=interaction.request)
    return await usecase.declare(command, interaction.ports)


REGISTERED = Registration(
    commands=(
        Command(
            name="declare",
            also=("new", "open", "start", "create"),
            usage="[SEV2] [title]",
            says="Declare an incident and open its war room; with both, without a form",
            in_room=False,
            listener=typed,
        ),
    ),
    buttons={
        Action.DECLARE: opened,
    },
    forms={
        Form.DECLARE: submitted,
    },
)
