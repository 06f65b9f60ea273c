"""Hostile words in every field: inert where they are shown, refused with a sentence where they do not fit."""

import json
import re

import pytest

from tests.world import World

ADA = "U00000001"
WORDS = {
    "call": "<!channel> <!here> @channel now",
    "mention": f"<@{ADA}> broke it",
    "link": "<https://evil.example|the wiki>",
    "right_to_left": "safe \u202egnp.exe",
    "zero_width": "re\u200bvenue\u200d",
    "markup": "*bold* _it_ `code` ```block``` &lt;!channel&gt;",
    "braces": "{title} %s </script><b>",
}
LIVE = re.compile(rf"<!(?:channel|here|everyone)|<https://evil|<@{ADA}> broke|\u202e|@channel now")


def shown_by_the_bot(here: World) -> str:
    """Return everything the bot sent, without what modals give back to their own author."""
    sent = [call.args for call in here.slack.journal.calls if not call.method.startswith("views.")]
    return json.dumps(sent, ensure_ascii=False)


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
async def test_they_are_inert_in_every_field(here: World, words: str) -> None:
    room = await here.declare(title=words, summary=words, affected=words)
    channel = here.slack.person("ada")
    await channel.say(room, words)
    await here.types("ada", "update", channel=room)
    await here.submits(
        "ada", conditions=words, condition="wrong", blast_radius=words, actions=words, needs=words
    )
    for typed in ("note", "sme @grace", "sev 1", "reopen", "snooze", "status", "pm done", "cancel", ""):
        await here.types("ada", f"{typed} {words}", channel=room)
    await here.types("ada", f"reopen {words}", channel=room)
    await here.types("ada", "timeline", channel=room)
    await here.types("ada", "list", channel=room)
    await channel.open_home()
    await here.settle()

    sent = shown_by_the_bot(here) + json.dumps([channel.home and channel.home.content], ensure_ascii=False)
    assert LIVE.findall(sent) == []
    assert here.rooms() == [room]
    assert (await here.bot.ports.reads.backlog(now=here.bot.ports.now())).dead == 0


async def test_a_title_of_nothing_visible_is_refused_at_its_input(here: World) -> None:
    ada = here.slack.person("ada")
    await here.types("ada", "declare")

    submitted = await ada.submit(
        await ada.wait_for_modal(), {"title": "\u200b\u200d\u202e ", "severity": "SEV2"}
    )

    assert submitted.errors == {
        "title": "The title is empty. Say in a few words what people would recognise it by."
    }


async def test_forty_thousand_characters_are_refused_with_a_sentence(here: World) -> None:
    room = await here.declare()
    long = "x" * 40_000

    for typed in (f"note {long}", f"resolve {long}", f"sev 1 {long}", f"sme @grace {long}", long):
        await here.types("ada", typed, channel=room)
    told = here.told("ada", room)
    await here.types("ada", f"declare {long}", channel=room)
    title = here.shows(await here.slack.person("ada").wait_for_modal())

    assert told[0] == "The note has 40000 characters; 3000 fit. Shorten it and send it again."
    assert told[1] == "The reason has 40000 characters; 3000 fit. Shorten it and send it again."
    assert told[3] == "The workstream has 40000 characters; 80 fit. Shorten it and send it again."
    assert told[4].startswith(f"There is no command “{'x' * 40}”.")
    assert here.said(room)[1:] == []
    assert f"[{'x' * 150}]" in title


async def test_a_message_of_forty_thousand_characters_is_recorded_and_shown_cut(here: World) -> None:
    room = await here.declare()
    await here.slack.person("ada").say(room, "y" * 40_000)

    await here.types("ada", "timeline", channel=room)

    assert "yyy" in here.told("ada", room)[0]
    assert len(here.told("ada", room)[0]) < 3000


async def test_a_title_without_a_latin_letter_still_names_a_channel(here: World) -> None:
    room = await here.declare(title="数据错了 🔥")

    assert room == "inc-1"
    assert here.said(room) == ["INC-1 · SEV2 · 数据错了 🔥 · investigating"]
