"""The postmortem: owed once a major incident is resolved, and chased until it is done."""

from datetime import timedelta

from bot.usecases.ports import JobState
from tests.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = "2026-11-25 10:00 UTC"
AGAIN = "Asked again below."


async def resolved(here: World) -> str:
    room = await here.declare()
    await here.types("ada", "resolve it is fixed", channel=room)
    return room


async def test_it_is_asked_for_at_once_reminded_and_then_daily(here: World) -> None:
    room = await resolved(here)
    steps = [24 * HOUR, 20 * HOUR, 4 * HOUR, DAY, DAY]

    asked = here.said(room)[2:]
    for step in steps:
        await here.forward(step)
        asked += here.said(room)[-1:]

    assert here.said(room)[2:] == [
        *[AGAIN] * 5,
        f"@ada, the postmortem of INC-1 was due {DUE}. Who writes it?",
    ]
    assert asked == [
        f"@ada, the postmortem of INC-1 is due {DUE}. Who writes it?",
        f"@ada, the postmortem of INC-1 is due soon: {DUE}. Who writes it?",
        f"@ada, the postmortem of INC-1 is due soon: {DUE}. Who writes it?",
        "@ada, the postmortem of INC-1 is due now. Who writes it?",
        f"@ada, the postmortem of INC-1 was due {DUE}. Who writes it?",
        f"@ada, the postmortem of INC-1 was due {DUE}. Who writes it?",
    ]


async def test_nothing_is_said_between_the_reminders(here: World) -> None:
    room = await resolved(here)

    for _ in range(47):
        await here.forward(HOUR)

    assert len(here.said(room)[2:]) == 3


async def test_who_owns_it_is_asked_by_name_and_a_link_ends_it(here: World) -> None:
    room = await resolved(here)
    await here.presses("ada", here.last(room), "I own it")
    await here.forward(DAY)
    reminder = here.last(room)

    await here.presses("ada", reminder, "Done …")
    ada = here.slack.person("ada")
    refused = await ada.submit(await ada.wait_for_modal(), {"link": "https://wiki.example/x y"})
    await here.submits("ada", link="https://wiki.example/inc-1")
    await here.forward(5 * DAY)

    assert not refused.ok
    assert here.said(room)[3:] == [
        "@ada took on the postmortem",
        "The postmortem of INC-1 is done.",
        "@ada finished the postmortem: wiki.example (https://wiki.example/inc-1)",
    ]
    assert "*Postmortem* · :white_check_mark: done" in here.shows(here.card(room))


async def test_reopening_stops_it_and_being_resolved_again_starts_it_anew(here: World) -> None:
    room = await resolved(here)
    await here.types("ada", "ic", channel=room)
    await here.types("ada", "reopen it came back", channel=room)
    await here.types("ada", "sev 5", channel=room)
    await here.forward(3 * DAY)
    quiet = [line for line in here.said(room) if "postmortem" in line]
    await here.types("ada", "sev 2", channel=room)
    await here.types("ada", "resolve it is fixed", channel=room)

    await here.forward(DAY)

    asked = [line for line in here.said(room) if "postmortem" in line]
    assert quiet == ["INC-1 owes no postmortem any more."]
    assert asked[1:] == [
        "@ada, the postmortem of INC-1 is due soon: 2026-11-28 10:00 UTC. Who writes it?",
    ]


async def test_snoozing_moves_the_next_reminder(here: World) -> None:
    room = await resolved(here)
    await here.forward(23 * HOUR)

    await here.types("ada", "snooze 4h", channel=room)
    await here.forward(HOUR)
    quiet = here.said(room)[3:]
    await here.forward(3 * HOUR)

    assert quiet == ["@ada asked for quiet about the postmortem until 2026-11-24 13:00 UTC"]
    assert here.said(room)[4:] == [f"@ada, the postmortem of INC-1 is due soon: {DUE}. Who writes it?"]


async def test_reminders_survive_a_restart_and_those_missed_collapse(here: World) -> None:
    room = await resolved(here)

    await here.restart(away=5 * DAY)
    after = here.said(room)[3:]
    await here.forward(DAY)

    late = f"@ada, the postmortem of INC-1 was due {DUE}. Who writes it?"
    assert after == [late]
    assert here.said(room)[3:] == [AGAIN, late]


async def test_a_resolved_incident_that_turns_out_major_owes_one_after_all(here: World) -> None:
    room = await here.declare(severity="SEV3")
    await here.types("ada", "resolve it is fixed", channel=room)

    await here.types("ada", "sev 1 customers saw it", channel=room)

    assert here.said(room)[-1] == f"@ada, the postmortem of INC-1 is due {DUE}. Who writes it?"


async def test_archived_after_the_end_its_reminders_come_directly_and_return_with_the_room(
    here: World,
) -> None:
    room = await resolved(here)
    await here.slack.person("ada").archive(room)
    await here.settle()

    await here.forward(DAY)
    [told] = here.dms("ada")
    await here.presses("ada", here.slack.person("ada").dms()[-1], "I own it")
    await here.slack.person("ada").unarchive(room)
    await here.settle()
    back = here.said(room)[-1]
    await here.forward(20 * HOUR)

    assert f"the postmortem of INC-1 is due soon: {DUE}" in told
    assert "This comes to you directly because its war room is archived." in told
    assert here.said(room)[-1] == f"@ada, the postmortem of INC-1 is due soon: {DUE}."
    assert "owner @ada" in here.shows(here.card(room))
    assert back == "@ada writes the postmortem of INC-1."
    assert await here.bot.ports.reads.jobs(states=[JobState.DEAD]) == []


async def test_a_bot_that_was_taken_out_says_so_and_goes_on_directly(here: World) -> None:
    room = await here.declare(severity="SEV1")
    await here.slack.person("ada").kick(room, here.slack.bot_user.name)
    await here.settle()

    await here.forward(timedelta(minutes=5))

    lost, asked = here.dms("ada")
    assert "INC-1 is still open, but the bot was taken out of its war room" in lost
    assert "INC-1 has had no commander since" in asked


async def test_one_owed_by_mistake_is_waived_by_word_and_by_button_and_says_why(here: World) -> None:
    for title, number in (("Revenue is wrong", 1), ("Orders are late", 2)):
        room = await here.declare(title=title, severity="SEV1")
        await here.types("ada", "resolve it is fixed", channel=room)
        asked = here.last(room)
        await here.types("ada", "sev 3", channel=room)
        if number == 1:
            await here.types("ada", "postmortem waive it was SEV3 after all", channel=room)
        else:
            await here.presses("ada", asked, "Not needed …")
            await here.submits("ada", reason="it was SEV3 after all")
        await here.forward(3 * DAY)

        *_, line = here.said(room)
        assert line == "@ada took the postmortem off the list: it was SEV3 after all"
        assert f"INC-{number} owes no postmortem any more." in here.said(room)
        assert "Postmortem" not in here.shows(here.card(room))


async def test_a_wrong_link_is_corrected_by_saying_it_again(here: World) -> None:
    room = await resolved(here)

    await here.types("ada", "postmortem done https://wiki.example/typo", channel=room)
    await here.types("ada", "postmortem done https://wiki.example/inc-1", channel=room)

    assert here.said(room)[-1] == (
        "@ada corrected the link to the postmortem: wiki.example (https://wiki.example/inc-1)"
    )


async def test_a_bot_cannot_own_it(here: World) -> None:
    room = await resolved(here)

    await here.types("ada", "pm own @warroom", channel=room)

    assert here.told("ada", room) == ["A bot cannot answer for anything in an incident. Choose a person."]
