"""What a look at a room after an absence may conclude, and what it may not."""

import pytest

from bot.domain.incident.timeline import Message
from bot.domain.shared.vocabulary import SYSTEM, ChannelId
from bot.usecases.incident import catching_up
from tests.builders import EXPERT
from tests.usecases.conftest import Outside

ROOM = ChannelId("C01")


async def _caught_up(outside: Outside) -> None:
    await catching_up.enqueue_catch_up(outside.ports)
    await outside.forward(minutes=1)


@pytest.mark.parametrize(("whole", "deleted"), [(True, [True, False]), (False, [False, False])])
async def test_what_a_look_does_not_find_is_gone_only_when_it_saw_everything(
    outside: Outside,
    whole: bool,  # noqa: FBT001 - a column of the table
    deleted: list[bool],
) -> None:
    incident = await outside.declare()
    now = outside.clock.now()
    for number in (1, 2):
        ts = f"{now.timestamp() + number:.6f}"
        outside.chat.missed.append(Message(channel=ROOM, ts=ts, user=EXPERT, text=f"{number}", said_at=now))
    await outside.forward(minutes=1)
    await _caught_up(outside)

    del outside.chat.missed[0]
    outside.chat.whole = whole
    await _caught_up(outside)

    known = await outside.ports.reads.messages(incident.id, seen_by=SYSTEM)
    assert [message.deleted_at is not None for message in known] == deleted
