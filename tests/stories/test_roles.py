"""Roles: taken with a click, given by modal or word, told by direct message, one winner at a time."""

import asyncio
from datetime import timedelta

from bot.domain.shared.vocabulary import UserId
from bot.usecases.policy import Nudges, Policy, WhoMay
from tests.world import World, world

GRACE = UserId("U00000002")


def press_of(role: str) -> str:
    return f"take:{role}"


async def test_each_role_is_taken_from_the_card_and_its_duties_come_by_direct_message(here: World) -> None:
    room = await here.declare()

    await here.presses("ada", here.card(room), press_of("commander"))
    for role in ("scribe", "liaison"):
        await here.presses("ada", here.card(room), "more:roles", selected=f"Take {role}")

    assert here.said(room)[1:] == [
        "@ada took the role of commander",
        "@ada took the role of scribe",
        "@ada took the role of liaison",
    ]
    duties = "\n".join(here.dms("ada"))
    assert "You are the commander of INC-1, war room #inc-1-revenue-is-wrong." in duties
    assert "You own the outcome and *decide*." in duties
    assert "You *document*." in duties
    assert "You *communicate*:" in duties
    assert here.told("ada", room) == []


async def test_assigning_somebody_brings_them_in_and_tells_them(here: World) -> None:
    room = await here.declare()

    await here.presses("ada", here.card(room), "more:roles", selected="Assign commander …")
    await here.submits("ada", person="grace")

    assert here.said(room)[1:] == ["@ada made @grace commander"]
    assert here.slack.person("grace").id in here.channel(room).members
    assert len(here.dms("grace")) == 1
    assert "*Commander* decides · @grace" in here.shows(here.card(room))


async def test_several_smes_each_have_a_workstream(here: World) -> None:
    room = await here.declare()

    await here.presses("ada", here.card(room), "more:roles", selected="Add an SME …")
    await here.submits("ada", person="grace", workstream="orders pipeline")
    await here.types("ada", "sme @linus the warehouse", channel=room)
    await here.presses("ada", here.card(room), "Join as SME")
    await here.submits("ada")

    assert "*SMEs* resolve · @grace (orders pipeline), @linus (the warehouse), @ada" in here.shows(
        here.card(room)
    )
    assert "You are an SME of INC-1 for orders pipeline" in here.dms("grace")[0]


async def test_joining_as_an_sme_offers_the_workstreams_there_are(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "sme @linus the warehouse", channel=room)

    await here.presses("ada", here.card(room), "Join as SME")
    asked = here.shows(await here.slack.person("ada").wait_for_modal())
    await here.submits("ada", streams="the warehouse")

    assert "Where others work already" in asked
    assert here.said(room)[-1] == "@ada took the role of SME for the warehouse"


async def test_one_person_is_an_sme_once_and_moves_by_naming_other_work(here: World) -> None:
    room = await here.declare()

    await here.types("ada", "sme me", channel=room)
    await here.types("ada", "sme @ada the warehouse", channel=room)
    await here.presses("ada", here.card(room), "Join as SME")
    await here.submits("ada", workstream="orders pipeline")
    await here.types("ada", "sme me", channel=room)

    assert "*SMEs* resolve · @ada (orders pipeline)" in here.shows(here.card(room))
    assert here.said(room)[1:] == [
        "@ada took the role of SME",
        "@ada took the role of SME for the warehouse",
        "@ada took the role of SME for orders pipeline",
    ]
    assert "@ada is already an SME for orders pipeline. Say another workstream" in here.told("ada", room)[-1]


# -- from outside the war room


async def test_an_outsider_who_takes_a_role_is_asked_and_one_press_joins_and_takes_it(here: World) -> None:
    room = await here.declare()
    grace = here.slack.person("grace")

    await here.presses("grace", here.card(room), press_of("commander"))
    question = await grace.wait_for_message(room, containing="You are not in the war room")
    asked, before = here.shows(question), (await here.incident()).state.commander
    await here.presses("grace", question, "Join and take it")

    assert "Join #inc-1-revenue-is-wrong and be the commander?" in asked
    assert before is None
    assert grace.id in here.channel(room).members
    assert here.said(room)[1:] == ["@grace took the role of commander"]
    assert here.told("grace", room) == [
        "You are the commander of INC-1, and invited into #inc-1-revenue-is-wrong."
    ]


async def test_what_an_outsider_types_elsewhere_is_asked_the_same(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)

    await here.types("grace", "INC-1 ic")
    question = await here.slack.person("grace").wait_for_message("general", containing="You are not in")
    await here.presses("grace", question, "Join and take it")
    await here.presses("ada", here.last(room), "Agree")

    assert here.slack.person("grace").id in here.channel(room).members
    assert here.said(room)[-1] == "@grace is commander now: @grace asked, @ada agreed."


async def test_an_outsider_who_was_not_the_first_is_told_who_was(here: World) -> None:
    room = await here.declare()
    card = here.card(room)
    await here.slack.person("grace").click(card, "more:roles", selected="Take scribe")
    await here.settle()
    question = await here.slack.person("grace").wait_for_message(room, containing="You are not in")
    await here.types("ada", "scribe", channel=room)

    await here.presses("grace", question, "Join and take it")

    assert "@ada is scribe now: somebody was a moment faster." in here.told("grace", room)[-1]
    assert here.slack.person("grace").id not in here.channel(room).members


async def test_an_outsider_joins_as_an_sme_with_the_form_itself(here: World) -> None:
    room = await here.declare()

    await here.types("grace", "INC-1 sme")
    await here.submits("grace", workstream="the warehouse")

    assert here.slack.person("grace").id in here.channel(room).members
    assert here.said(room)[1:] == ["@grace took the role of SME for the warehouse"]
    said_to_her = "\n".join(here.dms("grace"))
    assert "You are an SME of INC-1, and invited into #inc-1-revenue-is-wrong." in said_to_her


async def test_of_twenty_who_press_take_it_at_the_same_moment_one_wins_and_the_rest_are_told_who(
    sqlite_url: str,
) -> None:
    async with world(sqlite_url, people=20) as there:
        room = await there.declare()
        names = [f"p{number}" for number in range(1, 21)]
        await there.join(room, *names)
        card = there.card(room)

        await asyncio.gather(*(there.slack.person(name).click(card, press_of("commander")) for name in names))
        await there.settle()

        winner = (await there.incident()).state.commander
        name = there.slack.screen.name(winner or "")
        told = [line for one in names for line in there.told(one, room)]
        assert there.said(room)[1:] == [f"@{name} took the role of commander"]
        assert (
            told == [f"@{name} is commander now: somebody was a moment faster. Look again, then decide."] * 19
        )


async def test_a_role_is_given_back_by_word(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "scribe", channel=room)

    await here.types("ada", "release scribe", channel=room)
    await here.types("ada", "release scribe", channel=room)

    assert here.said(room)[1:] == ["@ada took the role of scribe", "@ada gave back the role of scribe"]
    assert here.told("ada", room) == ["@ada is not scribe."]
    assert "*Scribe* documents · _nobody yet_" in here.shows(here.card(room))


async def test_a_bot_cannot_take_a_role(here: World) -> None:
    room = await here.declare()

    await here.types("ada", "ic @warroom", channel=room)
    await here.presses("ada", here.card(room), "more:roles", selected="Assign commander …")
    ada = here.slack.person("ada")
    submitted = await ada.submit(await ada.wait_for_modal(), {"person": "warroom"})

    refusal = "A bot cannot answer for anything in an incident. Choose a person."
    assert here.told("ada", room) == [refusal]
    assert submitted.errors == {"person": refusal}
    assert (await here.incident()).state.roles == ()


# -- hand-over


async def test_a_held_command_changes_hands_when_both_sides_say_yes(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)
    await here.join(room, "grace")

    await here.presses("grace", here.card(room), "more:roles", selected="Ask for command")
    question = here.last(room)
    asked = here.shows(question)
    await here.presses("ada", question, "Agree")

    assert "Shall command of INC-1 go from @ada to @grace? @grace asked" in asked
    assert ":hourglass_flowing_sand: @ada" in asked
    assert ":white_check_mark: @grace" in asked
    assert here.said(room)[1:] == [
        "@ada took the role of commander",
        "@grace is commander now: @grace asked, @ada agreed.",
    ]
    assert here.told("grace", room) == ["A hand-over needs both sides; @ada will be asked in the war room."]
    assert (await here.incident()).state.commander == here.slack.person("grace").id


async def test_a_third_person_who_asks_for_a_hand_over_needs_both_answers(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)
    await here.join(room, "linus", "grace")

    await here.types("linus", "ic @grace", channel=room)
    question = here.last(room)
    await here.presses("linus", question, "Agree")
    await here.presses("grace", question, "Agree")
    still = (await here.incident()).state.commander
    await here.types("ada", "agree", channel=room)

    assert here.told("linus", room)[-1] == "Only @ada and @grace can answer this."
    assert here.said(room)[-1] == "@grace is commander now: @linus asked, @grace and @ada agreed."
    assert still == here.slack.person("ada").id
    assert (await here.incident()).state.commander == here.slack.person("grace").id


async def test_a_hand_over_reads_once_and_right_in_the_timeline(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)
    await here.join(room, "grace")
    await here.types("grace", "ic", channel=room)
    await here.types("ada", "agree", channel=room)

    await here.types("ada", "timeline", channel=room)

    told = here.told("ada", room)[-1].splitlines()
    about_command = [line for line in told if " · " in line and "command" in line]
    assert [line.partition(" · ")[2] for line in about_command] == [
        "@ada took the role of commander",
        "@grace asked that command go from @ada to @grace",
        "@ada agreed: @grace commands now, in place of @ada",
    ]


async def test_a_hand_over_whose_question_was_deleted_is_said_all_the_same(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)
    await here.join(room, "grace")
    await here.types("grace", "ic", channel=room)
    question = here.last(room)
    here.channel(room).messages.pop(question.ts)

    await here.types("ada", "agree", channel=room)

    assert here.said(room)[-1] == "@grace is commander now: @grace asked, @ada agreed."


async def test_a_commander_who_gives_the_role_back_closes_the_question(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)
    await here.join(room, "grace")
    await here.types("grace", "ic", channel=room)
    question = here.last(room)

    await here.types("ada", "release ic", channel=room)

    shown = here.shows(here.channel(room).messages[question.ts])
    assert "Called off: @ada is no longer commander." in shown
    assert "[ Agree ]" not in shown


async def test_a_hand_over_that_is_declined_leaves_the_holder(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)
    await here.join(room, "grace")
    await here.types("grace", "ic", channel=room)

    await here.types("ada", "no", channel=room)

    assert here.said(room)[-1] == "@ada said no: @ada stays commander."
    assert "[ Agree ]" not in here.shows(here.last(room))
    assert (await here.incident()).state.commander == here.slack.person("ada").id


async def test_an_old_question_answers_no_newer_one(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)
    await here.join(room, "grace", "linus")
    await here.types("grace", "ic", channel=room)
    old = here.last(room)
    value = next(
        str(element["value"])
        for block in old.blocks
        for element in block.get("elements", [])
        if element.get("action_id") == "agree"
    )
    await here.types("ada", "ic @linus", channel=room)
    new = here.last(room)
    for block in new.blocks:
        for element in block.get("elements", []):
            if element.get("action_id") == "agree":
                element["value"] = value

    await here.presses("linus", new, "Agree")

    assert here.told("linus", room) == [
        "This hand-over is no longer open: it was answered, called off, or the role moved on."
    ]
    assert (await here.incident()).state.commander == here.slack.person("ada").id


async def test_when_the_holder_does_not_answer_for_two_minutes_somebody_may_take_over(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "ic", channel=room)
    await here.join(room, "grace")
    await here.presses("grace", here.card(room), "more:roles", selected="Ask for command")
    question = here.last(room)
    early = here.shows(question)
    await here.types("grace", "takeover now", channel=room)

    await here.forward(timedelta(minutes=2))
    await here.presses("grace", question, "Take over now …")
    await here.submits("grace", reason="No answer, and it gets worse")

    assert "Take over now" not in early
    assert "If there is no answer within 2 minutes you can take over" in here.told("grace", room)[-1]
    assert here.said(room)[1:] == [
        "@ada took the role of commander",
        "Closed without both answers: the command was taken over.",
        "@grace took command over from @ada: No answer, and it gets worse",
    ]
    assert (await here.incident()).state.commander == here.slack.person("grace").id


async def test_how_long_a_holder_has_to_answer_is_a_setting(sqlite_url: str) -> None:
    policy = Policy(nudges=Nudges(handover_answer=timedelta(seconds=30)))
    async with world(sqlite_url, policy=policy) as there:
        room = await there.declare()
        await there.types("ada", "ic", channel=room)
        await there.join(room, "grace")
        await there.types("grace", "ic", channel=room)
        await there.forward(timedelta(seconds=30))

        await there.types("grace", "takeover no answer", channel=room)

        assert (await there.incident()).state.commander == there.slack.person("grace").id


async def test_an_admin_takes_over_without_asking(sqlite_url: str) -> None:
    async with world(sqlite_url, policy=Policy(who_may=WhoMay(admins=frozenset({GRACE})))) as there:
        room = await there.declare()
        await there.types("ada", "ic", channel=room)
        await there.join(room, "grace")

        await there.types("grace", "takeover I know this system", channel=room)

        assert (await there.incident()).state.commander == there.slack.person("grace").id
