"""Declaring: the war room is complete in eight calls, says what it is, and is announced."""

from datetime import timedelta

from tests.world import MONDAY, World, world

ROOM = "inc-1-revenue-is-wrong"
CARD = "INC-1 · SEV2 · Revenue is wrong · investigating"


async def test_a_submission_makes_a_complete_war_room_in_eight_calls(here: World) -> None:
    ada = here.slack.person("ada")
    await ada.command("/incident", "declare Revenue is wrong")
    await ada.wait_for_modal(title="Declare an incident")
    before = len(here.slack.journal.calls)

    await here.submits("ada", severity="SEV2", summary="Twice as high as yesterday")

    calls = [call.method for call in here.slack.journal.calls[before:]]
    channel = here.channel(ROOM)
    assert len(calls) <= 8, calls
    assert here.rooms() == [ROOM]
    assert channel.topic["value"] == "SEV2 · investigating · Revenue is wrong · /incident for what you can do"
    assert ada.id in channel.members
    assert here.said(ROOM) == [CARD]
    assert [bookmark.title for bookmark in channel.bookmarks.values()] == ["INC-1 card"]
    assert here.said("incidents") == [CARD]


async def test_the_card_shows_what_is_known_and_is_edited_in_place(here: World) -> None:
    await here.declare(
        summary="Twice as high as yesterday",
        affected="The finance dashboard",
        started_at=MONDAY - timedelta(minutes=40),
    )

    await here.types("ada", "sev 1 it went out to customers", channel=ROOM)
    await here.types("ada", "fixing", channel=ROOM)
    await here.types("ada", "ic", channel=ROOM)

    shown = here.shows(here.card(ROOM))
    for words in (
        "SEV1 · Revenue is wrong",
        "*Status*\n  :large_orange_circle: Fixing",
        "started 2026-11-23 09:20 UTC",
        "*Commander* decides · @ada",
        "Twice as high as yesterday",
        "The finance dashboard",
        "Next CAN update due 2026-11-23 10:30 UTC",
    ):
        assert words in shown
    assert here.said(ROOM) == [
        "INC-1 · SEV1 · Revenue is wrong · fixing",
        "@ada changed the severity from SEV2 to SEV1: it went out to customers",
        "@ada moved it from investigating to fixing",
        "@ada took the role of commander",
    ]


async def test_the_announcement_is_one_message_that_stays_true(here: World) -> None:
    room = await here.declare()

    await here.types("ada", "ic @grace", channel=room)
    await here.types("ada", "resolve the job ran again", channel=room)

    assert here.said("incidents") == [
        "INC-1 · SEV2 · Revenue is wrong · resolved",
        "INC-1 is *resolved*, after 0 s, says @ada",
    ]
    assert "Commander @grace" in here.text("incidents")


async def test_a_missing_incidents_channel_blocks_nothing(here: World) -> None:
    await here.slack.person("ada").rename("incidents", "elsewhere")
    await here.settle()
    await here.restart()

    room = await here.declare()

    assert here.said(room) == [CARD]
    assert len(here.card(room).blocks) > 5
    assert await here.bot.ports.reads.jobs(states=[]) != []
    assert (await here.bot.ports.reads.backlog(now=here.bot.ports.now())).dead == 0


async def test_a_drill_is_marked_and_announced_nowhere(here: World) -> None:
    room = await here.declare(marks=["drill"])

    await here.types("ada", "fixing", channel=room)

    assert room == "inc-1-drill-revenue-is-wrong"
    assert here.channel(room).topic["value"].startswith("DRILL · SEV2")
    assert here.said(room) == [
        "INC-1 · DRILL · SEV2 · Revenue is wrong · fixing",
        "@ada moved it from investigating to fixing",
    ]
    assert here.said("incidents") == []


async def test_a_name_that_is_taken_is_never_adopted(here: World) -> None:
    theirs = await here.slack.person("grace").create_channel(ROOM)

    room = await here.declare()

    assert room == f"{ROOM}-2"
    assert here.said(room) == [CARD]
    assert [each.user for each in theirs.messages.values()] == [here.slack.person("grace").id]


async def test_the_modal_says_what_each_severity_means_and_what_is_open_already(here: World) -> None:
    await here.declare(title="Orders are late", severity="SEV3")

    await here.types("grace", "declare")
    modal = here.shows(await here.slack.person("grace").wait_for_modal())

    assert "Already open: is it one of these?" in modal
    assert "Orders are late" in modal
    assert "SEV1 (major) · users affected: most · a CAN update every 30 min" in modal


async def test_a_start_that_is_still_to_come_is_refused_at_its_input(here: World) -> None:
    ada = here.slack.person("ada")
    await here.types("ada", "declare Revenue is wrong")

    submitted = await ada.submit(
        await ada.wait_for_modal(), {"severity": "SEV2", "started_at": MONDAY + timedelta(hours=2)}
    )

    assert submitted.errors == {
        "started_at": "That time is still to come. Give the time it happened, or leave it empty for now."
    }
    assert here.rooms() == []


async def test_a_modal_that_slack_did_not_open_is_offered_as_a_button_and_keeps_the_title(
    here: World,
) -> None:
    here.slack.faults.refuse("views.open", error="expired_trigger_id")
    await here.types("ada", "declare Revenue is wrong")
    offered = await here.slack.person("ada").wait_for_message("general", containing="too slow")

    await here.presses("ada", offered, "Declare an incident")
    await here.submits("ada", severity="SEV2")

    assert here.rooms() == [ROOM]


async def test_a_war_room_is_the_same_on_every_database_and_over_signed_http(database_url: str) -> None:
    async with world(database_url, http=True) as there:
        room = await there.declare()
        await there.types("ada", "ic", channel=room)
        await there.types("ada", "resolve it is fixed", channel=room)

        assert there.said(room) == [
            "INC-1 · SEV2 · Revenue is wrong · resolved",
            "@ada took the role of commander",
            "@ada moved it from investigating to resolved: it is fixed",
            "@ada, the postmortem of INC-1 is due 2026-11-25 10:00 UTC. Who writes it?",
        ]
        assert there.said("incidents")[0] == "INC-1 · SEV2 · Revenue is wrong · resolved"
        assert there.slack.connected == 0


async def an_answer_is_lost(here: World) -> None:
    """Have Slack answer nothing any more, and grace be the first who sees it: nothing reaches her."""
    here.slack.faults.fail(status=503, times=None)
    await here.slack.person("grace").command("/incident", "declare Orders are late")
    await here.bot.surface.drain()


async def test_declared_while_slack_is_away_the_form_says_so_and_a_direct_message_says_when_it_is_open(
    here: World,
) -> None:
    ada = here.slack.person("ada")
    await here.types("ada", "declare Revenue is wrong")
    form = await ada.wait_for_modal()
    await an_answer_is_lost(here)

    submitted = await ada.submit(form, {"severity": "SEV2"})

    assert submitted.acked
    assert "INC-1 is declared as SEV2. Its war room opens as soon as Slack answers" in here.shows(ada.modal)
    here.slack.clock.forward(timedelta(minutes=3))
    here.slack.faults.clear()
    await here.settle()
    assert here.rooms() == [ROOM]
    assert [told for told in here.dms("ada") if f"The war room of INC-1 is open: #{ROOM}" in told]


async def test_who_sees_the_room_open_at_once_is_told_nothing_more(here: World) -> None:
    await here.declare()

    assert here.dms("ada") == []
    assert here.slack.person("ada").modal is None


async def test_a_form_that_slack_does_not_open_is_answered_with_how_to_do_without_it(here: World) -> None:
    here.slack.faults.fail("views.open", times=None)

    typed = await here.types("ada", "declare Revenue is wrong")

    (told,) = here.told("ada", "general")
    assert "Slack did not open this. Press to try again: Or declare without a form: " in told
    assert typed.text == ""


async def test_while_slack_is_away_who_declares_is_told_at_once_how_to_do_without_the_form(
    here: World,
) -> None:
    await an_answer_is_lost(here)

    typed = await here.types("ada", "declare Revenue is wrong")

    assert typed.text == (
        "Slack does not answer right now, so the form may not open. Without it: "
        "`/incident declare SEV2 what is wrong`"
    )


async def test_a_severity_and_a_title_declare_without_a_form(here: World) -> None:
    reply = await here.types("ada", "declare sev2 Revenue is wrong")

    assert reply.text == "INC-1 is declared as SEV2. Its war room opens now, and you are invited into it."
    assert here.slack.person("ada").modal is None
    assert here.said(ROOM) == [CARD]
    assert here.slack.person("ada").id in here.channel(ROOM).members


async def test_a_number_is_part_of_the_title_and_a_severity_alone_is_chosen_in_the_form(here: World) -> None:
    await here.types("ada", "declare 2 dashboards are wrong")
    numbered = here.shows(await here.slack.person("ada").wait_for_modal())
    await here.types("ada", "declare SEV3")
    chosen = here.shows(await here.slack.person("ada").wait_for_modal())

    assert here.rooms() == []
    assert "2 dashboards are wrong" in numbered
    assert "(x) SEV3" in chosen
