"""What became of a request around which something went wrong."""

from bot.domain.shared.vocabulary import RequestKey
from bot.usecases.ports import Ports


async def was_done(request: RequestKey, ports: Ports) -> bool:
    """Return whether what a request asked for was committed; its answer is written with it."""
    async with ports.work() as work:
        return await work.inbox.take(request) is not None
