"""Who is known to be in a war room: the newest word of Slack's decides, by the time Slack gave it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import and_, case, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.incident.status import ENDED
from bot.domain.shared.vocabulary import IncidentId, Status, UserId
from bot.usecases.ports import FORGOTTEN, LOOKED, KnownRoom
from storage.dialects import insert_into
from storage.tables import INCIDENTS, MEMBER_STAMPS, MEMBERS, POSTS

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The stamp of somebody of whom Slack has said nothing yet: whatever it says is newer."""
_OVER = ENDED - {Status.RESOLVED}
_AT_ONCE = 500
"""People of one statement: a room may hold thousands, a statement so many parameters."""


class RoomMembers:
    """The members, within one unit of work.

    `members` holds who is in; `member_stamps` the newest word about each person, whichever it was. The
    stamp is written first, always: two transactions about one person wait for each other at its row.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        """Work on this transaction."""
        self._connection = connection

    async def of(self, incident: IncidentId) -> frozenset[UserId]:
        """Return who is known to be in."""
        query = select(MEMBERS.c.person).where(MEMBERS.c.incident == incident)
        return frozenset(UserId(person) for person in (await self._connection.execute(query)).scalars())

    async def expect(self, incident: IncidentId, people: Iterable[UserId]) -> None:
        """Note whom we bring in ourselves; Slack's word about somebody is not overruled by it."""
        await self._add(incident, await self._first_heard_of(incident, people))

    async def joined(self, incident: IncidentId, person: UserId, *, at: datetime) -> bool:
        """Note that a person joined; False when something newer says otherwise."""
        if await self._is_news(incident, person, at):
            await self._add(incident, {person})
            return True
        return await self._is_in(incident, person)

    async def left(self, incident: IncidentId, person: UserId, *, at: datetime) -> bool:
        """Note that a person left; False when something newer says otherwise."""
        if await self._is_news(incident, person, at):
            await self._remove(incident, {person})
            return True
        return not await self._is_in(incident, person)

    async def stamps(self, incident: IncidentId) -> Mapping[UserId, datetime]:
        """Return the stamp of the newest word about each person, to be given back to `renew`."""
        return await self._stamps(incident)

    async def renew(
        self,
        incident: IncidentId,
        people: Iterable[UserId],
        *,
        known: Mapping[UserId, datetime],
        at: datetime,
    ) -> None:
        """Take over who Slack says is in, asked at ``at``; whom it spoke of since is left as that says."""
        there, believed = set(people), await self.of(incident)
        now = await self._stamps(incident, lock=True)
        changed = {person for person in there ^ believed if now.get(person) == known.get(person)}
        come, gone = changed - believed, changed & believed
        new = await self._first_heard_of(incident, come - now.keys())
        await self._add(incident, new | (come & now.keys()))
        await self._remove(incident, gone)
        for person in sorted(gone):
            await self._is_news(incident, person, at)

    async def forget(self, incident: IncidentId | None = None) -> None:
        """Hold nobody for a member of this room, by default of all private ones, until Slack was asked."""
        rooms = select(INCIDENTS.c.id).where(INCIDENTS.c.channel.is_not(None))
        rooms = rooms.where(INCIDENTS.c.private if incident is None else INCIDENTS.c.id == incident)
        await self._connection.execute(delete(MEMBERS).where(MEMBERS.c.incident.in_(rooms)))
        asked = update(POSTS).where(POSTS.c.what == LOOKED, POSTS.c.incident.in_(rooms))
        await self._connection.execute(asked.values(ts=FORGOTTEN))

    async def rooms(self) -> list[KnownRoom]:
        """Return the rooms whose members matter: all private ones, and the open ones; the open ones first."""
        ended = INCIDENTS.c.status.in_(sorted(str(status) for status in _OVER))
        looked = and_(POSTS.c.incident == INCIDENTS.c.id, POSTS.c.what == LOOKED)
        query = (
            select(INCIDENTS.c.id, POSTS.c.version)
            .select_from(INCIDENTS.outerjoin(POSTS, looked))
            .where(INCIDENTS.c.channel.is_not(None), or_(INCIDENTS.c.private, ~ended))
            .order_by(case((ended, 1), else_=0), INCIDENTS.c.id.desc())
        )
        rows = (await self._connection.execute(query)).all()
        return [KnownRoom(incident=IncidentId(row.id), looks=row.version or 0) for row in rows]

    # --

    async def _is_news(self, incident: IncidentId, person: UserId, at: datetime) -> bool:
        """Keep a stamp; False when there is one as new."""
        insert = insert_into(self._connection, MEMBER_STAMPS)
        insert = insert.values(incident=incident, person=person, as_of=at)
        kept = insert.on_conflict_do_update(
            index_elements=["incident", "person"],
            set_={"as_of": insert.excluded.as_of},
            where=MEMBER_STAMPS.c.as_of < insert.excluded.as_of,
        ).returning(MEMBER_STAMPS.c.person)
        return (await self._connection.execute(kept)).first() is not None

    async def _first_heard_of(self, incident: IncidentId, people: Iterable[UserId]) -> set[UserId]:
        """Keep that people are spoken of; return those of whom nothing was known."""
        first: set[UserId] = set()
        for some in _batched(sorted(set(people)), _AT_ONCE):
            rows = [{"incident": incident, "person": person, "as_of": NEVER} for person in some]
            insert = insert_into(self._connection, MEMBER_STAMPS).values(rows).on_conflict_do_nothing()
            kept = await self._connection.execute(insert.returning(MEMBER_STAMPS.c.person))
            first |= {UserId(person) for person in kept.scalars()}
        return first

    async def _stamps(self, incident: IncidentId, *, lock: bool = False) -> dict[UserId, datetime]:
        query = select(MEMBER_STAMPS.c.person, MEMBER_STAMPS.c.as_of)
        query = query.where(MEMBER_STAMPS.c.incident == incident).order_by(MEMBER_STAMPS.c.person)
        rows = await self._connection.execute(query.with_for_update() if lock else query)
        return {UserId(row.person): row.as_of for row in rows}

    async def _is_in(self, incident: IncidentId, person: UserId) -> bool:
        query = select(exists().where(MEMBERS.c.incident == incident, MEMBERS.c.person == person))
        return bool((await self._connection.execute(query)).scalar())

    async def _add(self, incident: IncidentId, people: Iterable[UserId]) -> None:
        rows = [{"incident": incident, "person": person} for person in sorted(people)]
        if rows:
            insert = insert_into(self._connection, MEMBERS).on_conflict_do_nothing()
            await self._connection.execute(insert, rows)

    async def _remove(self, incident: IncidentId, people: Iterable[UserId]) -> None:
        for some in _batched(sorted(people), _AT_ONCE):
            gone = delete(MEMBERS).where(MEMBERS.c.incident == incident, MEMBERS.c.person.in_(some))
            await self._connection.execute(gone)


def _batched(people: Sequence[UserId], size: int) -> Iterator[Sequence[UserId]]:
    """Return people in lots of at most so many."""
    return (people[at : at + size] for at in range(0, len(people), size))
