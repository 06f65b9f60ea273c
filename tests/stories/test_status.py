"""Moving an incident along: by button and word, never past somebody else's move, and back with a reason."""

from datetime import timedelta

from bot.domain.shared.vocabulary import Milestone, Status
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
    await here.types("ada", "resolve", channel=room)
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
    await here.types("ada", "resolve", channel=room)
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
    assert here.said("incidents") == ["INC-1 · SEV2 · Revenue is wrong · investigating"]


async def test_what_cannot_follow_is_refused_with_what_can(here: World) -> None:
    room = await here.declare()

    await here.types("ada", "close", channel=room)
    await here.types("ada", "status sideways", channel=room)
    await here.types("ada", "sev 9", channel=room)

    closed, sideways, nine = here.told("ada", room)
    assert (
        closed == "Only a resolved incident can be closed, and this one is investigating. Resolve it first."
    )
    assert sideways.startswith("There is no status “sideways”. Choose one of triage, investigating")
    assert nine == "There is no severity “9”. Choose one of SEV1, SEV2, SEV3, SEV4, SEV5."
    assert here.said(room)[1:] == []


async def test_one_is_merged_into_another_and_says_where_it_goes_on(here: World) -> None:
    await here.declare(title="Orders are late")
    room = await here.declare()

    await here.types("ada", "merge INC-1", channel=room)

    assert here.said(room)[-1] == "@ada moved it from investigating to merged into INC-1"
    assert "merged into INC-1, which goes on" in here.shows(here.card(room))
    assert "merged into INC-1" in here.text("incidents")
