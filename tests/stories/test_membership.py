"""Who is in a war room: nobody gets back in by what comes late, nobody stays out for what was missed."""

from bot.domain.shared.vocabulary import ChannelId, IncidentId, UserId
from bot.sandbox.delivery import INTERACTIVE
from bot.sandbox.journal import Call, Delivery
from bot.slack.ids import Action
from bot.slack.views.payload import InteractionPayload
from tests.world import World

SECRET = "Payroll was mailed to everybody"
OUTSIDE = "Only people in the war room of INC-1 act on it. Join #inc-1-revenue-is-wrong, then do it again."


def heard(here: World, kind: str, by: str) -> Delivery:
    """Return the last event of a kind about a person."""
    user = here.slack.person(by).id
    found = [one for one in here.slack.journal.deliveries if one.kind == kind]
    return [one for one in found if one.payload["event"]["user"] == user][-1]


async def again(here: World, delivery: Delivery, **changes: str) -> None:
    """Have Slack deliver an event once more."""
    here.slack.courier.event(delivery.kind, {**delivery.payload, **changes})
    await here.settle()


def slip_in(here: World, room: str, name: str) -> None:
    """Put somebody into a room without a word to the bot, as if the event had been lost."""
    here.slack.workspace.channel(room).members.append(here.slack.person(name).id)


def asked_who(here: World) -> list[Call]:
    """Return the calls that asked who is in a room."""
    return [call for call in here.slack.journal.calls if call.method == "conversations.members"]


async def is_in(here: World, name: str) -> bool:
    return await here.bot.ports.reads.is_member(IncidentId(1), UserId(here.slack.person(name).id))


async def lists(here: World, by: str) -> str:
    await here.types(by, "list")
    return here.told(by, "general")[-1]


async def test_a_joining_told_again_lets_nobody_back_into_a_private_room(here: World) -> None:
    room = await here.declare(title=SECRET, marks=["private"])
    await here.slack.person("ada").invite(room, "grace")
    await here.settle()
    inside = await lists(here, "grace")
    joined = heard(here, "member_joined_channel", "grace")
    await here.slack.person("grace").leave(room)
    await here.settle()

    await again(here, joined)
    same = await lists(here, "grace")
    await again(here, joined, event_id="Ev0ANOTHER")
    other = await lists(here, "grace")

    assert SECRET in inside
    assert SECRET not in same + other


async def test_a_reaction_told_late_lets_nobody_back_into_a_private_room(here: World) -> None:
    room = await here.declare(title=SECRET, marks=["private"])
    await here.slack.person("ada").invite(room, "grace")
    await here.slack.person("grace").react(here.card(room), "pushpin")
    await here.settle()
    reacted = heard(here, "reaction_added", "grace")
    await here.slack.person("grace").leave(room)
    await here.settle()

    await again(here, reacted, event_id="Ev0ANOTHER")

    assert SECRET not in await lists(here, "grace")
    assert not await is_in(here, "grace")


async def test_who_is_in_a_room_unheard_acts_at_the_first_try(here: World) -> None:
    room = await here.declare()
    slip_in(here, room, "grace")

    await here.types("grace", "fixing", channel=room)
    await here.types("grace", "INC-1 monitoring")

    assert here.said(room)[1:] == [
        "@grace moved it from investigating to fixing",
        "@grace moved it from fixing to monitoring",
    ]
    assert here.told("grace", room) == []


async def test_who_is_in_a_private_room_unheard_acts_and_opens_forms(here: World) -> None:
    room = await here.declare(title=SECRET, marks=["private"])
    slip_in(here, room, "grace")

    await here.presses("grace", here.card(room), "take:commander")
    await here.types("grace", "update", channel=room)

    assert here.said(room)[1:] == ["@grace took the role of commander"]
    assert here.slack.person("grace").modal


async def test_the_ack_does_not_wait_for_the_look(here: World) -> None:
    room = await here.declare()
    slip_in(here, room, "grace")
    asked = len(asked_who(here))
    here.slack.faults.slow("conversations.members", seconds=0.3, times=1)

    reply = await here.slack.person("grace").command("/incident", "fixing", channel=room)
    answered = [call for call in asked_who(here)[asked:] if call.status]
    await here.settle()

    assert reply.acked
    assert answered == []
    assert here.said(room)[1:] == ["@grace moved it from investigating to fixing"]


async def test_where_slack_does_not_say_who_is_in_the_person_is_told_so(here: World) -> None:
    room = await here.declare()
    slip_in(here, room, "grace")
    here.slack.faults.fail("conversations.members", status=503, times=1)

    await here.types("grace", "fixing", channel=room)

    (told,) = here.told("grace", room)
    assert told.startswith("Slack does not say just now whether you are in the war room")


async def test_who_is_outside_is_refused_after_the_look_as_before_it(here: World) -> None:
    room = await here.declare()

    await here.types("grace", "INC-1 fixing")
    await here.presses("grace", here.card(room), "move:fixing")

    assert here.told("grace", "general") == [OUTSIDE]
    assert here.told("grace", room) == [OUTSIDE]


async def test_slack_is_not_asked_about_a_private_room_for_who_names_it_from_outside(here: World) -> None:
    await here.declare(title=SECRET, marks=["private"])
    before = len(asked_who(here))

    hidden = await here.types("grace", "INC-1 resolve")
    missing = await here.types("grace", "INC-9 resolve")

    assert hidden.text.replace("INC-1", "INC-9") == missing.text
    assert len(asked_who(here)) == before


async def test_a_form_filled_in_meanwhile_is_kept_while_slack_is_asked(here: World) -> None:
    room = await here.declare()
    await here.join(room, "grace")
    grace = here.slack.person("grace")
    await here.types("grace", "note", channel=room)
    form = await grace.wait_for_modal()
    async with here.bot.ports.work() as work:
        await work.members.forget((await here.incident()).id)
        await work.commit()

    first = await grace.submit(form, {"note": "Rolled back"})
    await here.settle()
    second = await grace.submit(form, {"note": "Rolled back"})
    await here.settle()

    (said,) = first.errors.values()
    assert said.startswith("We are asking Slack whether you are in the war room.")
    assert second.ok
    assert here.said(room)[-1] == "@grace noted: Rolled back"


async def test_who_was_taken_out_of_a_closed_private_room_while_we_were_away_reads_nothing(
    here: World,
) -> None:
    room = await here.declare(title=SECRET, marks=["private"])
    await here.slack.person("ada").invite(room, "grace")
    for typed in ("resolve", "close"):
        await here.types("ada", typed, channel=room)
    before = await lists(here, "grace")

    await here.stop()
    await here.slack.person("ada").kick(room, "grace")
    await here.lose_events()
    here.slack.faults.limit("conversations.members", retry_after=1, times=1)
    await here.start()
    at_once = await lists(here, "grace")
    hidden = await here.types("grace", "INC-1 timeline")

    assert SECRET in before
    assert SECRET not in at_once
    assert "There is no incident INC-1 that you can see." in hidden.text
    assert SECRET in await lists(here, "ada")


async def test_a_channel_in_a_buttons_value_makes_nobody_a_member(here: World) -> None:
    room = await here.declare(title=SECRET, marks=["private"])
    channel = ChannelId(here.channel(room).id)
    tray = await here.types("grace", "")
    assert tray.message

    for action in (Action.LIST, Action.TIMELINE, Action.NOTE, Action.TAKE):
        pressed = {
            "type": "button",
            "action_id": str(action),
            "block_id": "b",
            "action_ts": "1.0",
            "value": InteractionPayload(channel=channel).pack(),
        }
        body = here.slack.payloads.clicked_message(here.slack.person("grace").user, tray.message, pressed)
        await here.slack.courier.ask("block_actions", INTERACTIVE, body)
        await here.settle()

    incident = await here.incident()
    assert not await is_in(here, "grace")
    assert SECRET not in "\n".join(here.told("grace", "general"))
    assert incident.state.roles == ()


async def test_a_private_room_without_us_is_shown_to_nobody_until_we_are_back(here: World) -> None:
    room = await here.declare(title=SECRET, marks=["private"])
    ada = here.slack.person("ada")
    await ada.invite(room, "grace")
    await here.settle()

    await ada.kick(room, "warroom")
    await here.settle()
    await here.slack.person("grace").leave(room)
    without_us = await lists(here, "ada") + await lists(here, "grace")
    await ada.invite(room, "warroom")
    await here.settle()

    assert SECRET not in without_us
    assert SECRET in await lists(here, "ada")
    assert SECRET not in await lists(here, "grace")


async def test_a_form_of_somebody_who_is_not_in_the_room_is_refused_once_slack_was_asked(here: World) -> None:
    room = await here.declare()
    await here.join(room, "grace")
    grace = here.slack.person("grace")
    await here.types("grace", "note", channel=room)
    form = await grace.wait_for_modal()
    await grace.leave(room)
    await here.settle()

    first = await grace.submit(form, {"note": "Rolled back"})
    await here.settle()
    second = await grace.submit(form, {"note": "Rolled back"})
    await here.settle()

    assert ["We are asking Slack" in said for said in first.errors.values()] == [True]
    assert ["Only people in the war room" in said for said in second.errors.values()] == [True]
    assert len(here.said(room)) == 1
