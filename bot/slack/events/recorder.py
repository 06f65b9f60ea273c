"""Channel messages, mirrored by group commit: collected while the last commit runs, then written together."""

import asyncio
from collections.abc import Sequence

from bot.usecases.ports import MessageArchive, MessageEvent

MOST_AT_ONCE = 500
"""Messages of one commit: enough for any storm, few enough that an ack never waits long."""


class Recorder:
    """Records messages; `record` returns once the message is committed, so that it may be acked."""

    def __init__(self, archive: MessageArchive) -> None:
        """Write to a journal; nothing runs until the first message."""
        self._archive = archive
        self._waiting: list[tuple[MessageEvent, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self.recorded = 0

    async def record(self, heard: MessageEvent) -> None:
        """Return when the message is committed; raises what the commit raised, then Slack sends it again."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((heard, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            await self._commit(batch)

    async def _commit(self, batch: Sequence[tuple[MessageEvent, asyncio.Future[None]]]) -> None:
        try:
            await self._archive.record([heard for heard, _ in batch])
        except BaseException as error:
            for _, done in batch:
                if not done.done():
                    done.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
            if not isinstance(error, Exception):
                raise
            return
        self.recorded += len(batch)
        for _, done in batch:
            if not done.done():
                done.set_result(None)

    async def drain(self) -> None:
        """Return when all that was heard is written."""
        if self._writing:
            await self._writing
