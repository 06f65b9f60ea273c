"""The same request delivered again, or by two replicas at once, has one effect and one answer."""

import asyncio

import pytest

from bot.sandbox.delivery import INTERACTIVE
from bot.sandbox.state import View
from bot.slack.ids import Action, named
from tests.faults.acts import asked, rooms, watched
from tests.faults.checker import Checker
from tests.world import World, living

Watched = tuple[World, Checker]


async def _submitted_at_once(world: World, view: View, times: int) -> list[dict[str, object]]:
    """Deliver one filled-in modal many times at the same moment; returns the answers."""
    ada, slack = world.slack.person("ada"), world.slack
    slack.faults.duplicate(copies=times)
    submitted = await ada.submit(view, {"severity": "SEV2"})
    assert submitted.ok, submitted
    delivery = slack.journal.delivered("view_submission")[-1]
    await slack.until(
        lambda: len(delivery.attempts) == times and all(one.outcome == "acked" for one in delivery.attempts),
        20,
        what="every copy to be acked",
    )
    return [{"outcome": one.outcome} for one in delivery.attempts]


@pytest.mark.parametrize("times", [2, 3, 4, 50])
async def test_one_submission_sent_many_times_at_once_declares_once(under_watch: Watched, times: int) -> None:
    world, checker = under_watch
    view = await asked(world.slack.person("ada"), "Invoices are counted twice")

    answers = await _submitted_at_once(world, view, times)
    checker.tried.inputs["submissions"] += len(answers)
    await world.settle()

    assert len(rooms(world.slack)) == 1
    await checker.check()


async def test_two_replicas_that_get_the_same_submission_declare_once(postgresql_url: str) -> None:
    async with (
        watched(postgresql_url) as (world, checker),
        living(world.slack, postgresql_url, world.policy),
    ):
        await world.slack.connection(2)
        view = await asked(world.slack.person("ada"), "Invoices are counted twice")

        answers = await _submitted_at_once(world, view, 20)
        checker.tried.inputs["submissions on two replicas"] += len(answers)
        await world.settle()

        assert len(rooms(world.slack)) == 1
        await checker.check()


async def test_a_submission_sent_again_later_gets_the_first_ones_answer(under_watch: Watched) -> None:
    world, checker = under_watch
    view = await asked(world.slack.person("ada"), "Invoices are counted twice")
    first = await world.slack.person("ada").submit(view, {"severity": "SEV2"})
    await world.settle()
    sent = world.slack.journal.delivered("view_submission")[-1]

    second = await world.slack.courier.ask("view_submission", INTERACTIVE, sent.payload)
    await world.settle()

    assert second.ok
    assert (second.payload or {}).get("response_action") == first.action
    assert len(rooms(world.slack)) == 1
    await checker.check()


@pytest.mark.parametrize("words", ["note the load ran twice", "ic me", "sev 1 it is worse", "status fixing"])
async def test_a_command_delivered_four_times_acts_once(under_watch: Watched, words: str) -> None:
    world, checker = under_watch
    room = await world.declare(title="Invoices are counted twice", severity="SEV2")
    before = len((await checker.read()).facts[1])
    world.slack.faults.duplicate(copies=4)
    checker.tried.inputs["commands"] += 4

    await world.slack.person("ada").command("/incident", words, channel=room)
    await world.settle()

    after = (await checker.read()).facts[1]
    assert len(after) == before + 1, [row.name for row in after]
    await checker.check()


async def test_a_command_delivered_to_two_replicas_at_once_acts_once(postgresql_url: str) -> None:
    async with (
        watched(postgresql_url) as (world, checker),
        living(world.slack, postgresql_url, world.policy),
    ):
        await world.slack.connection(2)
        room = await world.declare(title="Invoices are counted twice")
        for number in range(5):
            world.slack.faults.duplicate(copies=4)
            checker.tried.inputs["commands on two replicas"] += 4
            await world.slack.person("ada").command("/incident", f"note line {number}", channel=room)
        await world.settle()

        names = [row.name for row in (await checker.read()).facts[1]]
        assert names.count("note_added") == 5
        await checker.check()


async def test_a_click_delivered_four_times_takes_a_role_once(under_watch: Watched) -> None:
    world, checker = under_watch
    room = await world.declare(title="Invoices are counted twice")
    world.slack.faults.duplicate(copies=4)
    checker.tried.inputs["clicks"] += 4

    await world.slack.person("ada").click(world.card(room), "Take it", value=None)
    await world.settle()

    assert [row.name for row in (await checker.read()).facts[1]].count("role_assigned") == 1
    await checker.check()


async def test_messages_delivered_three_times_are_recorded_once(under_watch: Watched) -> None:
    world, checker = under_watch
    room = await world.declare()
    world.slack.faults.duplicate(copies=3, times=None)
    ada = world.slack.person("ada")

    for number in range(10):
        message = await ada.say(room, f"words {number}")
        if number % 3 == 0:
            await ada.edit(message, f"other words {number}")
        if number % 4 == 1:
            await ada.delete(message)
        checker.tried.inputs["messages"] += 3
    await world.settle()

    await checker.check()


async def test_twenty_people_take_one_role_and_one_has_it(under_watch: Watched) -> None:
    world, checker = under_watch
    room = await world.declare()
    people = [world.slack.add_person(f"person{number}") for number in range(20)]
    for person in people:
        await person.join(room)
    await world.settle()

    card, menu = world.card(room), named(Action.MORE, "roles")
    clicks = await asyncio.gather(*(one.click(card, menu, selected="Take scribe") for one in people))
    checker.tried.inputs["people taking one role"] += 20
    await world.settle()

    held = [row for row in (await checker.read()).facts[1] if row.name == "role_assigned"]
    assert len(held) == 1
    winner = held[0].data["person"]
    told = [
        one for one in people if any(winner in seen.text for seen in one.sees(room) if seen.viewer == one.id)
    ]
    assert all(click.acked for click in clicks)
    assert len(told) == 19
    await checker.check()
