"""The timeline: notes, key moments, corrected times, and catching up."""

from bot.domain.shared.vocabulary import label
from bot.slack.events.messages import when
from bot.slack.grammar import spoken
from bot.slack.ids import Action, Form
from bot.slack.interactions.interaction import NOTHING, Answer, Interaction, Opening, done, tell
from bot.slack.interactions.registration import Command, Registration
from bot.slack.views.incident import timeline as view
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident import timeline as usecase


async def typed_note(interaction: Interaction) -> Answer:
    """Add what was typed; without words, open the modal."""
    if not interaction.rest:
        return await noting(interaction)
    command = usecase.AddNote(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        body=spoken(interaction.rest),
    )
    await usecase.note(command, interaction.ports)
    return done(f"Added to the timeline of {label(interaction.about)}.")


async def noting(interaction: Interaction) -> Answer:
    """Open the modal for a note, which can also say when."""
    shown = view.note(await interaction.card(), answer_in=interaction.channel)
    payload = InteractionPayload(incident=interaction.incident)
    return Answer(modal=Opening(view=shown, action=Action.NOTE, payload=payload))


async def submitted_note(interaction: Interaction) -> Answer:
    """Add the note that was entered."""
    said = view.noted(interaction.values)
    command = usecase.AddNote(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        body=said.body,
        occurred_at=said.occurred_at,
    )
    await usecase.note(command, interaction.ports)
    return NOTHING


async def mark(interaction: Interaction, ts: str, *, marked: bool) -> Answer:
    """Mark a message of the room as a key moment, or take the mark away."""
    command = usecase.Mark(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        ts=ts,
        said_at=when(ts),
        marked=marked,
    )
    await usecase.mark(command, interaction.ports)
    return tell("Marked as a key moment of the timeline.")


async def correcting(interaction: Interaction) -> Answer:
    """Open the modal that corrects when something happened."""
    shown = view.correct(await interaction.card(), answer_in=interaction.channel)
    payload = InteractionPayload(incident=interaction.incident)
    return Answer(modal=Opening(view=shown, action=Action.CORRECT, payload=payload))


async def submitted_correction(interaction: Interaction) -> Answer:
    """Correct a milestone as was entered."""
    said = view.corrected(interaction.values)
    command = usecase.Correct(
        actor=interaction.actor,
        incident=interaction.about,
        request=interaction.request,
        milestone=said.milestone,
        occurred_at=said.occurred_at,
        reason=said.reason,
    )
    await usecase.correct(command, interaction.ports)
    return NOTHING


async def shown(interaction: Interaction) -> Answer:
    """Show a page of the timeline to one person; from one page to the next it is replaced in place."""
    at = interaction.payload.page
    page = await usecase.page(
        interaction.about, interaction.ports, seen_by=interaction.actor, at=at, told=view.escaped
    )
    return Answer(message=view.page(interaction.about, page), replaces=at is not None)


REGISTERED = Registration(
    commands=(
        Command(
            name="note",
            also=("log", "add"),
            usage="text",
            says="Add a note to the timeline",
            in_words=True,
            listener=typed_note,
        ),
        Command(
            name="timeline",
            also=("catchup", "catch-up", "history"),
            says="Catch up: the latest of the timeline, for you alone",
            listener=shown,
        ),
        Command(
            name="correct",
            also=("fix-time", "milestone"),
            says="Correct when something happened",
            listener=correcting,
        ),
    ),
    buttons={
        Action.TIMELINE: shown,
        Action.NOTE: noting,
        Action.CORRECT: correcting,
    },
    forms={
        Form.NOTE: submitted_note,
        Form.CORRECT: submitted_correction,
    },
)
