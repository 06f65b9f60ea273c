"""The bot is stopped in the middle: the next one on the same database completes it, once."""

from datetime import timedelta

import pytest

from tests.world import World

ROOM = "inc-1-revenue-is-wrong"
CARD = "INC-1 · SEV2 · Revenue is wrong · investigating"
RETRIES = timedelta(minutes=2)
"""After this Slack has sent again what the stopped bot did not acknowledge."""

STEPS = (
    "conversations.create",
    "conversations.invite",
    "conversations.setTopic",
    "chat.postMessage",
    "pins.add",
    "bookmarks.add",
)


async def submit(here: World) -> None:
    ada = here.slack.person("ada")
    await ada.command("/incident", "declare Revenue is wrong")
    submitted = await ada.submit(await ada.wait_for_modal(), {"severity": "SEV2"})
    assert submitted.ok


def assert_complete(here: World) -> None:
    channel = here.channel(ROOM)
    assert here.rooms() == [ROOM]
    assert here.said(ROOM) == [CARD]
    assert here.said("incidents") == [CARD]
    assert len(channel.pins) == len(channel.bookmarks) == 1
    assert here.slack.person("ada").id in channel.members
    assert channel.topic["value"].startswith("SEV2 · investigating")


async def test_stopped_right_after_the_ack_the_next_one_opens_the_room(here: World) -> None:
    here.slack.faults.fail("conversations.create", times=None)
    await submit(here)
    await here.stop()
    none = here.rooms()
    here.slack.faults.clear()

    await here.start()
    await here.forward(RETRIES)

    assert none == []
    assert_complete(here)


@pytest.mark.parametrize("step", STEPS)
async def test_stopped_before_a_step_had_its_effect_it_is_done(here: World, step: str) -> None:
    here.slack.faults.fail(step, times=None)
    await submit(here)
    await here.slack.until(lambda: here.slack.journal.called(step), what=step)
    await here.stop()
    here.slack.faults.clear()

    await here.start()
    await here.forward(RETRIES)

    assert_complete(here)


@pytest.mark.parametrize("step", STEPS)
async def test_stopped_after_a_step_whose_answer_was_lost_it_is_done_once(here: World, step: str) -> None:
    here.slack.faults.lose_reply(step, times=None)
    await submit(here)
    await here.slack.until(lambda: here.slack.journal.called(step), what=step)
    await here.stop()
    here.slack.faults.clear()

    await here.start()
    await here.forward(RETRIES)

    assert_complete(here)


async def test_what_was_pressed_just_before_is_shown_by_the_next(here: World) -> None:
    room = await here.declare()
    here.slack.faults.fail("chat.*", times=None)
    await here.slack.person("ada").click(here.card(room), "take:commander")
    await here.stop()
    here.slack.faults.clear()

    await here.start()
    await here.forward(RETRIES)

    assert here.said(room)[1:] == ["@ada took the role of commander"]
    assert "*Commander* decides · @ada" in here.shows(here.card(room))
    assert len(here.dms("ada")) == 1


async def test_a_modal_that_was_open_over_a_restart_can_still_be_sent(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "update", channel=room)
    modal = await here.slack.person("ada").wait_for_modal()
    await here.restart()

    submitted = await here.slack.person("ada").submit(
        modal, {"conditions": "Still wrong", "condition": "wrong", "actions": "Rolling back"}
    )
    await here.settle()

    assert submitted.ok
    assert here.said(room)[1:] == ["CAN update for INC-1 · SEV2 · investigating: Still wrong"]
