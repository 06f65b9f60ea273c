"""How one person's act on one incident is done: seen, allowed, answered once, saved, committed."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.incident.aggregate import Incident
from bot.domain.shared.errors import NotAllowed, Refused
from bot.domain.shared.vocabulary import Actor, ActorKind, IncidentId, RequestKey, UserId, label
from bot.usecases.policy import WhoMay
from bot.usecases.ports import Account, Ports, Work

NAMED = 8
"""How many of those who may are named to somebody who may not."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """Somebody acts on an incident. ``request`` names the act, so that a repeated one is done once."""

    actor: Actor
    incident: IncidentId
    request: RequestKey | None = None


class Outsider(NotAllowed):
    """Somebody who is not known to be in the war room acts on its incident; Slack may know better."""

    def __init__(self, why: str, *, incident: IncidentId, field: str | None = None) -> None:
        """Keep the incident whose room it is."""
        super().__init__(why, field=field)
        self.incident = incident


class Unrecognised(Refused):
    """Somebody is named of whom nothing is known yet; Slack can say who that is."""

    def __init__(self, why: str, *, person: UserId, field: str | None = None) -> None:
        """Keep who it is."""
        super().__init__(why, field=field)
        self.person = person


def require_person(person: UserId, actor: Actor, ports: Ports) -> None:
    """Refuse who cannot answer for anything: a bot, a deactivated account, nobody of this workspace.

    Somebody unknown is asked about where a person in Slack names them; a shell need not have a Slack to ask.
    """
    account = ports.chat.account(person)
    if account is Account.UNKNOWN and actor.kind is ActorKind.PERSON and person != actor.user:
        msg = f"Slack has not said yet who <@{person}> is. Try again in a moment."
        raise Unrecognised(msg, person=person, field="person")
    if why := _CANNOT.get(account):
        raise Refused(why.format(person=person), field="person")


_CANNOT = {
    Account.BOT: "A bot cannot answer for anything in an incident. Choose a person.",
    Account.DEACTIVATED: "The account of <@{person}> is deactivated. Choose somebody who can come.",
    Account.NOBODY: "There is nobody {person} in this workspace. Choose somebody from Slack's own list.",
}


def is_admin(actor: Actor, who_may: WhoMay) -> bool:
    """Return whether an actor may do everything: the system, an operator's shell, and named admins."""
    if actor.kind is ActorKind.SYSTEM or (actor.kind is ActorKind.SHELL and actor.user is None):
        return True
    return actor.user in who_may.admins


def require(actor: Actor, allowed: frozenset[UserId], who_may: WhoMay, *, to: str) -> None:
    """Refuse an act that the settings give to some people only, saying who they are."""
    if not allowed or actor.user in allowed or is_admin(actor, who_may):
        return
    people = [f"<@{user}>" for user in sorted(allowed | who_may.admins)]
    more = f" and {len(people) - NAMED} more" if len(people) > NAMED else ""
    msg = f"Only {', '.join(people[:NAMED])}{more} may {to}. Ask one of them."
    raise NotAllowed(msg)


async def require_member(actor: Actor, incident: Incident, work: Work, who_may: WhoMay) -> None:
    """Refuse somebody who is not in the war room, where the settings ask for that."""
    if _may_from_outside(actor, who_may) or actor.user in await work.members.of(incident.id):
        return
    raise _outside(incident)


async def check_may_act(actor: Actor, incident: IncidentId, ports: Ports) -> None:
    """Refuse as `change` would, before somebody fills in a form for nothing."""
    seen = await ports.reads.incident(incident, seen_by=actor)
    if _may_from_outside(actor, ports.policy.who_may) or actor.user is None:
        return
    if not await ports.reads.is_member(incident, actor.user):
        raise _outside(seen)


def _may_from_outside(actor: Actor, who_may: WhoMay) -> bool:
    return actor.kind is not ActorKind.PERSON or who_may.act_from_outside or is_admin(actor, who_may)


def _outside(incident: Incident) -> Outsider:
    room = f"<#{incident.state.channel}>" if incident.state.channel else "its war room"
    return Outsider(
        f"Only people in the war room of {label(incident.id)} act on it. Join {room}, then do it again.",
        incident=incident.id,
    )


async def change(
    act: Act, ports: Ports, decide: Callable[[Incident], None], *, joining: bool = False
) -> Incident:
    """Do one act on an incident and return the incident after it; ``joining`` brings the actor into the room.

    A request that was answered before changes nothing. Raises ``NotFound`` where the actor may not see
    the incident, ``NotAllowed`` outside its room, and what ``decide`` refuses; then nothing is stored.
    """
    async with ports.work() as work:
        incident = await work.incidents.get(act.incident, seen_by=act.actor)
        if act.request and await work.inbox.take(act.request) is not None:
            return incident
        if not joining or incident.state.private:
            await require_member(act.actor, incident, work, ports.policy.who_may)
        decide(incident)
        if act.request:
            await work.inbox.answer(act.request, str(act.incident))
        if incident.new_facts:
            await work.incidents.save(incident)
        await work.commit()
    return incident
