"""Move an incident along: fixing, backfilling, resolved, closed, reopened, merged."""

from dataclasses import dataclass

from bot.domain.incident.aggregate import Incident
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import Actor, IncidentId, Status, TextId, label
from bot.usecases.incident.acting import Act, change, require
from bot.usecases.policy import WhoMay
from bot.usecases.ports import Ports


@dataclass(frozen=True, kw_only=True)
class Move(Act):
    """Move to a status. ``seen`` is the status the person was looking at, None where they typed.

    ``met`` are Needs that they say are met, whatever was said of them meanwhile.
    """

    to: Status
    reason: str | None = None
    seen: Status | None = None
    into: IncidentId | None = None
    met: tuple[TextId, ...] = ()


def require_move(actor: Actor, to: Status, who_may: WhoMay) -> None:
    """Refuse a move that the settings give to some people only, saying who they are."""
    if to in {Status.RESOLVED, Status.CANCELLED, Status.MERGED}:
        require(actor, who_may.resolve, who_may, to="end an incident")
    if to is Status.CLOSED:
        require(actor, who_may.close, who_may, to="close an incident")


async def move(command: Move, ports: Ports) -> Incident:
    """Return the incident after the move; refuses an illegal one, and one that somebody overtook."""
    require_move(command.actor, command.to, ports.policy.who_may)
    # Merging into something the person cannot see would tell them that it is there.
    into = await ports.reads.incident(command.into, seen_by=command.actor) if command.into else None

    def decide(incident: Incident) -> None:
        if into and not into.state.is_open:
            msg = f"{label(into.id)} is {into.state.status}: nothing goes on there. Choose an open incident."
            raise Refused(msg, field="into")
        if into and into.state.drill and not incident.state.drill:
            msg = f"{label(into.id)} is a drill; a real incident does not go on in one. Choose another."
            raise Refused(msg, field="into")
        if into and into.state.private and not incident.state.private:
            msg = (
                f"{label(into.id)} is private, and merging would tell this room of it. Cancel this one with "
                "a reason instead, or merge the private one into this."
            )
            raise Refused(msg, field="into")
        if met := {need.text for need in incident.state.needs} & {*command.met}:
            incident.meet(met, by=command.actor, at=ports.now())
        incident.move(
            command.to,
            by=command.actor,
            at=ports.now(),
            terms=ports.policy.terms,
            reason=command.reason,
            seen=command.seen,
            into=command.into,
            into_room=into.state.channel if into else None,
        )

    return await change(command, ports, decide)
