"""The postmortem: somebody owns it, it is done with a link, it can be asked for or waived."""

from dataclasses import dataclass

from bot.domain.incident.aggregate import Incident
from bot.domain.shared.vocabulary import UserId
from bot.usecases.incident.acting import Act, change, require_person
from bot.usecases.ports import Ports


@dataclass(frozen=True, kw_only=True)
class OwnPostmortem(Act):
    """Name who writes it."""

    person: UserId


@dataclass(frozen=True, kw_only=True)
class FinishPostmortem(Act):
    """It is written, and this is the link."""

    link: str


@dataclass(frozen=True, kw_only=True)
class WaivePostmortem(Act):
    """Take back an obligation that came about by mistake, or that nobody would learn from."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class AskForPostmortem(Act):
    """Make a postmortem due that the severity alone does not ask for."""


async def own(command: OwnPostmortem, ports: Ports) -> Incident:
    """Return the incident with the postmortem's owner; refuses who cannot write it, and where none is due."""
    require_person(command.person, command.actor, ports)
    return await change(
        command,
        ports,
        lambda incident: incident.own_postmortem(command.person, by=command.actor, at=ports.now()),
    )


async def finish(command: FinishPostmortem, ports: Ports) -> Incident:
    """Return the incident with its postmortem done; refuses what is not a link."""
    return await change(
        command,
        ports,
        lambda incident: incident.finish_postmortem(command.link, by=command.actor, at=ports.now()),
    )


async def waive(command: WaivePostmortem, ports: Ports) -> Incident:
    """Return the incident that owes no postmortem any more; refuses without a reason."""
    return await change(
        command,
        ports,
        lambda incident: incident.waive_postmortem(command.reason, by=command.actor, at=ports.now()),
    )


async def ask_for(command: AskForPostmortem, ports: Ports) -> Incident:
    """Return the incident with a postmortem owed; refuses while people still work on it."""
    return await change(
        command,
        ports,
        lambda incident: incident.owe_postmortem(by=command.actor, at=ports.now(), terms=ports.policy.terms),
    )
