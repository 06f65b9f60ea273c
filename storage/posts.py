"""Where our messages that are edited in place stand."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.shared.vocabulary import ChannelId, IncidentId
from bot.usecases.ports import Posted
from storage.dialects import insert_into
from storage.tables import POSTS


class StoredPosts:
    """The posts, within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Work on this transaction."""
        self._connection = connection

    async def get(self, incident: IncidentId, what: str) -> Posted | None:
        """Return where it stands, or None before it was posted."""
        return await posted(self._connection, incident, what)

    async def put(self, incident: IncidentId, what: str, posted: Posted) -> None:
        """Remember where it stands and what it shows."""
        row = {"channel": posted.channel, "ts": posted.ts, "version": posted.version}
        await self._connection.execute(
            insert_into(self._connection, POSTS)
            .values(incident=incident, what=what, **row)
            .on_conflict_do_update(index_elements=["incident", "what"], set_=row)
        )


async def posted(connection: AsyncConnection, incident: IncidentId, what: str) -> Posted | None:
    """Return where a message of ours stands, or None before it was posted."""
    query = select(POSTS).where(POSTS.c.incident == incident, POSTS.c.what == what)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Posted(channel=ChannelId(row.channel), ts=row.ts, version=row.version)
