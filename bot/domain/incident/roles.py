"""The four roles: who decides, who documents, who communicates, who resolves."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.shared.errors import Refused
from bot.domain.shared.texts import quoted
from bot.domain.shared.vocabulary import Role, TextId, UserId


class Duty(StrEnum):
    """What exactly one role does in an incident."""

    DECIDES = "decides"
    DOCUMENTS = "documents"
    COMMUNICATES = "communicates"
    RESOLVES = "resolves"


MATRIX: Mapping[Role, Duty] = {
    Role.COMMANDER: Duty.DECIDES,
    Role.SCRIBE: Duty.DOCUMENTS,
    Role.LIAISON: Duty.COMMUNICATES,
    Role.SME: Duty.RESOLVES,
}

DUTIES: Mapping[Role, tuple[str, ...]] = {
    Role.COMMANDER: (
        "You own the outcome and *decide*. You need not be the most senior person here.",
        "Keep the one picture of what is happening and what is planned; say it out loud.",
        "Delegate: put a scribe, a liaison and SMEs in place, and do not fix things yourself.",
        "See that a CAN update goes out on time, and move the status when the facts do.",
        "Hand the role over explicitly when you must leave; both sides say yes.",
    ),
    Role.SCRIBE: (
        "You *document*. What is said here is recorded; you say which of it matters.",
        "Mark key moments with :pushpin:, and add what was said elsewhere with `/incident note`.",
        "Note decisions with who made them and why, and correct times that are wrong.",
    ),
    Role.LIAISON: (
        "You *communicate*: you alone speak to those outside this room.",
        "Turn CAN updates into words stakeholders understand; keep questions away from the SMEs.",
        "Bring back what outsiders see and need.",
    ),
    Role.SME: (
        "You *resolve*. Work your workstream and say what you see, what you try, what you need.",
        "Propose a change before you make it; the commander decides.",
        "Say when you are done, stuck, or leaving.",
    ),
}

SYNONYMS: Mapping[str, Role] = {
    "ic": Role.COMMANDER,
    "lead": Role.COMMANDER,
    "captain": Role.COMMANDER,
    "incident-commander": Role.COMMANDER,
    "notes": Role.SCRIBE,
    "scribes": Role.SCRIBE,
    "comms": Role.LIAISON,
    "communications": Role.LIAISON,
    "expert": Role.SME,
    "responder": Role.SME,
}


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One person in one role; an SME's workstream is a text."""

    role: Role
    person: UserId
    workstream: TextId | None = None


def find(typed: str) -> Role:
    """Return the role a person meant; refuses a word that names none."""
    word = typed.strip().casefold()
    if word in set(Role):
        return Role(word)
    if word in SYNONYMS:
        return SYNONYMS[word]
    msg = f"There is no role “{quoted(typed)}”. Choose one of {', '.join(Role)}."
    raise Refused(msg, field="role")
