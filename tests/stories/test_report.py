"""CAN updates: asked by modal, shown in the room and on the card, their Needs carried until met."""

from tests.world import World

FIRST = {
    "conditions": "Revenue counts refunds twice",
    "condition": "wrong",
    "blast_radius": "Finance dashboard",
    "actions": "@grace rolls the model back",
    "needs": "Access to the vendor's console\n- A decision about the backfill",
}


async def test_an_update_is_posted_and_summarised_on_the_card(here: World) -> None:
    room = await here.declare()

    await here.types("ada", "update", channel=room)
    await here.submits("ada", **FIRST)

    assert here.said(room)[1:] == [
        "CAN update for INC-1 · SEV2 · investigating: Revenue counts refunds twice"
    ]
    card = here.shows(here.card(room))
    for words in (
        "*Last CAN update* · @ada",
        "*Wrong data:* Revenue counts refunds twice",
        "*Open needs*",
        ":raised_hand: Access to the vendor's console",
        ":raised_hand: A decision about the backfill",
        "Next CAN update due 2026-11-23 11:00 UTC",
    ):
        assert words in card
    assert "Revenue counts refunds twice" in here.text("incidents")


async def test_the_next_update_starts_from_the_last_and_ticks_what_was_met(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "can", channel=room)
    await here.submits("ada", **FIRST)

    await here.presses("ada", here.card(room), "Post CAN update")
    modal = here.shows(await here.slack.person("ada").wait_for_modal())
    await here.submits(
        "ada", actions="Backfill runs", met=["Access to the vendor's console"], status="Backfilling"
    )

    assert "Revenue counts refunds twice" in modal
    assert "( ) Access to the vendor's console" in modal
    report = here.shows(here.last(room))
    assert ":white_check_mark: Access to the vendor's console" in report
    assert "*Still open*\n  :raised_hand: A decision about the backfill" in report
    card = here.shows(here.card(room))
    assert "Access to the vendor's console" not in card
    assert ":large_yellow_circle: Backfilling" in card
    assert here.said(room)[2:] == [
        "@ada moved it from investigating to backfilling",
        "CAN update for INC-1 · SEV2 · backfilling: Revenue counts refunds twice",
    ]


async def test_the_card_keeps_the_lines_of_what_is_done(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "update", channel=room)
    steps = [f"{number}. step" for number in range(1, 9)]

    await here.submits("ada", conditions="Twice", actions="\n".join(steps))

    shown = [line.strip() for line in here.shows(here.card(room)).splitlines()]
    begins = shown.index("*Actions:*")
    assert shown[begins + 1 : begins + 8] == [*steps[:6], "…"]


async def test_an_empty_update_is_refused_at_its_input(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "update", channel=room)
    ada = here.slack.person("ada")

    submitted = await ada.submit(await ada.wait_for_modal(), {**FIRST, "actions": "\u200b \u200b"})

    assert list(submitted.errors) == ["actions"]
    assert here.said(room)[1:] == []
