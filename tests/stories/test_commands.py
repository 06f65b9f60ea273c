"""What can be typed: the tray that fits the place, synonyms, near misses, threads, and the wrong place."""

import re

import pytest
from sqlalchemy import text

from bot.usecases.ports import Urgency
from tests.world import World


async def test_bare_it_opens_the_tray_that_fits_the_place(here: World) -> None:
    room = await here.declare()

    await here.types("ada", "", channel=room)
    await here.types("grace", "")

    inside, outside = here.told("ada", room), here.told("grace", "general")
    assert len(inside) == len(outside) == 1
    for words in ("INC-1", "[ Fixing ]", "[ Take commander ]", "[ Post CAN update ]", "[ Add a note … ]"):
        assert words in inside[0]
    for words in ("1 open", "Revenue is wrong", "[ Declare an incident ]", "[ List ]", "[ Mine ]"):
        assert words in outside[0]


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("status fixing", "@ada moved it from investigating to fixing"),
        ("backfilling", "@ada moved it from investigating to backfilling"),
        ("fixed the job ran", "@ada moved it from investigating to resolved: the job ran"),
        ("severity 3", "@ada changed the severity from SEV2 to SEV3"),
        ("sev SEV3 only some", "@ada changed the severity from SEV2 to SEV3: only some"),
        ("sev3", "@ada changed the severity from SEV2 to SEV3"),
        ("lead", "@ada took the role of commander"),
        ("ic me", "@ada took the role of commander"),
        ("scribe @grace", "@ada made @grace scribe"),
        ("comms @grace", "@ada made @grace liaison"),
        ("sme @grace orders pipeline", "@ada made @grace SME for orders pipeline"),
        ("note called the vendor", "@ada noted: called the vendor"),
        (
            "note @grace said a < b & c, see https://x.example",
            "@ada noted: @grace said a < b & c, see https://x.example",
        ),
        ("cancel it was a test", "@ada moved it from investigating to cancelled: it was a test"),
        ("INC-1 note by name", "@ada noted: by name"),
    ],
)
async def test_what_is_typed_is_done_and_said_once(here: World, typed: str, line: str) -> None:
    room = await here.declare()

    await here.types("ada", typed, channel=room)

    assert here.said(room)[1] == line
    assert here.told("ada", room) == []


async def test_a_mistyped_word_is_answered_with_what_was_meant_and_one_press_does_it(here: World) -> None:
    room = await here.declare()

    told = await here.types("ada", "notee the job ran", channel=room)
    offered = await here.slack.person("ada").wait_for_message(room, containing="Did you mean")
    await here.presses("ada", offered, "/incident note the job ran")

    assert "There is no command “notee”. Did you mean `/incident note`?" in told.text
    assert "takeover" not in here.shows(offered)
    assert here.said(room)[1:] == ["@ada noted: the job ran"]


async def test_a_word_like_no_other_is_answered_with_a_way_to_the_help(here: World) -> None:
    await here.types("ada", "xyzzy")
    offered = await here.slack.person("ada").wait_for_message("general", containing="xyzzy")
    await here.presses("ada", offered, "Help")

    asked, helped = here.told("ada", "general")
    assert "There is no command “xyzzy”. `/incident help` shows what there is." in asked
    assert "`/incident note text`" in helped


async def test_a_mistyped_status_is_answered_with_those_that_are_legal_from_here(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "resolve it is fixed", channel=room)

    told = await here.types("ada", "status bakfilling rows are missing", channel=room)
    offered = await here.slack.person("ada").wait_for_message(room, containing="bakfilling")
    await here.presses("ada", offered, "/incident INC-1 status backfilling rows are missing")

    assert "There is no status “bakfilling”. Did you mean `/incident status backfilling`?" in told.text
    assert "From resolved: investigating, fixing, backfilling, monitoring, closed." in told.text
    assert "@ada moved it from resolved to backfilling: rows are missing" in here.said(room)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("list", ["INC-2", "INC-3", "INC-1"]),
        ("list all", ["INC-2", "INC-3", "INC-1"]),
        ("list open", ["INC-2", "INC-3"]),
        ("list closed", ["INC-1"]),
        ("list fixing", ["INC-3"]),
        ("list sev3", ["INC-2"]),
        ("ls 2", ["INC-3", "INC-1"]),
        ("list mine", ["INC-3"]),
    ],
)
async def test_the_list_is_narrowed_by_a_word(here: World, typed: str, shown: list[str]) -> None:
    await here.declare()
    await here.types("ada", "INC-1 resolve it is fixed")
    await here.types("ada", "INC-1 close")
    await here.declare("grace", "Orders are late", severity="SEV3")
    await here.declare(title="Loads fail")
    await here.types("ada", "INC-3 fixing")

    await here.types("ada", typed)

    told = here.told("ada", "general")[-1]
    assert sorted(re.findall(r"INC-\d", told)) == sorted(shown)


async def test_a_list_that_does_not_exist_is_refused_with_those_that_do(here: World) -> None:
    told = await here.types("ada", "list clsed")
    offered = await here.slack.person("ada").wait_for_message("general", containing="no list")
    await here.presses("ada", offered, "/incident list closed")

    assert "no list “clsed”. Did you mean `/incident list closed`? Choose one of open, all," in told.text
    assert "Incidents that are closed: none." in here.told("ada", "general")[-1]


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("snooze update 1h30m", "11:30"),
        ("snooze report 2 hours", "12:00"),
        ("snooze CAN update for 45 minutes", "10:45"),
    ],
)
async def test_a_reminder_is_kept_quiet_for_as_long_as_people_say(
    here: World, typed: str, until: str
) -> None:
    room = await here.declare()

    await here.types("ada", typed, channel=room)

    assert here.said(room)[1:] == [f"@ada asked for quiet about CAN updates until 2026-11-23 {until} UTC"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("snooze zebra 1h", "Choose one of commander, update, postmortem"),
        ("snooze update until 14:00", "Say for how long"),
        ("snooze until 14:00", "Say for how long"),
    ],
)
async def test_a_reminder_that_is_not_clear_is_refused_with_how_to_say_it(
    here: World, typed: str, says: str
) -> None:
    room = await here.declare()

    told = await here.types("ada", typed, channel=room)

    assert says in told.text


async def test_the_help_and_the_lists_are_shown_to_one_person(here: World) -> None:
    await here.declare()

    await here.types("grace", "help")
    await here.types("grace", "ls")
    await here.types("grace", "mine")

    help_, listed, mine = here.told("grace", "general")
    assert "`/incident declare [SEV2] [title]`" in help_
    assert "*Open* (1)" in listed
    assert "Revenue is wrong" in listed
    assert mine.startswith("Your incidents: none.")


async def test_a_war_rooms_command_elsewhere_offers_the_open_incidents_and_one_press_does_it(
    here: World,
) -> None:
    await here.declare(title="Orders are late", severity="SEV3")
    room = await here.declare()

    await here.types("ada", "note called the vendor")
    offered = await here.slack.person("ada").wait_for_message("general", containing="is not a war room")
    await here.presses("ada", offered, "INC-2 · Revenue is wrong")

    assert (
        "`/incident note` acts on an incident, and this channel is not a war room. Which one?"
        in here.shows(offered)
    )
    assert here.said(room)[1:] == ["@ada noted: called the vendor"]
    assert here.told("ada", "general")[-1] == "Added to the timeline of INC-2."


async def test_what_people_do_afterwards_is_offered_for_what_has_ended(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "resolve it is fixed", channel=room)

    await here.types("ada", "close")
    offered = await here.slack.person("ada").wait_for_message("general", containing="is not a war room")
    await here.presses("ada", offered, "INC-1 · Revenue is wrong")

    assert here.said(room)[-1] == "@ada moved it from resolved to closed"


async def test_a_modal_opens_from_the_press_that_chooses_the_incident(here: World) -> None:
    await here.declare()

    await here.types("ada", "update")
    offered = await here.slack.person("ada").wait_for_message("general", containing="is not a war room")
    await here.presses("ada", offered, "INC-1 · Revenue is wrong")

    assert (await here.slack.person("ada").wait_for_modal()).title == "CAN update of INC-1"


async def test_with_nothing_open_a_war_rooms_command_says_how_to_declare(here: World) -> None:
    await here.types("ada", "resolve it is fixed")

    assert "No incident is open. `/incident declare` opens one." in here.told("ada", "general")[0]


async def test_in_a_thread_a_mention_does_what_a_command_does(here: World) -> None:
    room = await here.declare()
    root = await here.slack.person("ada").say(room, "The job was restarted")

    await here.slack.person("ada").say(room, "@warroom note the vendor confirmed it", thread=root)
    await here.settle()

    assert here.said(room)[1:] == ["@ada noted: the vendor confirmed it"]
    assert here.told("ada", room) == ["Added to the timeline of INC-1."]


async def test_what_is_said_about_the_bot_is_not_said_to_it(here: World) -> None:
    room = await here.declare()

    await here.slack.person("ada").say(room, "please do NOT tell @warroom resolve yet")
    await here.slack.person("ada").say(room, "@warroom: sev 3")
    await here.settle()

    assert here.said(room)[1:] == ["@ada changed the severity from SEV2 to SEV3"]


@pytest.mark.parametrize("typed", ["scribe grace", "ic grace", "release scribe grace", "INC-1 liaison grace"])
async def test_a_name_that_is_no_mention_does_not_mean_oneself(here: World, typed: str) -> None:
    room = await here.declare()

    told = await here.types("ada", typed, channel=room)

    assert "Say who with an @, such as `@grace`" in told.text
    assert here.said(room)[1:] == []


async def test_a_reminder_is_not_kept_quiet_for_ever(here: World) -> None:
    room = await here.declare()

    told = await here.types("ada", "snooze report 9999d", channel=room)

    assert "7 days at most" in told.text


async def test_a_mention_that_needs_a_modal_answers_with_a_button(here: World) -> None:
    room = await here.declare()
    root = await here.slack.person("ada").say(room, "It is fine again?")

    await here.slack.person("ada").say(room, "@warroom update", thread=root)
    await here.settle()
    offered = await here.slack.person("ada").wait_for_message(room, containing="Press the button")
    await here.presses("ada", offered, "CAN update of INC-1")

    assert (await here.slack.person("ada").wait_for_modal()).title == "CAN update of INC-1"


async def test_a_direct_message_is_understood_too(here: World) -> None:
    room = await here.declare()
    direct = await here.slack.person("ada").open_dm()

    await here.slack.person("ada").say(direct, "INC-1 fixing")
    await here.settle()

    assert here.said(room)[1:] == ["@ada moved it from investigating to fixing"]
    assert "INC-1 is fixing now." in here.dms("ada")[-1]


async def test_an_answer_that_slack_asks_to_wait_with_still_comes(here: World) -> None:
    await here.declare()
    direct = await here.slack.person("ada").open_dm()
    here.slack.faults.limit("chat.postMessage", retry_after=0, times=3)

    await here.slack.person("ada").say(direct, "list")
    await here.settle()

    assert "INC-1" in here.dms("ada")[-1]


async def test_while_the_database_cannot_be_used_people_are_told_what_to_do(here: World) -> None:
    async with here.bot.database.write(Urgency.REQUEST) as connection:
        await connection.execute(text("ALTER TABLE incidents RENAME TO elsewhere"))
        await connection.commit()

    reply = await here.slack.person("ada").command("/incident", "list", channel="general")

    assert "Warroom cannot use its database just now." in reply.text
    assert "`warroom doctor`" in reply.text
