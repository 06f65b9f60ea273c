"""The timeline: what was said in the room, as it stands there now, and what people marked of it."""

import asyncio

import pytest
from sqlalchemy import text

from bot.domain.shared.vocabulary import SYSTEM, IncidentId
from bot.sandbox import SlackError
from storage.engine import Database
from tests.world import World


async def recorded(here: World) -> list[str | None]:
    messages = await here.bot.ports.reads.messages(IncidentId(1), seen_by=SYSTEM)
    return [message.text for message in messages]


async def everything_stored(url: str) -> str:
    """Return every cell of every table, as one text."""
    database = Database.open(url)
    try:
        async with database.read() as connection:
            tables = await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
            rows = [
                repr(row)
                for (table,) in tables.all()
                for row in (await connection.execute(text(f'SELECT * FROM "{table}"'))).all()  # noqa: S608
            ]
    finally:
        await database.close()
    return "\n".join(rows)


async def test_every_message_is_recorded_with_its_edits_threads_and_files(here: World) -> None:
    room = await here.declare()
    ada = here.slack.person("ada")

    root = await ada.say(room, "The job failed at nine")
    await ada.say(room, "It was the vendor", thread=root)
    wrong = await ada.say(room, "Grace knows mroe")
    await ada.edit(wrong, "Grace knows more")
    await ada.upload(room, "trace.txt", comment="the trace")
    await here.settle()

    assert await recorded(here) == [
        "The job failed at nine",
        "It was the vendor",
        "Grace knows more",
        "the trace",
    ]
    messages = await here.bot.ports.reads.messages(IncidentId(1), seen_by=SYSTEM)
    assert messages[1].thread_ts == root.ts
    assert messages[2].edited_at is not None
    assert messages[3].files == ("trace.txt",)
    assert here.said(room)[1:] == []


async def test_a_burst_of_messages_is_recorded_whole(here: World) -> None:
    room = await here.declare()
    ada = here.slack.person("ada")

    await asyncio.gather(*(ada.say(room, f"line {number}") for number in range(200)))
    await here.settle()

    assert sorted(await recorded(here), key=str) == sorted(f"line {number}" for number in range(200))


async def test_what_is_deleted_is_nowhere_any_more(here: World) -> None:
    room = await here.declare()
    ada = here.slack.person("ada")
    root = await ada.say(room, "the password is xyzzy-1")
    await ada.say(room, "a reply", thread=root)
    alone = await ada.say(room, "the password is xyzzy-2")
    await ada.edit(alone, "the password is xyzzy-3")
    await here.settle()

    await ada.delete(root)
    await ada.delete(alone)
    await here.settle()
    await here.types("ada", "timeline", channel=room)

    assert "xyzzy" not in await everything_stored(here.database_url)
    assert "xyzzy" not in here.told("ada", room)[-1]
    assert here.told("ada", room)[-1].count("(deleted)") == 2


async def test_a_pin_marks_a_key_moment_and_taking_it_away_unmarks(here: World) -> None:
    room = await here.declare()
    ada = here.slack.person("ada")
    first = await ada.say(room, "Restarted the loader")
    second = await ada.say(room, "Numbers are right again")
    await here.settle()

    await ada.react(first, "pushpin")
    await ada.react(second, "pushpin")
    await here.settle()
    await ada.unreact(first, "pushpin")
    await here.settle()
    await here.types("ada", "timeline", channel=room)

    moments = {ts for _, ts, _ in (await here.incident()).state.moments}
    shown = here.told("ada", room)[-1].splitlines()
    assert moments == {second.ts}
    assert [line.strip().startswith(":pushpin:") for line in shown if "ada: " in line] == [False, True]
    assert here.said(room)[1:] == []


async def test_the_message_shortcut_marks_and_says_so_to_one_person(here: World) -> None:
    room = await here.declare()
    ada = here.slack.person("ada")
    said = await ada.say(room, "Numbers are right again")
    outside = await ada.say("general", "lunch?")

    await ada.shortcut("mark_from_message", said)
    await ada.shortcut("mark_from_message", outside)
    await here.settle()

    assert {ts for _, ts, _ in (await here.incident()).state.moments} == {said.ts}
    assert here.told("ada", room) == ["Marked as a key moment of the timeline."]
    assert here.told("ada", "general") == [
        "This channel is not a war room, so it has no timeline to mark a moment in."
    ]


async def test_the_timeline_is_shown_to_whoever_asks_alone(here: World) -> None:
    room = await here.declare()
    await here.slack.person("ada").say(room, "The job failed at nine")
    await here.types("ada", "note the vendor confirmed it by telephone", channel=room)

    await here.types("ada", "timeline", channel=room)

    (shown,) = here.told("ada", room)
    for words in (
        "@ada declared this incident as SEV2: Revenue is wrong",
        "@ada: The job failed at nine",
        "@ada noted: the vendor confirmed it by telephone",
    ):
        assert words in shown
    assert here.said(room)[1:] == ["@ada noted: the vendor confirmed it by telephone"]


async def test_a_long_timeline_is_leafed_through_in_place(here: World) -> None:
    room = await here.declare()
    ada = here.slack.person("ada")
    for number in range(1, 46):
        await ada.say(room, f"line {number}.")
    await here.settle()
    await here.types("ada", "timeline", channel=room)
    shown = await ada.wait_for_message(room, containing="the newest 20 of 47")
    newest = here.shows(shown)

    await here.presses("ada", shown, "Older")
    middle = here.told("ada", room)
    await here.presses("ada", await ada.wait_for_message(room, containing="8 to 27 of 47"), "Older")
    oldest = here.told("ada", room)
    await here.presses("ada", await ada.wait_for_message(room, containing="1 to 7 of 47"), "Newer")
    again = here.told("ada", room)

    assert "line 45." in newest
    assert "[ Newer ]" not in newest
    assert len(middle) == len(oldest) == len(again) == 1
    assert "line 25." in middle[0]
    assert "line 26." not in middle[0]
    assert "declared this incident" in oldest[0]
    assert "[ Older ]" not in oldest[0]
    assert "line 6." in again[0]


async def test_a_new_line_does_not_move_the_page_one_goes_on_to(here: World) -> None:
    room = await here.declare()
    ada = here.slack.person("ada")
    for number in range(1, 31):
        await ada.say(room, f"line {number}.")
    await here.settle()
    await here.types("ada", "timeline", channel=room)
    shown = await ada.wait_for_message(room, containing="the newest 20 of 32")

    await ada.say(room, "line 31.")
    await here.settle()
    await here.presses("ada", shown, "Older")

    (older,) = here.told("ada", room)
    assert "1 to 12 of 33" in older
    assert "line 10." in older
    assert "line 11." not in older


async def test_every_time_in_the_timeline_is_the_readers_own(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "snooze report 1h", channel=room)
    await here.types("ada", "timeline", channel=room)

    shown = await here.slack.person("ada").wait_for_message(room, containing="asked for quiet")

    rows = [str(block["text"]["text"]) for block in shown.blocks if block["type"] == "section"]
    (row,) = [row for row in rows if "asked for quiet" in row]
    assert row.count("<!date^") == 2
    assert "UTC" not in row.replace("UTC>", "")


async def test_what_was_said_while_the_bot_was_away_is_caught_up(here: World) -> None:
    room = await here.declare()
    ada = here.slack.person("ada")
    root = await ada.say(room, "before")
    await here.settle()
    await here.stop()

    await ada.say(room, "while it was away")
    await ada.say(room, "in a thread", thread=root)
    await here.lose_events()
    await here.start()
    await here.settle()

    assert await recorded(here) == ["before", "while it was away", "in a thread"]


async def test_what_was_edited_and_deleted_while_the_bot_was_away_is_mirrored(here: World) -> None:
    room = await here.declare()
    ada = here.slack.person("ada")
    wrong = await ada.say(room, "Grace knows mroe")
    secret = await ada.say(room, "the password is xyzzy")
    await here.settle()
    await here.stop()

    await ada.edit(wrong, "Grace knows more")
    await ada.delete(secret)
    await here.lose_events()
    await here.start()
    await here.settle()

    assert await recorded(here) == ["Grace knows more", None]
    assert "xyzzy" not in await everything_stored(here.database_url)


async def test_a_time_is_corrected_with_a_reason(here: World) -> None:
    room = await here.declare()

    await here.types("ada", "correct", channel=room)
    await here.submits("ada", milestone="started", at="1795426200", reason="The loader's log")

    assert here.said(room)[1:] == [
        "@ada corrected when it was started to 2026-11-23 09:30 UTC: The loader's log"
    ]
    assert "started 2026-11-23 09:30 UTC" in here.shows(here.card(room))


async def test_somebody_elses_channel_is_not_recorded(here: World) -> None:
    await here.declare()

    await here.slack.person("ada").say("incidents", "unrelated talk")
    await here.settle()

    assert await recorded(here) == []
    with pytest.raises(SlackError):
        here.channel("inc-9")
