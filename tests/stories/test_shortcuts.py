"""Declaring from anywhere and from a message, which is answered in its thread."""

from tests.world import World


async def test_the_global_shortcut_declares(here: World) -> None:
    await here.slack.person("ada").shortcut("declare_anywhere")

    await here.submits("ada", title="Revenue is wrong", severity="SEV2")

    assert here.rooms() == ["inc-1-revenue-is-wrong"]


async def test_a_message_becomes_an_incident_and_is_answered_in_its_thread(here: World) -> None:
    complaint = await here.slack.person("grace").say("general", "The dashboard shows twice the revenue")
    ada = here.slack.person("ada")

    await ada.shortcut("declare_from_message", complaint)
    prefilled = here.shows(await ada.wait_for_modal())
    await here.submits("ada", title="Revenue is wrong", severity="SEV2")

    replies = [
        m for m in here.channel("general").messages.values() if m.thread_ts == complaint.ts and m.is_reply
    ]
    assert "The dashboard shows twice the revenue" in prefilled
    assert [here.slack.screen.words(reply.text) for reply in replies] == [
        "This is now INC-1: #inc-1-revenue-is-wrong"
    ]
    card = str(here.card("inc-1-revenue-is-wrong").blocks)
    assert f"https://sandbox.slack.com/archives/{complaint.channel}/p{complaint.ts.replace('.', '')}" in card


async def test_neither_a_private_incident_nor_a_drill_is_named_where_the_message_stands(here: World) -> None:
    complaint = await here.slack.person("grace").say("general", "Payroll was mailed to everybody")
    ada = here.slack.person("ada")

    for mark in ("private", "drill"):
        await ada.shortcut("declare_from_message", complaint)
        await here.submits("ada", title=f"A {mark} one", severity="SEV2", marks=[mark])

    assert len(here.rooms()) == 2
    assert [m.text for m in here.channel("general").messages.values()] == ["Payroll was mailed to everybody"]


async def test_a_message_whose_modal_came_late_still_becomes_the_incident(here: World) -> None:
    complaint = await here.slack.person("grace").say("general", "The dashboard shows twice the revenue")
    ada = here.slack.person("ada")
    here.slack.faults.refuse("views.open", error="expired_trigger_id")

    await ada.shortcut("declare_from_message", complaint)
    await here.settle()
    await here.presses(
        "ada", await ada.wait_for_message("general", containing="too slow"), "Declare an incident"
    )
    await here.submits("ada", title="Revenue is wrong", severity="SEV2")

    assert any(m.thread_ts == complaint.ts and m.is_reply for m in here.channel("general").messages.values())


async def test_where_the_bot_cannot_write_the_declaring_goes_on(here: World) -> None:
    grace = here.slack.person("grace")
    await grace.create_channel("board", private=True)
    await grace.invite("board", "ada")
    complaint = await grace.say("board", "Revenue is wrong")

    await here.slack.person("ada").shortcut("declare_from_message", complaint)
    await here.submits("ada", title="Revenue is wrong", severity="SEV2")

    assert here.said("inc-1-revenue-is-wrong") == ["INC-1 · SEV2 · Revenue is wrong · investigating"]
    assert (await here.bot.ports.reads.backlog(now=here.bot.ports.now())).dead == 0
