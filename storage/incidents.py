"""Incidents as facts and a snapshot; reading one locks it, saving one plans what follows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.incident.aggregate import Incident
from bot.domain.incident.facts import Fact, IncidentDeclared, RoleAssigned
from bot.domain.shared.errors import NotFound, Overtaken
from bot.domain.shared.vocabulary import Actor, ChannelId, IncidentId, Milestone, Stream, UserId, label
from bot.usecases.ports import Follow
from storage import snapshots, streams
from storage.jobs import StoredOutbox
from storage.members import RoomMembers
from storage.tables import INCIDENTS, ROLES
from storage.visibility import visible_to


def not_found(incident: IncidentId) -> NotFound:
    """Return the refusal that reads the same whether there is none or the actor may not see it."""
    return NotFound(f"There is no incident {label(incident)} that you can see.")


class StoredIncidents:
    """The incidents of one unit of work."""

    def __init__(
        self, connection: AsyncConnection, *, follow: Follow, jobs: StoredOutbox, members: RoomMembers
    ) -> None:
        """Work on this transaction; ``follow`` says what new facts lead to."""
        self._connection = connection
        self._follow = follow
        self._jobs = jobs
        self._members = members
        self._snapped: dict[IncidentId, int] = {}

    async def add(self, incident: Incident) -> None:
        """Give a new incident its number and save it."""
        row = _snapshot(incident)
        made = await self._connection.execute(insert(INCIDENTS).values(row).returning(INCIDENTS.c.id))
        incident.id = IncidentId(made.scalar_one())
        await self._keep(incident, declared=True)

    async def get(self, incident: IncidentId, *, seen_by: Actor) -> Incident:
        """Return an incident, locked until the end; raises ``NotFound``."""
        # FOR NO KEY UPDATE: others may still point to the incident (messages, jobs) while it is locked.
        query = (
            select(INCIDENTS.c.version)
            .where(INCIDENTS.c.id == incident, visible_to(seen_by))
            .with_for_update(key_share=True)
        )
        version = (await self._connection.execute(query)).scalar_one_or_none()
        if version is None:
            raise not_found(incident)
        found, self._snapped[incident] = await streams.incident(self._connection, incident, version=version)
        return found

    async def in_room(self, channel: ChannelId) -> IncidentId | None:
        """Return the incident whose war room a channel is."""
        return await in_room(self._connection, channel)

    async def save(self, incident: Incident) -> None:
        """Write new facts, texts, the snapshot and what is owed; raises ``Overtaken`` on a lost race."""
        if not incident.new_facts and not incident.new_texts:
            return
        changed = await self._connection.execute(
            update(INCIDENTS)
            .where(INCIDENTS.c.id == incident.id, INCIDENTS.c.version == incident.version)
            .values(_snapshot(incident))
        )
        if changed.rowcount != 1:
            msg = f"Somebody else changed {label(incident.id)} a moment ago. Look again, then decide."
            raise Overtaken(msg)
        await self._keep(incident, declared=False)

    async def _keep(self, incident: Incident, *, declared: bool) -> None:
        new, stream = tuple(incident.new_facts), Stream.incident(incident.id)
        await streams.keep_texts(self._connection, stream, incident.new_texts)
        await streams.append(self._connection, stream, new, after=incident.version)
        await self._keep_roles(incident, new, declared=declared)
        await self._members.expect(incident.id, _brought_in(new))
        # What follows is keyed by the version that is now true.
        incident.version += len(new)
        incident.new_facts.clear()
        incident.new_texts.clear()
        if incident.version - self._snapped.get(incident.id, 0) >= snapshots.EVERY:
            await snapshots.keep(self._connection, stream, seq=incident.version, state=incident.state)
            self._snapped[incident.id] = incident.version
        await self._jobs.enqueue(self._follow(incident, new))

    async def _keep_roles(self, incident: Incident, new: Sequence[Fact], *, declared: bool) -> None:
        if not any(fact.stored_as.startswith("role_") for fact in new):
            return
        if not declared:
            await self._connection.execute(delete(ROLES).where(ROLES.c.incident == incident.id))
        held = sorted({(held.role, held.person) for held in incident.state.roles})
        rows = [{"incident": incident.id, "role": str(role), "person": person} for role, person in held]
        if rows:
            await self._connection.execute(insert(ROLES), rows)


async def in_room(connection: AsyncConnection, channel: ChannelId) -> IncidentId | None:
    """Return the incident whose war room a channel is."""
    found = await connection.execute(select(INCIDENTS.c.id).where(INCIDENTS.c.channel == channel))
    number = found.scalar_one_or_none()
    return None if number is None else IncidentId(number)


def _brought_in(new: Sequence[Fact]) -> list[UserId]:
    """Return who takes part from now on: the declarer, and whoever was given a role."""
    people = [fact.person for fact in new if isinstance(fact, RoleAssigned)]
    people += [fact.by.user for fact in new if isinstance(fact, IncidentDeclared) and fact.by.user]
    return people


def _snapshot(incident: Incident) -> dict[str, Any]:
    """Return what lists show of an incident as it will be once its new facts are saved."""
    state = incident.state
    declared = state.milestones[Milestone.DECLARED]
    postmortem = state.postmortem
    return {
        "version": incident.version + len(incident.new_facts),
        "title": state.title,
        "severity": state.severity,
        "status": str(state.status),
        "private": state.private,
        "drill": state.drill,
        "channel": state.channel,
        "channel_name": state.channel_name,
        # A corrected milestone moves metrics, not the place in a list.
        "declared_at": declared.recorded,
        "declared_by": str(state.declared_by),
        "commander": state.commander,
        "postmortem_due": postmortem.due_at if postmortem else None,
        "postmortem_owner": postmortem.owner if postmortem else None,
        "postmortem_done": postmortem.done_at if postmortem else None,
        "milestones": {
            str(name): [moment.occurred.isoformat(), moment.recorded.isoformat()]
            for name, moment in state.milestones.items()
        },
    }
