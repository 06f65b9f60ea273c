"""Slack delivers again what it is not sure of: one effect each."""

from tests.world import World

ROOM = "inc-1-revenue-is-wrong"


async def test_a_submission_delivered_three_times_declares_once(here: World) -> None:
    ada = here.slack.person("ada")
    await here.types("ada", "declare Revenue is wrong")
    modal = await ada.wait_for_modal()
    here.slack.faults.duplicate(copies=3)

    await ada.submit(modal, {"severity": "SEV2"})
    await here.settle()

    assert here.rooms() == [ROOM]
    assert here.said("incidents") == ["INC-1 · SEV2 · Revenue is wrong · investigating"]


async def test_a_command_delivered_twice_is_done_once(here: World) -> None:
    room = await here.declare()
    here.slack.faults.duplicate(times=None)

    for typed in (
        "note called the vendor",
        "fixing",
        "sev 1",
        "ic",
        "sme @grace",
        "resolve it is fixed",
        "close",
    ):
        await here.types("ada", typed, channel=room)

    assert here.said(room)[1:] == [
        "@ada noted: called the vendor",
        "@ada moved it from investigating to fixing",
        "@ada changed the severity from SEV2 to SEV1",
        "@ada took the role of commander",
        "@ada made @grace SME",
        "@ada moved it from fixing to resolved: it is fixed",
        "@ada, the postmortem of INC-1 is due 2026-11-25 10:00 UTC. Who writes it?",
        "@ada moved it from resolved to closed",
    ]
    assert here.told("ada", room) == []


async def test_a_command_delivered_twice_opens_one_modal_and_says_nothing_more(here: World) -> None:
    here.slack.faults.duplicate()

    await here.types("ada", "declare Revenue is wrong")
    await here.slack.person("ada").wait_for_modal()

    assert here.told("ada", "general") == []


async def test_a_press_delivered_twice_is_done_once(here: World) -> None:
    room = await here.declare()
    here.slack.faults.duplicate(times=None)

    await here.presses("ada", here.card(room), "take:commander")
    await here.presses("ada", here.card(room), "Fixing")

    assert here.said(room)[1:] == [
        "@ada took the role of commander",
        "@ada moved it from investigating to fixing",
    ]
    assert here.told("ada", room) == []


async def test_events_delivered_twice_count_once(here: World) -> None:
    room = await here.declare()
    ada = here.slack.person("ada")
    here.slack.faults.duplicate(copies=3, times=None)

    said = await ada.say(room, "The job failed at nine")
    await ada.say(room, "@warroom note the vendor confirmed it")
    await ada.react(said, "pushpin")
    await here.settle()

    reads, about = here.bot.ports.reads, await here.incident()
    messages = await reads.messages(about.id, seen_by=about.state.declared_by)
    assert messages[0].text == "The job failed at nine"
    assert len(messages) == 2
    assert len(about.state.moments) == 1
    assert here.said(room)[1:] == ["@ada noted: the vendor confirmed it"]


async def test_one_person_pressing_submit_twice_declares_once(here: World) -> None:
    ada = here.slack.person("ada")
    here.slack.faults.delay(0.05)
    await here.types("ada", "declare Revenue is wrong")
    modal = await ada.wait_for_modal()

    here.slack.faults.duplicate(copies=4)
    await ada.submit(modal, {"severity": "SEV2", "title": "Revenue is wrong"})
    await here.settle()

    assert here.rooms() == [ROOM]
