"""Put people into roles, hand the command over, take it over."""

from dataclasses import dataclass

from bot.domain.incident.aggregate import Incident
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import Role, UserId
from bot.usecases.incident.acting import Act, change, is_admin, require_person
from bot.usecases.ports import Ports


@dataclass(frozen=True, kw_only=True)
class Assign(Act):
    """Put a person into a role.

    ``seen`` is who held it where the actor looked: ``""`` for nobody, None where they did not look. With
    ``joining`` somebody who is not in the room takes the role for themselves, and is invited for it.
    """

    role: Role
    person: UserId
    workstream: str | None = None
    seen: str | None = None
    joining: bool = False


@dataclass(frozen=True, kw_only=True)
class Release(Act):
    """Take a person out of a role."""

    role: Role
    person: UserId


@dataclass(frozen=True, kw_only=True)
class AnswerHandover(Act):
    """One side's answer to a hand-over; ``to`` is who was to get the role in the question they saw."""

    agreed: bool
    to: UserId | None = None


@dataclass(frozen=True, kw_only=True)
class TakeOver(Act):
    """Take the command without the holder's answer."""

    reason: str


async def assign(command: Assign, ports: Ports) -> Incident:
    """Return the incident after it; a held command leads to a hand-over instead.

    Refuses who cannot answer for anything. Whoever joins is invited by what follows from the role, or from
    the hand-over that they are to answer.
    """
    require_person(command.person, command.actor, ports)

    def decide(incident: Incident) -> None:
        incident.assign(
            command.role,
            command.person,
            by=command.actor,
            at=ports.now(),
            workstream=command.workstream,
            seen=command.seen,
        )

    joins = command.joining and command.person == command.actor.user
    return await change(command, ports, decide, joining=joins)


async def release(command: Release, ports: Ports) -> Incident:
    """Return the incident after it; refuses who does not have the role."""
    return await change(
        command,
        ports,
        lambda incident: incident.release(command.role, command.person, by=command.actor, at=ports.now()),
    )


async def answer_handover(command: AnswerHandover, ports: Ports) -> Incident:
    """Return the incident after one side's answer; refuses everybody else's."""
    return await change(
        command,
        ports,
        lambda incident: incident.answer_handover(
            command.actor.user, agreed=command.agreed, by=command.actor, at=ports.now(), to=command.to
        ),
    )


async def take_over(command: TakeOver, ports: Ports) -> Incident:
    """Return the incident under its new commander; admins need not wait for the holder's answer."""
    person = command.actor.user
    if person is None:
        msg = "Say who takes over: `--as` names the person."
        raise Refused(msg)
    at_once = is_admin(command.actor, ports.policy.who_may)
    return await change(
        command,
        ports,
        lambda incident: incident.take_over(
            person,
            command.reason,
            by=command.actor,
            at=ports.now(),
            at_once=at_once,
            answer_within=ports.policy.nudges.handover_answer,
        ),
    )
