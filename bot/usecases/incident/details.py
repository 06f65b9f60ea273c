"""Change what an incident is called, what is known of it and what is affected."""

from dataclasses import dataclass

from bot.domain.incident.aggregate import Details, Incident, Looked
from bot.usecases.incident.acting import Act, change
from bot.usecases.ports import Ports


@dataclass(frozen=True, kw_only=True)
class Rename(Act):
    """Give an incident another title."""

    title: str


@dataclass(frozen=True, kw_only=True)
class Describe(Act):
    """Change the title, the summary and what is affected; ``seen`` is what stood there to be edited."""

    said: Details
    seen: Looked


async def rename(command: Rename, ports: Ports) -> Incident:
    """Return the incident with its new title. Its channel keeps the name that people know it by."""
    return await change(
        command, ports, lambda incident: incident.rename(command.title, by=command.actor, at=ports.now())
    )


async def describe(command: Describe, ports: Ports) -> Incident:
    """Return the incident with its new details; refuses what somebody else changed meanwhile."""
    return await change(
        command,
        ports,
        lambda incident: incident.describe(command.said, command.seen, by=command.actor, at=ports.now()),
    )
