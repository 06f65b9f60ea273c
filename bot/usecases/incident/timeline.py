"""What goes into the timeline by hand: notes, key moments, corrected times."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.incident.aggregate import Incident
from bot.domain.shared.vocabulary import Milestone
from bot.usecases.incident.acting import Act, change
from bot.usecases.ports import Ports


@dataclass(frozen=True, kw_only=True)
class AddNote(Act):
    """Write down something that was not said in the room."""

    body: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Mark(Act):
    """Mark a message of the room (``ts``) as a key moment, or take the mark away."""

    ts: str
    said_at: datetime
    marked: bool = True


@dataclass(frozen=True, kw_only=True)
class Correct(Act):
    """Correct when a milestone occurred."""

    milestone: Milestone
    occurred_at: datetime
    reason: str


async def note(command: AddNote, ports: Ports) -> Incident:
    """Return the incident with one note more; refuses an empty one and a time yet to come."""
    return await change(
        command,
        ports,
        lambda incident: incident.note(
            command.body, by=command.actor, at=ports.now(), occurred_at=command.occurred_at
        ),
    )


async def mark(command: Mark, ports: Ports) -> Incident:
    """Return the incident with a moment marked or unmarked; repeating it changes nothing."""

    def decide(incident: Incident) -> None:
        if command.marked:
            incident.mark(command.ts, by=command.actor, at=ports.now(), said_at=command.said_at)
        else:
            incident.unmark(command.ts, by=command.actor, at=ports.now())

    return await change(command, ports, decide)


async def correct(command: Correct, ports: Ports) -> Incident:
    """Return the incident with a corrected time; refuses one before it started or yet to come."""
    return await change(
        command,
        ports,
        lambda incident: incident.correct(
            command.milestone, command.occurred_at, command.reason, by=command.actor, at=ports.now()
        ),
    )
