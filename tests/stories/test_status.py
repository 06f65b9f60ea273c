"""Moving an incident along: by button and word, never past somebody else's move, and back with a reason."""

from datetime import timedelta

from bot.domain.shared.vocabulary import Milestone, Status
from bot.sandbox.elements import elements
from bot.sandbox.state import Message
from tests.world import MONDAY, World


async def test_the_buttons_move_it_and_the_milestones_follow(here: World) -> None:
    room = await here.declare(started_at=MONDAY - timedelta(minutes=40))
    await here.presses("ada", here.card(room), "take:commander")
    await here.forward(timedelta(minutes=4))
    await here.presses("ada", here.card(room), "Fixing")
    await here.forward(timedelta(minutes=6))
    await here.presses("ada", here.card(room), "Backfilling")
    await here.forward(timedelta(minutes=10))

    await here.presses("ada", here.card(room), "Resolve …")
    await here.submits("ada", reason="Backfill is complete")
    await here.presses("ada", here.card(room), "Close")

    assert here.said(room)[1:] == [
        "@ada took the role of commander",
        "@ada moved it from investigating to fixing",
        "@ada moved it from fixing to backfilling",
        "@ada moved it from backfilling to resolved: Backfill is complete",
        "@ada, the postmortem of INC-1 is due 2026-11-25 10:20 UTC. Who writes it?",
        "@ada moved it from resolved to closed",
    ]
    moments = (await here.incident()).state.milestones
    assert {name: moment.occurred - MONDAY for name, moment in moments.items()} == {
        Milestone.STARTED: timedelta(minutes=-40),
        Milestone.DETECTED: timedelta(0),
        Milestone.DECLARED: timedelta(0),
        Milestone.ACKNOWLEDGED: timedelta(0),
        Milestone.MITIGATED: timedelta(minutes=10),
        Milestone.RESOLVED: timedelta(minutes=20),
        Milestone.CLOSED: timedelta(minutes=20),
    }
    assert here.channel(room).topic["value"].startswith("SEV2 · closed · ")


async def test_a_stale_button_is_refused_with_what_happened(here: World) -> None:
    room = await here.declare()
    await here.join(room, "grace")
    await here.types("ada", "resolve it is fixed", channel=room)
    stale = await here.slack.person("grace").say(room, "what now?")
    stale.blocks = here.card(room).blocks
    await here.types("ada", "reopen it came back", channel=room)

    await here.presses("grace", stale, "Close")

    assert here.told("grace", room) == [
        "Somebody moved it from resolved to investigating a moment ago. Look again, then decide."
    ]
    assert (await here.incident()).state.status is Status.INVESTIGATING


async def test_a_modal_that_was_overtaken_keeps_its_words_and_says_so(here: World) -> None:
    room = await here.declare()
    await here.join(room, "grace")
    await here.presses("grace", here.card(room), "Resolve …")
    modal = await here.slack.person("grace").wait_for_modal()
    await here.types("ada", "fixing", channel=room)

    submitted = await here.slack.person("grace").submit(modal, {"reason": "The job ran again"})

    assert submitted.errors == {
        "reason": "Somebody moved it from investigating to fixing a moment ago. Look again, then decide."
    }


async def test_reopening_needs_a_reason_and_withdraws_what_being_resolved_had_set_going(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "resolve it is fixed", channel=room)
    await here.types("ada", "reopen", channel=room)
    modal = await here.slack.person("ada").wait_for_modal()
    refused = await here.slack.person("ada").submit(modal, {})

    await here.submits("ada", reason="Refunds are still twice")

    assert not refused.ok
    assert here.said(room)[-1] == "@ada moved it from resolved to investigating: Refunds are still twice"
    state = (await here.incident()).state
    assert Milestone.RESOLVED not in state.milestones
    assert state.postmortem is None
    assert "Postmortem" not in here.shows(here.card(room))
    assert here.said("incidents")[0] == "INC-1 · SEV2 · Revenue is wrong · investigating"


async def test_what_cannot_follow_is_refused_with_what_can(here: World) -> None:
    room = await here.declare()

    await here.types("ada", "close", channel=room)
    await here.types("ada", "status sideways", channel=room)
    await here.types("ada", "sev 9", channel=room)

    closed, sideways, nine = here.told("ada", room)
    assert (
        closed == "Only a resolved incident can be closed, and this one is investigating. Resolve it first."
    )
    assert sideways.startswith("There is no status “sideways”. From investigating: fixing, backfilling, ")
    assert nine == "There is no severity “9”. Choose one of SEV1, SEV2, SEV3, SEV4, SEV5."
    assert here.said(room)[1:] == []


async def test_one_is_merged_into_another_and_says_where_it_goes_on(here: World) -> None:
    await here.declare(title="Orders are late")
    room = await here.declare()

    await here.types("ada", "merge INC-1", channel=room)

    first = "inc-1-orders-are-late"
    assert here.said(room)[-1] == f"@ada moved it from investigating to merged into INC-1 (#{first})"
    assert f"*Goes on in INC-1 #{first}*" in here.shows(here.card(room))
    assert f"*Goes on in INC-1 #{first}*" in here.text("incidents")


async def test_the_room_that_goes_on_is_told_what_came_and_gets_its_people(here: World) -> None:
    first = await here.declare(title="Orders are late")
    room = await here.declare(by="grace", severity="SEV1")
    await here.join(room, "linus")
    await here.types("grace", "ic", channel=room)
    await here.types("grace", "update", channel=room)
    await here.submits(
        "grace", conditions="Twice as high", actions="Rolled back", needs="The vendor's console"
    )

    await here.types("grace", "merge INC-1", channel=room)

    told = here.shows(here.last(first))
    assert f"@grace merged INC-2 #{room} into this one: Revenue is wrong" in told
    assert "SEV1 · commander @grace · declared by @grace" in told
    assert "Twice as high" in told
    assert "The vendor's console" in told
    assert {here.slack.person(name).id for name in ("grace", "linus")} <= set(here.channel(first).members)
    assert f"merged into this one: INC-2 #{room}" in here.shows(here.card(first))
    await here.types("ada", "timeline", channel=first)
    assert f"@grace merged INC-2 (#{room}) into this one" in here.told("ada", first)[-1]


async def test_of_a_private_incident_the_open_room_learns_only_that_one_came(here: World) -> None:
    first = await here.declare(title="Orders are late")
    room = await here.declare(by="grace", title="Salaries are out", marks=["private"])

    await here.types("grace", "merge INC-1", channel=room)

    assert here.said(first)[-1] == (
        "@grace merged a private incident into this one. What is in it stays private."
    )
    assert "INC-2" not in here.text(first)
    assert here.slack.person("grace").id not in here.channel(first).members
    assert f"*Goes on in INC-1 #{first}*" in here.shows(here.card(room, "grace"))


NEED = {
    "conditions": "Twice as high",
    "actions": "Rolled back\nThen watching",
    "needs": "The vendor's console",
}


async def test_resolve_alone_asks_what_the_button_asks(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "update", channel=room)
    await here.submits("ada", **NEED)

    await here.types("ada", "resolve", channel=room)
    asked = here.shows(await here.slack.person("ada").wait_for_modal(title="Resolve INC-1"))
    await here.submits("ada", reason="The join is fixed", met=["The vendor's console"])

    assert "the data right again, backfill included?" in asked
    assert "( ) The vendor's console" in asked
    state = (await here.incident()).state
    assert (state.status, state.needs) == (Status.RESOLVED, ())
    assert "@ada said that these needs are met: The vendor's console" in here.said(room)


async def test_resolved_with_words_says_which_needs_stood_open_and_how_to_mend_it(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "update", channel=room)
    await here.submits("ada", **NEED)

    reply = await here.types("ada", "resolve fixed the join", channel=room)

    assert "INC-1 is resolved, and this was still needed:" in reply.text
    assert reply.message
    assert "The vendor's console" in here.shows(reply.message)
    assert "*Were open when it was resolved*\n  :raised_hand: The vendor's console" in here.shows(
        here.card(room)
    )
    await here.presses("ada", reply.message, "Say what is met …")
    await here.submits("ada", met=["The vendor's console"])
    assert "The vendor's console" not in here.shows(here.card(room))


async def test_a_mention_to_resolve_is_answered_with_the_button_that_asks(here: World) -> None:
    room = await here.declare()

    await here.slack.person("ada").say(room, "@warroom resolve")
    offered = await here.slack.person("ada").wait_for_message(room, containing="Press the button")
    await here.presses("ada", offered, "Resolve INC-1")
    await here.submits("ada", reason="The join is fixed")

    assert (await here.incident()).state.status is Status.RESOLVED


async def test_once_resolved_the_card_and_the_announcement_say_how(here: World) -> None:
    room = await here.declare(started_at=MONDAY - timedelta(minutes=40))
    await here.types("ada", "update", channel=room)
    await here.submits("ada", conditions="Twice as high", actions="Rolled back")
    await here.forward(timedelta(minutes=5))

    await here.types("ada", "resolve fixed the join", channel=room)

    how = "*Resolved* 2026-11-23 10:05 UTC, after 45 min, by @ada\n  fixed the join"
    for shown in (here.shows(here.card(room)), here.text("incidents")):
        assert how in shown
        assert "Rolled back" not in shown
        assert "Twice as high" not in shown
    assert "The last CAN update before that stands in the room" in here.shows(here.card(room))
    await here.types("ada", "reopen it is back", channel=room)
    assert "Twice as high" in here.shows(here.card(room))
    assert "fixed the join" not in here.shows(here.card(room))


async def test_what_people_outside_should_notice_is_said_under_the_announcement(here: World) -> None:
    room = await here.declare(severity="SEV3")

    await here.types("ada", "fixing", channel=room)
    await here.types("ada", "sev 1 it went out to customers", channel=room)
    await here.types("ada", "sev 2", channel=room)
    await here.types("ada", "resolve fixed the join", channel=room)
    await here.types("ada", "reopen it is back", channel=room)

    said = list(here.channel("incidents").messages.values())
    replies = [message for message in said if message.is_reply]
    assert [here.slack.screen.words(reply.text) for reply in replies] == [
        "INC-1 is *SEV1* now; it was SEV3, says @ada",
        "INC-1 is *SEV2* now; it was SEV1, says @ada",
        "INC-1 is *resolved*, after 0 s, says @ada",
        "INC-1 was not over: people are *investigating* again, says @ada",
    ]
    assert len({reply.thread_ts for reply in replies}) == 1
    assert [reply.subtype for reply in replies] == ["thread_broadcast", None, None, None]
    assert "it went out to customers" in here.shows(replies[0])


async def test_of_a_private_incident_and_of_a_drill_nothing_is_said_outside(here: World) -> None:
    for marks in (["private"], ["drill"]):
        room = await here.declare(severity="SEV3", marks=marks)
        await here.types("ada", "sev 1", channel=room)
        await here.types("ada", "resolve it is fixed", channel=room)

    assert here.said("incidents") == []


async def test_a_fresh_card_has_few_buttons_and_one_green_one_and_more_shows_the_rest(here: World) -> None:
    room = await here.declare()
    card = here.card(room)

    def pressable(card: Message) -> list[tuple[str, str]]:
        return [
            (str(found.element["text"]["text"]), str(found.element.get("style", "")))
            for found in elements(card)
            if found.kind == "button"
        ]

    assert pressable(card) == [
        ("Take it", "primary"),
        ("Post CAN update", ""),
        ("Fixing", ""),
        ("Resolve …", ""),
        ("Join as SME", ""),
        ("More …", ""),
    ]

    await here.presses("ada", card, "Take it")
    await here.presses("ada", here.card(room), "More …")

    assert [style for _, style in pressable(here.card(room))] == ["primary", "", "", "", ""]
    shown = here.told("ada", room)[-1]
    for words in ("Another status …", "Assign scribe …", "Edit details …", "Severity …", "Timeline",
                  "Correct a time …", "Cancel incident …", "Help"):  # fmt: skip
        assert f"[ {words} ]" in shown
