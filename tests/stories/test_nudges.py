"""What the bot asks for when nobody does it, when it asks again, and that it never asks twice at once."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.shared.working_hours import WorkingHours
from bot.usecases.policy import Nudges, Policy
from tests.world import World, world

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
AGAIN = "Asked again below."
NO_COMMANDER = "@ada, INC-1 has had no commander since 2026-11-23 {} UTC."
OVERDUE = "@ada, a CAN update of INC-1 was due 2026-11-23 {} UTC. There has been none yet."


async def test_after_five_minutes_without_a_commander_it_asks_and_again_after_a_while(here: World) -> None:
    room = await here.declare()

    await here.forward(5 * MINUTE - timedelta(seconds=1))
    early = here.said(room)[1:]
    await here.forward(timedelta(seconds=1))
    first = here.said(room)[1:]
    await here.forward(15 * MINUTE)
    second = here.said(room)[1:]
    await here.presses("ada", here.last(room), "Take it")
    await here.forward(30 * MINUTE)

    asked = NO_COMMANDER.format("10:00")
    assert early == []
    assert first == [asked]
    assert second == [AGAIN, asked]
    assert here.said(room)[1:] == [AGAIN, "@ada is commander of INC-1.", "@ada took the role of commander"]


async def test_a_commander_who_gives_it_back_is_missed_from_then_on(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)
    await here.forward(2 * MINUTE)
    await here.types("ada", "release ic", channel=room)

    await here.forward(4 * MINUTE)
    before = here.said(room)[3:]
    await here.forward(1 * MINUTE)
    await here.forward(10 * MINUTE)

    assert before == []
    assert here.said(room)[3:] == [NO_COMMANDER.format("10:02")]


async def test_an_update_is_asked_for_by_the_cadence_and_not_when_one_was_posted(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)
    await here.forward(HOUR)
    await here.forward(HOUR)
    await here.presses("ada", here.last(room), "Post CAN update")
    await here.submits("ada", conditions="Still wrong", condition="wrong", actions="Rolling back")

    await here.forward(59 * MINUTE)
    quiet = here.said(room)[2:]
    await here.forward(1 * MINUTE)

    assert quiet == [
        AGAIN,
        "The CAN update of INC-1 that was due went out.",
        "CAN update for INC-1 · SEV2 · investigating: Still wrong",
    ]
    assert here.said(room)[5:] == [
        "@ada, a CAN update of INC-1 was due 2026-11-23 13:00 UTC. The last one was 2026-11-23 12:00 UTC."
    ]


async def test_a_worse_severity_asks_sooner_and_only_once(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)
    await here.types("ada", "sev 1", channel=room)

    for _ in range(4):
        await here.forward(30 * MINUTE)

    asked = "@ada, a CAN update of INC-1 was due 2026-11-23 10:30 UTC. There has been none yet."
    assert here.said(room)[3:] == [AGAIN] * 3 + [asked]


async def test_nothing_is_asked_once_it_is_over(here: World) -> None:
    room = await here.declare(severity="SEV3")
    await here.types("ada", "cancel it was expected", channel=room)

    await here.forward(timedelta(days=3))

    assert here.said(room)[1:] == ["@ada moved it from investigating to cancelled: it was expected"]


async def test_a_snoozed_nudge_is_quiet_until_then_and_says_who_asked(here: World) -> None:
    room = await here.declare()
    await here.forward(5 * MINUTE)

    await here.presses("ada", here.last(room), "Snooze 30 min")
    await here.forward(29 * MINUTE)
    quiet = here.said(room)[2:]
    await here.forward(1 * MINUTE)

    asked = NO_COMMANDER.format("10:00")
    assert quiet == ["@ada asked for quiet about the missing commander until 2026-11-23 10:35 UTC"]
    assert here.said(room)[3:] == [asked]


async def test_what_was_missed_while_the_bot_was_away_collapses_into_one_each(here: World) -> None:
    room = await here.declare()

    await here.restart(away=timedelta(hours=7))

    assert sorted(here.said(room)[1:]) == sorted([NO_COMMANDER.format("10:00"), OVERDUE.format("11:00")])


async def test_a_nudge_that_is_due_after_a_restart_comes_on_time(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)

    await here.restart(away=59 * MINUTE)
    early = here.said(room)[2:]
    await here.forward(1 * MINUTE)

    assert early == []
    assert here.said(room)[2:] == [
        "@ada, a CAN update of INC-1 was due 2026-11-23 11:00 UTC. There has been none yet."
    ]


async def test_the_delays_are_settings_down_to_seconds(sqlite_url: str) -> None:
    nudges = Nudges(commander_after=timedelta(seconds=3), commander_again=timedelta(seconds=2))
    async with world(sqlite_url, policy=Policy(nudges=nudges)) as there:
        room = await there.declare()

        await there.forward(timedelta(seconds=3))
        await there.forward(timedelta(seconds=2))

        assert there.said(room)[1:] == [AGAIN, NO_COMMANDER.format("10:00")]


@pytest.mark.parametrize("severity", ["SEV3", "SEV5"])
async def test_a_minor_incident_gets_the_one_click_offer(here: World, severity: str) -> None:
    room = await here.declare(severity=severity)

    await here.types("ada", "resolve it is fixed", channel=room)
    await here.presses("ada", here.last(room), "Write a postmortem")

    assert here.said(room)[2:] == [
        "A postmortem of INC-1 was asked for.",
        "@ada, the postmortem of INC-1 is due 2026-11-25 10:00 UTC. Who writes it?",
    ]


async def test_outside_working_hours_a_minor_incident_is_left_in_peace(sqlite_url: str) -> None:
    hours = WorkingHours(zone=ZoneInfo("UTC"), days=frozenset(range(5)), opens=time(9), closes=time(17))
    async with world(sqlite_url, policy=Policy(hours=hours)) as there:
        minor = await there.declare(severity="SEV3")
        major = await there.declare(title="Orders are late", severity="SEV1")
        for room in (minor, major):
            await there.types("ada", "ic", channel=room)
        await there.types("ada", "snooze report 7h", channel=major)

        await there.forward(7 * HOUR - 30 * MINUTE)
        evening = there.said(minor)[2:]
        await there.forward(timedelta(hours=13))

        assert len(evening) == 1
        assert there.said(minor)[2:] == evening
        assert len(there.said(major)[3:]) >= 1
        await there.forward(10 * HOUR)
        assert len(there.said(minor)[2:]) > 1


async def test_a_private_incident_and_a_drill_are_nudged_in_their_rooms_alone(here: World) -> None:
    private = await here.declare(marks=["private"])
    drill = await here.declare(title="Orders are late", marks=["drill"])

    await here.forward(5 * MINUTE)

    assert here.said(private)[1:] == [NO_COMMANDER.format("10:00")]
    assert here.said(drill)[1:] == [NO_COMMANDER.format("10:00").replace("INC-1", "INC-2")]
    assert here.said("incidents") == []
