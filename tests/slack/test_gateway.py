"""Slack, spoken to in meaning: nothing is done twice, and what is not ours is never taken."""

from datetime import timedelta

import pytest

from bot.domain.shared.vocabulary import ChannelId, IncidentId, UserId
from bot.sandbox import Sandbox
from bot.slack.client.calls import Calls
from bot.slack.client.gateway import SLACKBOT, Gateway
from bot.usecases.messages import Plain
from bot.usecases.ports import Account, PermanentFailure, Posted, Room, RoomWanted, Unavailable

NAME = "inc-1-orders-are-late"
HELLO = Plain(text="This is now INC-1")


def wanted(slack: Sandbox, **changes: object) -> RoomWanted:
    given: dict[str, object] = {
        "incident": IncidentId(1), "name": NAME, "private": False, "declared_at": slack.clock.now(), **changes
    }  # fmt: skip
    return RoomWanted(**given)  # type: ignore[arg-type]


async def lost(gateway: Gateway, room: RoomWanted, slack: Sandbox) -> str:
    """Open a room whose reply is lost; returns the channel that Slack made all the same."""
    slack.faults.lose_reply("conversations.create")
    with pytest.raises(Unavailable):
        await gateway.open_room(room, look=False)
    return next(one.id for one in slack.workspace.channels.all.values() if one.name == room.name)


def rooms(slack: Sandbox) -> list[str]:
    return sorted(one.name for one in slack.workspace.channels.all.values() if one.name.startswith("inc-"))


# -- the channel


@pytest.mark.parametrize("private", [False, True])
async def test_a_room_whose_reply_was_lost_is_found_again(
    slack: Sandbox,
    gateway: Gateway,
    private: bool,  # noqa: FBT001 - a column of the table
) -> None:
    room = wanted(slack, private=private)
    channel = await lost(gateway, room, slack)

    found = await gateway.open_room(room, look=True)

    assert found == Room(channel=ChannelId(channel), name=NAME)
    assert rooms(slack) == [NAME]


async def test_a_name_that_somebody_else_has_is_numbered(slack: Sandbox, gateway: Gateway) -> None:
    await slack.person("ada").create_channel(NAME)

    second = await gateway.open_room(wanted(slack), look=False)
    third = await gateway.open_room(wanted(slack), look=False)
    again = await gateway.open_room(wanted(slack, taken=frozenset({second.channel})), look=True)

    assert (second.name, third.name) == (f"{NAME}-2", f"{NAME}-3")
    assert again == third
    assert rooms(slack) == [NAME, f"{NAME}-2", f"{NAME}-3"]


async def test_a_numbered_name_still_fits(slack: Sandbox, gateway: Gateway) -> None:
    await slack.person("ada").create_channel("i" * 80)

    found = await gateway.open_room(wanted(slack, name="i" * 80), look=False)

    assert found.name == "i" * 78 + "-2"


@pytest.mark.parametrize("why", ["topic", "age", "taken", "privacy", "archived"])
async def test_a_room_of_ours_that_is_another_incidents_is_left_alone(
    slack: Sandbox, gateway: Gateway, why: str
) -> None:
    first = wanted(slack)
    channel = slack.workspace.channels.all[await lost(gateway, first, slack)]
    again = first
    if why == "topic":
        channel.topic["value"] = "Finance only"
    elif why == "age":
        again = wanted(slack, declared_at=slack.clock.now() + timedelta(hours=1))
    elif why == "taken":
        again = wanted(slack, taken=frozenset({ChannelId(channel.id)}))
    elif why == "privacy":
        again = wanted(slack, private=True)
    else:
        channel.archived = True

    found = await gateway.open_room(again, look=True)

    assert found.channel != channel.id
    assert found.name == f"{NAME}-2"


async def test_private_never_falls_back_to_public(slack: Sandbox, gateway: Gateway) -> None:
    slack.faults.refuse("conversations.create", error="restricted_action")

    with pytest.raises(PermanentFailure):
        await gateway.open_room(wanted(slack, private=True), look=False)

    assert rooms(slack) == []


async def test_a_topic_is_cut_to_what_slack_takes(slack: Sandbox, gateway: Gateway) -> None:
    room = await gateway.open_room(wanted(slack), look=False)

    await gateway.set_topic(room.channel, "x" * 400)

    assert len(slack.workspace.channels.all[room.channel].topic["value"]) <= 250


# -- people


async def test_one_who_cannot_be_invited_keeps_nobody_out(slack: Sandbox, gateway: Gateway) -> None:
    room = await gateway.open_room(wanted(slack), look=False)
    ada, grace = (UserId(slack.person(name).id) for name in ("ada", "grace"))

    with pytest.raises(PermanentFailure) as refused:
        await gateway.invite(room.channel, [ada, UserId("U0NOBODY"), grace])

    assert refused.value.code == "user_not_found"
    assert await gateway.members(room.channel) == {ada, grace}


async def test_inviting_who_is_in_already_is_no_failure(slack: Sandbox, gateway: Gateway) -> None:
    room = await gateway.open_room(wanted(slack), look=False)
    people = [UserId(slack.person(name).id) for name in ("ada", "grace")]
    us = (await gateway.who()).user

    for some in (people[:1], people, people, [us, *people]):
        await gateway.invite(room.channel, some)

    assert await gateway.members(room.channel) == set(people)


async def test_more_people_than_one_call_takes_are_all_invited(slack: Sandbox, gateway: Gateway) -> None:
    room = await gateway.open_room(wanted(slack), look=False)
    people = [UserId(slack.add_person(f"person{number}").id) for number in range(101)]

    await gateway.invite(room.channel, people)

    assert len(slack.journal.called("conversations.invite")) == 2
    assert await gateway.members(room.channel) == set(people)


async def test_we_and_slackbot_are_no_people(slack: Sandbox, gateway: Gateway) -> None:
    us = (await gateway.who()).user

    assert gateway.account(us) is Account.BOT
    assert gateway.account(SLACKBOT) is Account.BOT
    assert gateway.account(UserId(slack.person("ada").id)) is Account.UNKNOWN


async def test_people_are_found_by_the_name_slack_shows_and_called_by_it(
    slack: Sandbox, gateway: Gateway
) -> None:
    ada, gone, other = slack.person("ada"), slack.add_person("gone"), slack.add_person("other-bot")
    gone.user.deleted = True
    other.user.is_bot = True

    found = [list(await gateway.named(name)) for name in ("@Ada", "gone", "other-bot", "zebra")]
    called = await gateway.names([UserId(ada.id), UserId("U0NOBODY")])

    assert found == [[ada.id], [], [], []]
    assert called == {ada.id: "ada"}


# -- messages


async def test_a_message_whose_reply_was_lost_is_found_by_its_key(slack: Sandbox, gateway: Gateway) -> None:
    room = await gateway.open_room(wanted(slack), look=False)
    slack.faults.lose_reply("chat.postMessage")
    with pytest.raises(Unavailable):
        await gateway.post(room.channel, HELLO, key="first", look=False)

    found = await gateway.post(room.channel, HELLO, key="first", look=True)
    other = await gateway.post(room.channel, HELLO, key="second", look=True)

    said = [m for m in slack.workspace.channels.all[room.channel].messages.values() if m.text == HELLO.text]
    assert [message.ts for message in said] == [found.ts, other.ts]


async def test_a_message_is_found_however_many_others_followed_it(slack: Sandbox, gateway: Gateway) -> None:
    room = await gateway.open_room(wanted(slack), look=False)
    since = slack.clock.now()
    slack.faults.lose_reply("chat.postMessage")
    with pytest.raises(Unavailable):
        await gateway.post(room.channel, HELLO, key="first", look=False)
    for number in range(450):
        await gateway.post(room.channel, Plain(text=str(number)), key=str(number), look=False)

    await gateway.post(room.channel, HELLO, key="first", look=True, since=since)

    said = [m for m in slack.workspace.channels.all[room.channel].messages.values() if m.text == HELLO.text]
    assert len(said) == 1


async def test_what_was_said_long_before_is_not_looked_through(slack: Sandbox, gateway: Gateway) -> None:
    room = await gateway.open_room(wanted(slack), look=False)
    for number in range(250):
        await gateway.post(room.channel, Plain(text=str(number)), key=str(number), look=False)
    slack.clock.forward(timedelta(hours=1))
    before = len(slack.journal.called("conversations.history"))

    await gateway.post(room.channel, HELLO, key="first", look=True, since=slack.clock.now())

    assert len(slack.journal.called("conversations.history")) == before + 1


async def test_a_reply_whose_reply_was_lost_is_found_in_its_thread(slack: Sandbox, gateway: Gateway) -> None:
    room = await gateway.open_room(wanted(slack), look=False)
    parent = await gateway.post(room.channel, HELLO, key="parent", look=False)
    slack.faults.lose_reply("chat.postMessage")
    with pytest.raises(Unavailable):
        await gateway.post(room.channel, HELLO, key="reply", look=False, thread=parent.ts)

    found = await gateway.post(room.channel, HELLO, key="reply", look=True, thread=parent.ts)

    replies = [
        m for m in slack.workspace.channels.all[room.channel].messages.values() if m.thread_ts == parent.ts
    ]
    assert [m.ts for m in replies if m.ts != parent.ts] == [found.ts]


async def test_a_direct_message_is_found_again_too(slack: Sandbox, gateway: Gateway) -> None:
    ada = slack.person("ada")
    slack.faults.lose_reply("chat.postMessage")
    with pytest.raises(Unavailable):
        await gateway.tell(UserId(ada.id), HELLO, key="duties", look=False)

    await gateway.tell(UserId(ada.id), HELLO, key="duties", look=True)

    assert [message.text for message in ada.dms()] == [HELLO.text]


async def test_when_looking_fails_nothing_is_said(slack: Sandbox, gateway: Gateway) -> None:
    room = await gateway.open_room(wanted(slack), look=False)
    slack.faults.fail("conversations.history")

    with pytest.raises(Unavailable):
        await gateway.post(room.channel, HELLO, key="first", look=True)

    assert not slack.journal.called("chat.postMessage")


async def test_a_message_is_edited_in_place_and_pinned_once(slack: Sandbox, gateway: Gateway) -> None:
    room = await gateway.open_room(wanted(slack), look=False)
    posted = await gateway.post(room.channel, HELLO, key="card", look=False)

    await gateway.edit(posted, Plain(text="This was INC-1"))
    await gateway.pin(posted)
    await gateway.pin(posted)

    channel = slack.workspace.channels.all[room.channel]
    assert channel.messages[posted.ts].text == "This was INC-1"
    assert list(channel.pins) == [posted.ts]


async def test_a_link_is_put_on_the_bar_once(slack: Sandbox, gateway: Gateway) -> None:
    room = await gateway.open_room(wanted(slack), look=False)
    link = await gateway.link_to(Posted(channel=room.channel, ts="1790000000.000100"))
    slack.faults.lose_reply("bookmarks.add")
    with pytest.raises(Unavailable):
        await gateway.bookmark(room.channel, title="INC-1 card", link=link, look=False)

    await gateway.bookmark(room.channel, title="INC-1 card", link=link, look=True)

    assert len(slack.workspace.channels.all[room.channel].bookmarks) == 1
    assert link.endswith(f"/archives/{room.channel}/p1790000000000100")


# -- where incidents are announced


@pytest.mark.parametrize("setting", ["incidents", "#incidents", "id"])
async def test_the_incidents_channel_is_found_by_name_or_id_and_joined(
    slack: Sandbox, call: Calls, setting: str
) -> None:
    channel = slack.person("ada").channel("incidents")
    gateway = Gateway(call, incidents=channel.id if setting == "id" else setting)

    found = [await gateway.incidents_channel() for _ in range(2)]

    assert found == [channel.id, channel.id]
    assert slack.bot_user.id in channel.members
    assert len(slack.journal.called("conversations.join")) == 1


async def test_an_incidents_channel_that_was_made_anew_is_found_when_the_old_one_refuses(
    slack: Sandbox, call: Calls
) -> None:
    gateway = Gateway(call, incidents="incidents")
    first = await gateway.incidents_channel()
    assert first
    old = slack.workspace.channels.all[first]
    old.archived, old.name = True, "incidents-old"
    await slack.person("ada").create_channel("incidents")

    remembered = await gateway.incidents_channel()
    second = await gateway.incidents_channel(anew=True)

    assert remembered == first
    assert second == slack.person("ada").channel("incidents").id


async def test_without_an_incidents_channel_there_is_nowhere_to_announce(slack: Sandbox, call: Calls) -> None:
    await slack.person("ada").archive("incidents")

    assert await Gateway(call, incidents="incidents").incidents_channel() is None
    assert await Gateway(call, incidents="nowhere").incidents_channel() is None


async def test_a_private_incidents_channel_is_used_once_we_are_invited(slack: Sandbox, call: Calls) -> None:
    ada = slack.person("ada")
    channel = await ada.create_channel("war-council", private=True)
    gateway = Gateway(call, incidents="war-council")

    before = await gateway.incidents_channel()
    slack.workspace.channels.invite(channel.id, [slack.bot_user.id], by=ada.id)
    after = await gateway.incidents_channel()

    assert (before, after) == (None, channel.id)


# -- bots, and what was missed


async def test_the_bots_of_the_workspace_are_known_once_they_were_learnt(
    slack: Sandbox, gateway: Gateway
) -> None:
    other = slack.add_person("deploybot")
    other.user.is_bot = True

    await gateway.learn_people()

    assert gateway.account(UserId(other.id)) is Account.BOT
    assert gateway.account(UserId(slack.bot_user.id)) is Account.BOT
    assert gateway.account(SLACKBOT) is Account.BOT
    assert gateway.account(UserId(slack.person("ada").id)) is Account.PERSON


async def test_history_is_what_people_said_since_threads_included(slack: Sandbox, gateway: Gateway) -> None:
    ada, grace = slack.person("ada"), slack.person("grace")
    room = await ada.create_channel("room")
    await ada.invite("room", "warroom", "grace")
    old = await ada.say("room", "before")
    slack.clock.forward(timedelta(minutes=5))
    after = f"{slack.clock.now().timestamp():.6f}"
    late = await grace.say("room", "a late reply", thread=old.ts)
    new = await ada.say("room", "after")
    reply = await grace.say("room", "a reply", thread=new.ts)

    history = await gateway.history(ChannelId(room.id), after=after)

    assert [one.ts for one in history.messages] == [late.ts, new.ts, reply.ts]
    assert {old.ts, new.ts} <= history.roots
    assert history.whole


async def test_somebody_is_looked_up_who_is_not_known(gateway: Gateway, slack: Sandbox) -> None:
    gone, nobody = UserId(slack.workspace.deactivate("linus").id), UserId("U0NOBODY")
    ada = UserId(slack.person("ada").id)

    for person in (ada, gone, nobody):
        await gateway.look_up(person)

    known = [gateway.account(person) for person in (ada, gone, nobody)]
    assert known == [Account.PERSON, Account.DEACTIVATED, Account.NOBODY]


async def test_a_failure_to_look_somebody_up_says_nothing_of_them(gateway: Gateway, slack: Sandbox) -> None:
    slack.faults.refuse("users.info", error="user_is_restricted")

    with pytest.raises(PermanentFailure):
        await gateway.look_up(UserId("U0NOBODY"))

    assert gateway.account(UserId("U0NOBODY")) is Account.UNKNOWN


async def test_a_private_channel_is_told_from_a_public_one(gateway: Gateway, slack: Sandbox) -> None:
    rooms = [await slack.person("ada").create_channel(f"inc-{number}") for number in range(2)]
    for room in rooms:
        await slack.person("ada").invite(room, "warroom")
    await slack.person("ada").make_private(rooms[1])

    assert [await gateway.is_private(ChannelId(room.id)) for room in rooms] == [False, True]
