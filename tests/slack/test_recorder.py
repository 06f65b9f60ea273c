"""Messages recorded by group commit: acked after it, all of them or none."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.domain.incident.timeline import Message
from bot.domain.shared.vocabulary import ChannelId, UserId
from bot.slack.events.recorder import MOST_AT_ONCE, Recorder
from bot.usecases.ports import MessageEvent
from tests.builders import NOON


@dataclass
class Ledger:
    """A journal whose commits wait until they are let through, or fail."""

    commits: list[list[str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    broken: Exception | None = None

    async def record(self, heard: Sequence[MessageEvent]) -> None:
        await self.gate.wait()
        if self.broken:
            raise self.broken
        self.commits.append([one.ts for one in heard])


def message(number: int) -> Message:
    return Message(channel=ChannelId("C1"), ts=f"{number}.0", user=UserId("U1"), text="hm", said_at=NOON)


async def turn() -> None:
    """Let everything that can run do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_is_heard_during_a_commit_goes_into_the_next_one_together() -> None:
    ledger = Ledger()
    recorder = Recorder(ledger)
    first = asyncio.create_task(recorder.record(message(0)))
    await turn()

    rest = [asyncio.create_task(recorder.record(message(number))) for number in range(1, 200)]
    await turn()
    ledger.gate.set()
    await asyncio.gather(first, *rest)

    assert [len(commit) for commit in ledger.commits] == [1, 199]
    assert recorder.recorded == 200


async def test_a_storm_is_written_in_bites() -> None:
    ledger = Ledger()
    recorder = Recorder(ledger)

    waiting = [asyncio.create_task(recorder.record(message(n))) for n in range(2 * MOST_AT_ONCE + 1)]
    ledger.gate.set()
    await asyncio.gather(*waiting)

    assert max(len(commit) for commit in ledger.commits) == MOST_AT_ONCE
    assert [ts for commit in ledger.commits for ts in commit] == [f"{n}.0" for n in range(1001)]


async def test_nothing_is_acked_before_its_commit() -> None:
    ledger = Ledger()
    recorder = Recorder(ledger)

    acked = asyncio.create_task(recorder.record(message(1)))
    await turn()
    early = acked.done()
    ledger.gate.set()
    await acked

    assert not early
    assert ledger.commits == [["1.0"]]


async def test_a_failed_commit_is_told_to_everybody_who_waits_and_to_nobody_else() -> None:
    ledger = Ledger(broken=OSError("disk full"))
    recorder = Recorder(ledger)
    ledger.gate.set()

    failed = await asyncio.gather(*(recorder.record(message(n)) for n in range(3)), return_exceptions=True)
    ledger.broken = None
    await recorder.record(message(9))

    assert [type(one) for one in failed] == [OSError] * 3
    assert (ledger.commits, recorder.recorded) == ([["9.0"]], 1)


async def test_who_stops_waiting_does_not_take_the_message_along() -> None:
    ledger = Ledger()
    recorder = Recorder(ledger)
    gone = asyncio.create_task(recorder.record(message(1)))
    stays = asyncio.create_task(recorder.record(message(2)))
    await turn()

    gone.cancel()
    ledger.gate.set()
    await stays

    assert [ts for commit in ledger.commits for ts in commit] == ["1.0", "2.0"]
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_draining_returns_when_all_is_written() -> None:
    ledger = Ledger()
    recorder = Recorder(ledger)
    await recorder.drain()
    waiting = [asyncio.create_task(recorder.record(message(n))) for n in range(10)]
    await turn()

    ledger.gate.set()
    await recorder.drain()
    await asyncio.gather(*waiting)

    assert recorder.recorded == 10
