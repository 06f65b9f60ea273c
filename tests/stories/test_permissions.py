"""Who may act and who may see: members act, settings narrow it, private incidents are nowhere else."""

import aiohttp
import pytest

from bot.domain.shared.vocabulary import UserId
from bot.sandbox import SlackError
from bot.sandbox.state import Kind
from bot.usecases.policy import Policy, WhoMay
from tests.world import World, world

ADA, LINUS = UserId("U00000001"), UserId("U00000003")
SECRET = "Payroll was mailed to everybody"


async def test_who_is_not_in_the_war_room_is_refused_and_told_to_join(here: World) -> None:
    room = await here.declare()

    await here.types("grace", "INC-1 resolve it is fixed")
    await here.types("grace", "INC-1 ic @linus")
    refused = here.told("grace", "general")
    await here.join(room, "grace")
    await here.presses("grace", here.card(room), "take:commander")

    sentence = (
        "Only people in the war room of INC-1 act on it. Join #inc-1-revenue-is-wrong, then do it again."
    )
    assert refused == [sentence, sentence]
    assert here.said(room)[1:] == ["@grace took the role of commander"]


async def test_a_form_that_could_not_be_sent_is_refused_before_it_is_filled_in(here: World) -> None:
    room = await here.declare()

    await here.types("grace", "INC-1 update")
    await here.presses("grace", here.card(room), "Resolve …")

    assert here.slack.person("grace").modal is None
    assert here.told("grace", "general")[0].startswith("Only people in the war room of INC-1 act on it.")
    assert here.told("grace", room)[0].startswith("Only people in the war room of INC-1 act on it.")


async def test_who_left_no_longer_acts(here: World) -> None:
    room = await here.declare()
    await here.join(room, "grace")
    await here.slack.person("grace").leave(room)
    await here.settle()

    await here.types("grace", "INC-1 resolve it is fixed")

    assert here.told("grace", "general")[0].startswith("Only people in the war room of INC-1 act on it.")


async def test_settings_let_people_act_from_outside(sqlite_url: str) -> None:
    async with world(sqlite_url, policy=Policy(who_may=WhoMay(act_from_outside=True))) as there:
        room = await there.declare()

        await there.types("grace", "INC-1 fixing")

        assert there.said(room)[1:] == ["@grace moved it from investigating to fixing"]
        assert there.told("grace", "general") == ["INC-1 is fixing now."]


async def test_settings_say_who_may_declare_rate_resolve_and_close(sqlite_url: str) -> None:
    who_may = WhoMay(
        admins=frozenset({LINUS}),
        declare=frozenset({ADA}),
        change_severity=frozenset({ADA}),
        resolve=frozenset({ADA}),
        close=frozenset({ADA}),
    )
    async with world(sqlite_url, policy=Policy(who_may=who_may)) as there:
        room = await there.declare()
        await there.join(room, "grace", "linus")
        grace = there.slack.person("grace")

        for typed in ("declare mine", "sev 1", "resolve", "close"):
            await there.types("grace", typed, channel=room)
        await there.types("grace", "update", channel=room)
        submitted = await grace.submit(
            await grace.wait_for_modal(),
            {"conditions": "x", "condition": "wrong", "actions": "y", "status": "Resolved"},
        )
        await there.types("linus", "resolve it is fixed", channel=room)

        assert there.told("grace", room) == [
            "Only @ada, @linus may declare incidents. Ask one of them.",
            "Only @ada, @linus may change a severity. Ask one of them.",
            "Only @ada, @linus may end an incident. Ask one of them.",
            "Only @ada, @linus may close an incident. Ask one of them.",
            "Only @ada, @linus may end an incident. Ask one of them.",
        ]
        assert not submitted.ok
        assert there.said(room)[1] == "@linus moved it from investigating to resolved: it is fixed"


async def test_a_private_incident_is_a_private_channel_and_announced_nowhere(here: World) -> None:
    room = await here.declare(title=SECRET, marks=["private"])

    await here.types("ada", "ic", channel=room)

    assert here.channel(room).kind is Kind.PRIVATE
    assert here.said(room) == [
        f"INC-1 · PRIVATE · SEV2 · {SECRET} · investigating",
        "@ada took the role of commander",
    ]
    assert here.said("incidents") == []
    with pytest.raises(SlackError):
        here.channel(room, by="grace")


async def test_who_is_not_in_a_private_incident_sees_nothing_of_it(here: World) -> None:
    room = await here.declare(title=SECRET, marks=["private"])
    public = await here.declare(title="Orders are late")
    await here.join(public, "grace")
    grace = here.slack.person("grace")

    for typed in ("", "list", "mine", "INC-1", "INC-1 timeline", "INC-1 resolve", "resolve", "declare x"):
        await here.types("grace", typed)
    await here.types("grace", "INC-2 merge INC-1")
    await here.types("grace", "merge INC-1", channel=public)
    await grace.open_home()
    await here.settle()

    seen = "\n".join(
        [
            *here.told("grace", "general"),
            *here.told("grace", public),
            here.shows(grace.home),
            here.shows(grace.modal),
        ]
    )
    assert "Payroll" not in seen
    assert room not in seen
    assert "Orders are late" in here.shows(grace.home)
    assert (await here.incident(2)).state.merged_into is None


async def test_who_is_invited_to_a_private_incident_sees_it(here: World) -> None:
    room = await here.declare(title=SECRET, marks=["private"])

    await here.types("ada", "sme @grace", channel=room)
    await here.types("grace", "list")
    await here.types("grace", "fixing", channel=room)

    await here.slack.person("grace").leave(room)
    await here.settle()
    await here.types("grace", "list")

    with_it, without = here.told("grace", "general")
    assert SECRET in with_it
    assert SECRET not in without
    assert here.said(room)[1:] == ["@ada made @grace SME", "@grace moved it from investigating to fixing"]


async def test_a_public_incident_is_not_merged_into_a_private_one(here: World) -> None:
    public = await here.declare()
    await here.declare(title="A leak", marks=["private"])

    told = await here.types("ada", "merge INC-2", channel=public)

    assert "INC-2 is private" in told.text
    assert (await here.incident(1)).state.merged_into is None


async def test_an_incident_goes_on_only_where_somebody_works(here: World) -> None:
    one = await here.declare()
    two = await here.declare(title="The same")
    await here.types("ada", "merge INC-2", channel=one)

    told = await here.types("ada", "merge INC-1", channel=two)

    assert "INC-1 is merged: nothing goes on there" in told.text
    assert (await here.incident(2)).state.merged_into is None


async def test_a_drill_is_no_place_for_a_real_incident_to_go_on(here: World) -> None:
    one = await here.declare()
    await here.declare(title="Practice", marks=["drill"])

    told = await here.types("ada", "merge INC-2", channel=one)

    assert "INC-2 is a drill" in told.text


async def test_who_is_asked_to_take_the_command_of_a_private_incident_is_let_in(here: World) -> None:
    room = await here.declare(title=SECRET, marks=["private"])
    await here.types("ada", "ic", channel=room)
    await here.types("ada", "ic @grace", channel=room)

    await here.types("grace", "agree", channel=room)

    assert (await here.incident(1)).state.commander == here.slack.person("grace").id


async def test_who_was_deactivated_gets_no_role_and_the_person_is_told_why(here: World) -> None:
    room = await here.declare()
    here.slack.workspace.deactivate("grace")
    await here.settle()

    await here.types("ada", "scribe @grace", channel=room)
    nobody_there = here.slack.add_person("nobody").id
    here.slack.faults.refuse("users.info", error="user_not_found")
    await here.types("ada", "sme @nobody", channel=room)

    deactivated, nobody = here.told("ada", room)
    assert deactivated == "The account of @grace is deactivated. Choose somebody who can come."
    assert (
        nobody == f"There is nobody {nobody_there} in this workspace. Choose somebody from Slack's own list."
    )
    assert (await here.incident()).state.roles == ()
    assert "conversations.invite" not in {call.method for call in here.slack.journal.calls if call.error}


async def test_who_was_deactivated_before_the_start_is_known_to_be(here: World) -> None:
    room = await here.declare()
    await here.stop()
    here.slack.workspace.people[1].deleted = True
    await here.start()
    await here.settle()

    await here.types("ada", "sme @grace", channel=room)

    assert "The account of @grace is deactivated." in here.told("ada", room)[-1]


async def test_somebody_who_has_just_come_to_the_workspace_gets_a_role_at_the_first_try(here: World) -> None:
    room = await here.declare()
    here.slack.add_person("edsger")
    here.slack.add_person("tony", told=True)
    await here.settle()
    before = len(here.slack.journal.calls)

    await here.types("ada", "sme @tony", channel=room)
    heard = [call.method for call in here.slack.journal.calls[before:]]
    await here.types("ada", "scribe @edsger", channel=room)

    assert here.said(room)[1:] == ["@ada made @tony SME", "@ada made @edsger scribe"]
    assert "users.info" not in heard


async def test_private_incidents_are_counted_in_no_metric(sqlite_url: str) -> None:
    async with world(sqlite_url, http=True) as there:
        await there.declare(severity="SEV1", marks=["private"])
        made_private = await there.declare(severity="SEV3")
        await there.slack.person("ada").make_private(made_private)
        await there.declare(severity="SEV2")

        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{there.port}/metrics") as answer,
        ):
            lines = (await answer.text()).splitlines()

        counted = [line for line in lines if line.startswith("warroom_incidents_open{")]
        assert counted == ['warroom_incidents_open{severity="SEV2"} 1.0']


async def test_an_admin_who_is_not_in_a_private_room_is_shown_nothing_that_failed_in_it(
    sqlite_url: str,
) -> None:
    who_may = WhoMay(admins=frozenset({ADA, LINUS}))
    async with world(sqlite_url, policy=Policy(who_may=who_may)) as there:
        there.slack.faults.refuse("conversations.setTopic", error="restricted_action", times=2)
        await there.declare(title=SECRET, marks=["private"])
        await there.declare(title="Orders are late")
        for name in ("ada", "linus"):
            await there.slack.person(name).open_home()
        await there.settle()

        member, outsider = (there.shows(there.slack.person(name).home) for name in ("ada", "linus"))

        assert "INC-1" in member
        assert "INC-1" not in outsider
        assert "INC-2" in outsider
