"""The timeline: read in pages; and what goes into it by hand, notes, key moments, corrected times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.domain.incident.timeline import Entry, Words, merge
from bot.domain.shared.vocabulary import Actor, IncidentId, Milestone
from bot.usecases.incident.acting import Act, change
from bot.usecases.ports import Ports

Told = Callable[[Words, Sequence[Fact]], Words]
"""Returns a lookup whose words are fit to be shown, for the texts of these facts."""

PAGE = 20
"""How many entries a page has; each takes some hundred characters of a message's 10,000."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A part of the timeline, oldest first; ``first`` is the place of its first entry, from 1.

    ``older`` and ``newer`` are what `page` takes to go on from here, None where there is no more.
    """

    entries: Sequence[Entry]
    first: int
    total: int
    older: str | None = None
    newer: str | None = None


async def page(incident: IncidentId, ports: Ports, *, seen_by: Actor, at: str | None, told: Told) -> Page:
    """Return the page at a place that an earlier page named, or the newest; raises ``NotFound``.

    ``told`` makes the words of texts fit to be shown.
    """
    history = await ports.reads.history(incident, seen_by=seen_by)
    messages = await ports.reads.messages(incident, seen_by=seen_by)
    words = await ports.reads.words(incident, seen_by=seen_by)
    lookup = told(lambda text: words.get(text) if text else None, history)
    return _cut(merge(history, messages, lookup), at=at)


def _cut(entries: Sequence[Entry], *, at: str | None) -> Page:
    """Return the page that ends with the entry of a place, counted from the oldest: it stays as more come."""
    total = len(entries)
    end = min(int(at), total) if at and at.isdecimal() else total
    start = max(end - PAGE, 0)
    return Page(
        entries=entries[start:end],
        first=start + 1,
        total=total,
        older=str(start) if start else None,
        newer=str(min(end + PAGE, total)) if end < total else None,
    )


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
