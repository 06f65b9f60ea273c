"""Which status may follow which, and the words people use for the moves."""

from collections.abc import Mapping

from bot.domain.shared.errors import Refused
from bot.domain.shared.texts import quoted
from bot.domain.shared.vocabulary import Status

WORKING = frozenset({Status.INVESTIGATING, Status.FIXING, Status.BACKFILLING, Status.MONITORING})
OPEN = WORKING | {Status.TRIAGE}
ENDED = frozenset(Status) - OPEN

MOVES: Mapping[Status, frozenset[Status]] = {
    # Work goes back as often as forward: a fix that did not hold is looked into again.
    Status.TRIAGE: WORKING | {Status.RESOLVED, Status.CANCELLED, Status.MERGED},
    Status.INVESTIGATING: WORKING | {Status.RESOLVED, Status.CANCELLED, Status.MERGED},
    Status.FIXING: WORKING | {Status.RESOLVED, Status.CANCELLED, Status.MERGED},
    Status.BACKFILLING: WORKING | {Status.RESOLVED, Status.CANCELLED, Status.MERGED},
    Status.MONITORING: WORKING | {Status.RESOLVED, Status.CANCELLED, Status.MERGED},
    # Leaving an end is a reopening and asks for a reason.
    Status.RESOLVED: WORKING | {Status.CLOSED},
    Status.CLOSED: WORKING,
    Status.CANCELLED: WORKING,
    Status.MERGED: frozenset(),
}
MOVES = {before: after - {before} for before, after in MOVES.items()}

MITIGATING = frozenset({Status.BACKFILLING, Status.MONITORING, Status.RESOLVED})
"""The first move to one of these is when the incident was mitigated."""

SYNONYMS: Mapping[str, Status] = {
    "investigate": Status.INVESTIGATING,
    "looking": Status.INVESTIGATING,
    "fix": Status.FIXING,
    "mitigating": Status.FIXING,
    "backfill": Status.BACKFILLING,
    "replaying": Status.BACKFILLING,
    "monitor": Status.MONITORING,
    "watching": Status.MONITORING,
    "verifying": Status.MONITORING,
    "fixed": Status.RESOLVED,
    "resolve": Status.RESOLVED,
    "done": Status.RESOLVED,
    "close": Status.CLOSED,
    "cancel": Status.CANCELLED,
    "canceled": Status.CANCELLED,
    "reopen": Status.INVESTIGATING,
}


def is_reopening(before: Status, after: Status) -> bool:
    """Return whether the move takes an ended incident back to work."""
    return before in ENDED and after in OPEN


def find(typed: str) -> Status:
    """Return the status a person meant; refuses a word that names none, listing those that do."""
    word = typed.strip().casefold()
    if word in set(Status):
        return Status(word)
    if word in SYNONYMS:
        return SYNONYMS[word]
    names = ", ".join(s for s in Status if s is not Status.MERGED)
    msg = f"There is no status “{quoted(typed)}”. Choose one of {names}."
    raise Refused(msg, field="status")


def check_move(before: Status, after: Status) -> None:
    """Refuse a move that `MOVES` does not hold, saying which it does."""
    if after in MOVES[before]:
        return
    if after == before:
        msg = f"It is already {before}."
    elif after is Status.CLOSED:
        msg = f"Only a resolved incident can be closed, and this one is {before}. Resolve it first."
    elif not MOVES[before]:
        msg = f"A {before} incident stays as it is; go on in the one it was merged into."
    else:
        legal = ", ".join(s for s in Status if s in MOVES[before])
        msg = f"An incident that is {before} cannot become {after}. From here: {legal}."
    raise Refused(msg, field="status")
