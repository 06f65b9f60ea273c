"""What a reaction is given, and what it gives back: the vocabulary of `bot.usecases.reactions`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact
from bot.domain.shared.vocabulary import label
from bot.usecases.policy import Policy
from bot.usecases.ports import JobSpec, Payload


@dataclass(frozen=True, kw_only=True)
class After:
    """One new fact (the ``seq``-th of its incident, from 0) and the incident with all new facts folded.

    ``together`` are the facts that were saved with it, itself among them.
    """

    fact: Fact
    seq: int
    together: Sequence[Fact]
    incident: Incident
    policy: Policy

    def job(  # noqa: D102 - said once, at `owed`
        self,
        kind: str,
        *,
        lane: str | None = None,
        at: datetime | None = None,
        payload: Payload | None = None,
    ) -> JobSpec:
        return new_job(
            self.incident,
            kind,
            f"{self.seq}",
            at=at or self.fact.recorded_at,
            lane=lane,
            payload={"seq": self.seq, **(payload or {})},
        )

    def state_job(self, kind: str, *, lane: str | None = None) -> JobSpec:
        """Return a job that shows the incident's newest state; facts saved together need it once."""
        length = self.incident.length
        return new_job(
            self.incident,
            kind,
            f"v{length}",
            at=self.fact.recorded_at,
            lane=lane,
            payload={"version": length},
        )


Reaction = Callable[[After], Iterable[JobSpec]]


def room_lane(incident: Incident) -> str:
    """Return the lane that keeps the messages of a war room in order."""
    return f"room:{label(incident.id)}"


def new_job(
    incident: Incident,
    kind: str,
    suffix: str,
    *,
    at: datetime,
    lane: str | None = None,
    payload: Payload | None = None,
) -> JobSpec:
    """Return a job of an incident; its key is ``kind:INC-n:suffix``."""
    return JobSpec(
        kind=kind,
        key=f"{kind}:{label(incident.id)}:{suffix}",
        due_at=at,
        incident=incident.id,
        lane=lane,
        payload=payload or {},
    )


def slot(at: datetime) -> str:
    """Return a due time as a job's key writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
