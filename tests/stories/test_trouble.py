"""Something breaks around an act: what is said of it is what is known."""

from dataclasses import dataclass, replace
from typing import Any

from bot.usecases.ports import Reads
from tests.world import World


@dataclass
class FailingReads:
    """A read side whose look at a channel breaks once, after so many have gone well."""

    real: Reads
    good: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    async def in_room(self, channel: Any) -> Any:
        self.good -= 1
        if self.good == -1:
            msg = "the disk is gone"
            raise OSError(msg)
        return await self.real.in_room(channel)


def broken(here: World, *, after: int) -> None:
    """Break the look at a channel in the bot that runs."""
    surface = here.bot.surface
    reads: Any = FailingReads(surface.ports.reads, good=after)
    surface.ports = replace(surface.ports, reads=reads)


async def test_what_broke_before_the_commit_changed_nothing_and_says_so(here: World) -> None:
    room = await here.declare()
    broken(here, after=0)

    reply = await here.types("ada", "note the vendor called", channel=room)

    assert "Nothing was changed; please try again." in reply.text
    assert here.said(room)[1:] == []


async def test_what_broke_after_the_commit_was_done_and_says_so(here: World) -> None:
    room = await here.declare()
    broken(here, after=1)

    reply = await here.types("ada", "note the vendor called", channel=room)

    assert "It was done all the same, only the answer failed: look at the card." in reply.text
    assert here.said(room)[1:] == ["@ada noted: the vendor called"]
