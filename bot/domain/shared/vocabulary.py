"""The words of the field, as types: every other file speaks with these."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Self

IncidentId = NewType("IncidentId", int)
UserId = NewType("UserId", str)
ChannelId = NewType("ChannelId", str)
TextId = NewType("TextId", str)
RequestKey = NewType("RequestKey", str)


def label(incident: IncidentId) -> str:
    """Return how people name an incident: ``INC-12``."""
    return f"INC-{incident}"


@dataclass(frozen=True)
class Stream:
    """What facts, words and jobs belong to: an incident, or another thing with a history of its own."""

    type: str
    id: int

    @classmethod
    def incident(cls, incident: IncidentId) -> Self:
        """Return the stream of an incident."""
        return cls(INCIDENT, incident)


INCIDENT = "incident"
"""The kind of stream that incidents are."""


class ActorKind(StrEnum):
    """Where an act came from."""

    PERSON = "person"
    SHELL = "shell"
    WEB = "web"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who acts: a Slack person, an operator in the shell, the web, or the system itself."""

    kind: ActorKind
    user: UserId | None = None

    @classmethod
    def person(cls, user: str) -> Self:
        """Return the Slack person with this user id."""
        return cls(ActorKind.PERSON, UserId(user))

    def __str__(self) -> str:
        """Return the stored form: ``person:U1``, ``shell``, ``shell:U1``, ``web`` or ``system``."""
        return f"{self.kind}:{self.user}" if self.user else str(self.kind)

    @classmethod
    def parse(cls, stored: str) -> Self:
        """Return the actor a stored form stands for; raises ``ValueError`` on an unknown kind."""
        kind, _, user = stored.partition(":")
        return cls(ActorKind(kind), UserId(user) if user else None)


SYSTEM = Actor(ActorKind.SYSTEM)
SHELL = Actor(ActorKind.SHELL)


class Status(StrEnum):
    """Where an incident stands; `bot.domain.incident.status` says which moves are legal."""

    TRIAGE = "triage"
    INVESTIGATING = "investigating"
    FIXING = "fixing"
    BACKFILLING = "backfilling"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    MERGED = "merged"


class Role(StrEnum):
    """The four roles; `bot.domain.incident.roles` says what each alone does."""

    COMMANDER = "commander"
    SCRIBE = "scribe"
    LIAISON = "liaison"
    SME = "sme"


class Milestone(StrEnum):
    """The moments metrics are made of."""

    STARTED = "started"
    DETECTED = "detected"
    DECLARED = "declared"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"


class ConditionType(StrEnum):
    """What is wrong with the data or the system, the *type* of a CAN report's conditions."""

    UNAVAILABLE = "unavailable"
    WRONG = "wrong"
    LATE = "late"
    MISSING = "missing"
    DUPLICATED = "duplicated"
    SCHEMA = "schema"
    SLOW = "slow"
    ACCESS = "access"
    OTHER = "other"
