"""Who is in a war room, as Slack told us."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.shared.vocabulary import IncidentId, UserId
from storage.dialects import insert_into
from storage.tables import MEMBERS


class RoomMembers:
    """The members, within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Work on this transaction."""
        self._connection = connection

    async def of(self, incident: IncidentId) -> frozenset[UserId]:
        """Return who is in."""
        query = select(MEMBERS.c.person).where(MEMBERS.c.incident == incident)
        return frozenset(UserId(person) for person in (await self._connection.execute(query)).scalars())

    async def add(self, incident: IncidentId, people: Iterable[UserId]) -> None:
        """Note that people are in; who is in already stays in."""
        rows = [{"incident": incident, "person": person} for person in sorted(set(people))]
        if rows:
            await self._connection.execute(
                insert_into(self._connection, MEMBERS).on_conflict_do_nothing(), rows
            )

    async def remove(self, incident: IncidentId, person: UserId) -> None:
        """Note that a person left."""
        await self._connection.execute(
            delete(MEMBERS).where(MEMBERS.c.incident == incident, MEMBERS.c.person == person)
        )
