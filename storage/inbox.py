"""Which requests were answered, so that a repeated one gets the first one's answer."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.shared.vocabulary import RequestKey
from storage.dialects import insert_into
from storage.real_time import RealTime
from storage.tables import INBOX


class StoredInbox:
    """The inbox, within one unit of work."""

    def __init__(self, connection: AsyncConnection, *, real: RealTime) -> None:
        """Work on this transaction."""
        self._connection = connection
        self._real = real

    async def take(self, key: RequestKey) -> str | None:
        """Take a request on (None), or return the answer it got; "" where it got none.

        On PostgreSQL the INSERT waits for a twin that is under way, and takes over when that one fails.
        """
        insert = insert_into(self._connection, INBOX).on_conflict_do_nothing().returning(INBOX.c.key)
        while True:
            made = await self._connection.execute(insert.values(key=key, taken_at=self._real.at()))
            if made.first() is not None:
                return None
            found = (await self._connection.execute(select(INBOX.c.answer).where(INBOX.c.key == key))).first()
            if found is not None:
                return found.answer or ""
            # Between the two statements it was swept away: then it can be taken.

    async def answer(self, key: RequestKey, answer: str) -> None:
        """Keep the answer to a request that was taken."""
        await self._connection.execute(update(INBOX).where(INBOX.c.key == key).values(answer=answer))
