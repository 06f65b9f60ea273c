"""The timeline: notes, key moments, corrected times, and catching up."""

from bot.domain.timeline import merge
from bot.domain.vocabulary import label
from bot.slack.grammar import spoken
from bot.slack.heard import when
from bot.slack.ids import Action
from bot.slack.listeners.asked import NOTHING, Answer, Asked, Opening, done, tell
from bot.slack.views import timeline as view
from bot.slack.views.carried import Carried
from bot.usecases import timeline as usecase


async def typed_note(asked: Asked) -> Answer:
    """Add what was typed; without words, open the modal."""
    if not asked.rest:
        return await noting(asked)
    command = usecase.AddNote(
        actor=asked.actor, incident=asked.about, request=asked.request, body=spoken(asked.rest)
    )
    await usecase.note(command, asked.ports)
    return done(f"Added to the timeline of {label(asked.about)}.")


async def noting(asked: Asked) -> Answer:
    """Open the modal for a note, which can also say when."""
    shown = view.note(await asked.card(), answer_in=asked.channel)
    carried = Carried(incident=asked.incident)
    return Answer(modal=Opening(view=shown, action=Action.NOTE, carried=carried))


async def submitted_note(asked: Asked) -> Answer:
    """Add the note that was entered."""
    said = view.noted(asked.values)
    command = usecase.AddNote(
        actor=asked.actor,
        incident=asked.about,
        request=asked.request,
        body=said.body,
        occurred_at=said.occurred_at,
    )
    await usecase.note(command, asked.ports)
    return NOTHING


async def mark(asked: Asked, ts: str, *, marked: bool) -> Answer:
    """Mark a message of the room as a key moment, or take the mark away."""
    command = usecase.Mark(
        actor=asked.actor,
        incident=asked.about,
        request=asked.request,
        ts=ts,
        said_at=when(ts),
        marked=marked,
    )
    await usecase.mark(command, asked.ports)
    return tell("Marked as a key moment of the timeline.")


async def correcting(asked: Asked) -> Answer:
    """Open the modal that corrects when something happened."""
    shown = view.correct(await asked.card(), answer_in=asked.channel)
    carried = Carried(incident=asked.incident)
    return Answer(modal=Opening(view=shown, action=Action.CORRECT, carried=carried))


async def submitted_correction(asked: Asked) -> Answer:
    """Correct a milestone as was entered."""
    said = view.corrected(asked.values)
    command = usecase.Correct(
        actor=asked.actor,
        incident=asked.about,
        request=asked.request,
        milestone=said.milestone,
        occurred_at=said.occurred_at,
        reason=said.reason,
    )
    await usecase.correct(command, asked.ports)
    return NOTHING


async def shown(asked: Asked) -> Answer:
    """Show the newest of the timeline to one person."""
    reads = asked.ports.reads
    incident = await reads.incident(asked.about, seen_by=asked.actor)
    history = await reads.history(asked.about, seen_by=asked.actor)
    messages = await reads.messages(asked.about, seen_by=asked.actor)
    entries = merge(history, messages, view.escaped(incident.text))
    return Answer(message=view.page(incident.id, entries))
