"""Slack limits, fails, loses replies and goes away; what was acked is done all the same, and done once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row

from bot.app import shell as real_shell
from bot.settings import load
from tests.faults.acts import asked, declare_in, note_in, posts, rooms, watched
from tests.faults.checker import Checker
from tests.faults.processes import environment
from tests.world import World

Watched = tuple[World, Checker]
DECLARING = (
    "conversations.create",
    "conversations.invite",
    "conversations.setTopic",
    "chat.postMessage",
    "pins.add",
    "bookmarks.add",
)


@pytest.mark.parametrize("method", ["chat.postMessage", "conversations.create"])
async def test_a_429_is_waited_for_and_nothing_is_dropped(under_watch: Watched, method: str) -> None:
    world, checker = under_watch
    world.slack.faults.limit(method, retry_after=1)
    checker.tried.faults[f"429 {method}"] += 1

    await world.declare(title="Invoices are counted twice")

    await checker.check()


@pytest.mark.parametrize("retry_after", [None, "86400", "-5", "soon", "nan", "1e999"])
@pytest.mark.parametrize("method", ["chat.postMessage", "conversations.create"])
async def test_a_429_without_a_sensible_wait_holds_one_lane_for_at_most_five_minutes(
    under_watch: Watched, method: str, retry_after: str | None
) -> None:
    world, checker = under_watch
    world.slack.faults.limit(method, retry_after=retry_after)
    checker.tried.faults[f"429 {method} {retry_after}"] += 1

    view = await asked(world.slack.person("ada"), "Invoices are counted twice")
    submitted = await world.slack.person("ada").submit(view, {"severity": "SEV2"})
    await world.slack.until(lambda: world.slack.journal.called(method), what="the limited call")
    await _until_waiting(checker, method)

    assert submitted.ok
    await checker.check(complete=False)


async def _until_waiting(checker: Checker, method: str) -> None:
    """Return once the job that was limited waits, with its wait believable."""
    async with asyncio.timeout(5):
        while not (waiting := await _limited(checker, method)):  # noqa: ASYNC110 - a database rings no bell
            await asyncio.sleep(0.01)
    wait = waiting[0].not_before - datetime.now(UTC)
    assert timedelta() < wait <= timedelta(seconds=300), wait
    assert waiting[0].failures == 0


async def _limited(checker: Checker, method: str) -> list[Row[Any]]:
    return [job for job in (await checker.read()).jobs if method in str(job.last_error)]


async def test_one_limited_room_does_not_hold_the_others_up(under_watch: Watched) -> None:
    world, checker = under_watch
    first = await world.declare(title="Invoices are counted twice")
    world.slack.faults.limit("chat.postMessage", retry_after=60)
    await world.slack.person("ada").command("/incident", "note the load ran twice", channel=first)
    await world.slack.until(lambda: world.slack.journal.called("chat.postMessage")[-1].status == 429)

    view = await asked(world.slack.person("grace"), "Customers are missing")
    submitted = await world.slack.person("grace").submit(view, {"severity": "SEV2"})
    await world.slack.until(
        lambda: len(rooms(world.slack)) == 2 and rooms(world.slack)[1].pins, what="a card"
    )

    assert submitted.ok
    await checker.check(complete=False)


async def test_a_wait_that_slack_asked_for_outlives_a_restart(under_watch: Watched) -> None:
    world, checker = under_watch
    slack = world.slack
    room = await world.declare(title="Invoices are counted twice")
    slack.faults.limit("chat.postMessage", retry_after=3)
    await slack.person("ada").command("/incident", "ic me", channel=room)
    await slack.until(lambda: any(call.status == 429 for call in slack.journal.called("chat.postMessage")))

    await world.stop()
    await world.start()
    await slack.person("ada").command("/incident", "note the load ran twice", channel=room)
    await world.settle()

    await checker.check()


async def test_a_declaration_after_a_restart_keeps_the_wait_of_the_one_before(under_watch: Watched) -> None:
    world, checker = under_watch
    slack = world.slack
    slack.faults.limit("conversations.create", retry_after=3)
    ada, grace = slack.person("ada"), slack.person("grace")
    await ada.submit(await asked(ada, "Invoices are counted twice"), {"severity": "SEV2"})
    await slack.until(lambda: any(call.status == 429 for call in slack.journal.calls), what="the limit")
    checker.tried.faults["restart inside a Retry-After"] += 1

    await world.stop()
    await world.start()
    await grace.submit(await asked(grace, "Customers are missing"), {"severity": "SEV2"})
    await world.settle()

    await checker.check()


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_every_call_of_a_declaration_may_fail_once(under_watch: Watched, status: int) -> None:
    world, checker = under_watch
    for method in DECLARING:
        world.slack.faults.fail(method, status=status)
        checker.tried.faults[f"{status} {method}"] += 1

    await world.declare(title="Invoices are counted twice")

    await checker.check()


async def test_html_in_a_200_is_no_answer(under_watch: Watched) -> None:
    world, checker = under_watch
    for method in DECLARING:
        world.slack.faults.html(method)
        checker.tried.faults[f"HTML {method}"] += 1

    await world.declare(title="Invoices are counted twice")

    await checker.check()


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("method", DECLARING)
async def test_a_lost_reply_is_looked_up_before_it_is_repeated(
    under_watch: Watched, method: str, *, private: bool
) -> None:
    world, checker = under_watch
    world.slack.faults.lose_reply(method)
    checker.tried.faults[f"lost reply {method}"] += 1

    await world.declare(title="Invoices are counted twice", marks=["private"] if private else [])

    await checker.check()


async def test_replies_lost_twice_in_a_row_repeat_nothing(under_watch: Watched) -> None:
    world, checker = under_watch
    for method in DECLARING:
        world.slack.faults.lose_reply(method, times=2)
        checker.tried.faults[f"lost reply {method}"] += 2

    room = await world.declare(title="Invoices are counted twice")
    world.slack.faults.lose_reply("chat.postMessage", times=1)
    await world.slack.person("ada").command("/incident", "ic me", channel=room)
    await world.slack.person("ada").command("/incident", "sev 1 worse than thought", channel=room)
    await world.settle()

    await checker.check()


async def test_nudges_whose_reply_is_lost_are_not_repeated(under_watch: Watched) -> None:
    world, checker = under_watch
    await world.declare(title="Invoices are counted twice", severity="SEV1")
    world.slack.faults.lose_reply("chat.postMessage", times=2)

    await world.forward(timedelta(minutes=31))

    await checker.check()
    assert len(posts(world.slack, "nudge_commander")) == len(
        {key for key, _ in posts(world.slack, "nudge_commander")}
    )


async def test_slack_away_for_hours_shows_the_newest_once_on_its_return(under_watch: Watched) -> None:
    world, checker = under_watch
    slack = world.slack
    settings = load(environment(slack, world.database_url))
    titles = [f"Pipeline {number} is stuck" for number in range(5)]
    room = await world.declare(title="Invoices are counted twice", severity="SEV1")
    await slack.faults.slack_down()
    checker.also += titles
    async with real_shell(settings) as ports:
        for title in titles:
            await declare_in(ports, title, severity="SEV1")
        for line in range(5):
            await note_in(ports, (await checker.read()).incidents[0].id, f"line {line} by telephone")
    slack.clock.forward(timedelta(hours=5))

    slack.faults.slack_up()
    await slack.until(
        lambda: len(rooms(slack)) == 6 and all(one.pins for one in rooms(slack)), 30, what="six rooms"
    )
    await world.settle()

    await checker.check()
    said = world.text(room)
    assert [said.index(f"line {line}") for line in range(5)] == sorted(
        said.index(f"line {line}") for line in range(5)
    )
    # Ten CAN updates and twenty looks for a commander were missed: one of each is said.
    assert len(posts(slack, "nudge_report")) <= 6
    assert len([key for key, _ in posts(slack, "nudge_commander") if ":INC-1:" in key]) == 1


async def test_messages_said_while_the_socket_was_down_are_back_filled(sqlite_url: str) -> None:
    async with watched(sqlite_url, retry_delays=()) as (world, checker):
        room = await world.declare()
        slack, ada = world.slack, world.slack.person("ada")
        await ada.say(room, "before the gap")
        await world.settle()
        await slack.faults.slack_down()
        missed = [await ada.say(room, f"in the gap {number}") for number in range(5)]
        await ada.say(room, "in a thread of the gap", thread=missed[0])
        checker.tried.inputs["messages in the gap"] += 6

        slack.faults.slack_up()
        await slack.connection(1, timeout=30)
        await slack.until(lambda: slack.journal.called("conversations.history"), what="the back-fill")
        await world.settle()

        await checker.check()


async def test_a_message_right_after_the_gap_does_not_hide_the_gap(sqlite_url: str) -> None:
    async with watched(sqlite_url, retry_delays=()) as (world, checker):
        room = await world.declare()
        slack, ada = world.slack, world.slack.person("ada")
        await ada.say(room, "before the gap")
        await world.settle()
        await slack.faults.slack_down()
        await ada.say(room, "in the gap")
        checker.tried.inputs["messages in the gap"] += 1

        slack.faults.slack_up()
        await slack.connection(1, timeout=30)
        await ada.say(room, "right after the gap")
        await slack.until(lambda: slack.journal.called("conversations.history"), what="the back-fill")
        await world.settle()

        await checker.check()


async def test_an_edit_and_a_deletion_in_the_gap_are_caught_up_with(sqlite_url: str) -> None:
    async with watched(sqlite_url, retry_delays=()) as (world, checker):
        room = await world.declare()
        slack, ada = world.slack, world.slack.person("ada")
        wrong, secret = (
            await ada.say(room, "it is the orders table"),
            await ada.say(room, "the password is swordfish"),
        )
        await world.settle()
        await slack.faults.slack_down()
        await ada.edit(wrong, "it is the invoices table")
        await ada.delete(secret)
        checker.tried.inputs["edits and deletions in the gap"] += 2

        slack.faults.slack_up()
        await slack.connection(1, timeout=30)
        await slack.until(lambda: slack.journal.called("conversations.history"), what="the back-fill")
        await world.settle()

        await checker.check()


async def test_a_half_open_socket_is_rebuilt(sqlite_url: str) -> None:
    async with watched(sqlite_url, retry_delays=()) as (world, checker):
        room = await world.declare()
        slack, ada = world.slack, world.slack.person("ada")
        opened = len(slack.journal.called("apps.connections.open"))
        slack.faults.half_open()
        checker.tried.faults["half open"] += 1
        await ada.say(room, "into the void")

        await slack.until(
            lambda: len(slack.journal.called("apps.connections.open")) > opened, 40, what="a new connection"
        )
        slack.faults.half_open(on=False)
        await slack.until(lambda: slack.journal.called("conversations.history"), 40, what="the back-fill")
        await world.settle()

        await checker.check()


async def test_dropped_and_refreshed_sockets_lose_nothing(under_watch: Watched) -> None:
    world, checker = under_watch
    room = await world.declare()
    slack, ada = world.slack, world.slack.person("ada")
    for number in range(6):
        await ada.say(room, f"message {number}")
        await (slack.faults.drop_sockets() if number % 2 else slack.faults.refresh_sockets())
        checker.tried.faults["socket flap"] += 1

    await slack.connection(1, timeout=30)
    slack.clock.forward(timedelta(seconds=61))
    await slack.settled(timeout=10)
    await world.settle()

    await checker.check()
