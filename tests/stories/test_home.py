"""The App Home: what is open, what is mine, what I owe, and for admins what was given up."""

from bot.domain.shared.vocabulary import UserId
from bot.usecases.policy import Policy, WhoMay
from tests.world import World, world

GRACE = UserId("U00000002")


async def home(there: World, name: str) -> str:
    await there.slack.person(name).open_home()
    await there.settle()
    return there.shows(there.slack.person(name).home)


async def test_it_shows_what_is_open_what_is_mine_and_what_i_owe(here: World) -> None:
    first = await here.declare()
    await here.types("ada", "resolve it is fixed", channel=first)
    await here.types("ada", "pm own", channel=first)
    await here.declare(by="grace", title="Orders are late", severity="SEV3")

    ada, grace = await home(here, "ada"), await home(here, "grace")

    assert "[ Declare an incident ]" in ada
    assert "*Open now*" in ada
    assert "*INC-2* SEV3 · Orders are late" in ada
    assert "You have no role in an open incident." in ada
    assert "*Postmortems you owe*\n*INC-1* · Revenue is wrong\nDue 2026-11-25 10:00 UTC" in ada
    assert "[ Done … ]" in ada
    assert grace.count("*INC-2* SEV3 · Orders are late") == 2
    assert "None. Nothing to write." in grace


async def test_one_declares_from_it(here: World) -> None:
    await home(here, "ada")
    ada = here.slack.person("ada")
    assert ada.home

    await here.presses("ada", ada.home, "Declare an incident")
    await here.submits("ada", title="Revenue is wrong", severity="SEV2")

    assert here.rooms() == ["inc-1-revenue-is-wrong"]


async def test_what_one_owes_is_finished_from_it(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "resolve it is fixed", channel=room)
    await here.types("ada", "pm own", channel=room)
    await home(here, "ada")
    shown = here.slack.person("ada").home
    assert shown

    await here.presses("ada", shown, "Done …")
    await here.submits("ada", link="https://wiki.example/inc-1")

    assert here.said(room)[-1] == "@ada finished the postmortem: wiki.example (https://wiki.example/inc-1)"
    assert "None. Nothing to write." in here.shows(here.slack.person("ada").home)


async def test_a_finished_postmortem_is_owed_no_more_in_the_list(here: World) -> None:
    room = await here.declare()
    await here.types("ada", "resolve it is fixed", channel=room)
    owed = await here.types("ada", "list")
    await here.types("ada", "pm done https://wiki.example/inc-1", channel=room)

    over = await here.types("ada", "list")

    assert "*Postmortem owed* (1)" in here.shows(owed.message)
    assert "*Postmortem owed*" not in here.shows(over.message)
    assert "*Over* (1)" in here.shows(over.message)


async def test_what_was_given_up_says_so_in_the_room_and_admins_retry_it(sqlite_url: str) -> None:
    async with world(sqlite_url, policy=Policy(who_may=WhoMay(admins=frozenset({GRACE})))) as there:
        there.slack.faults.refuse("conversations.setTopic", error="too_long")
        room = await there.declare()
        plain, admin = await home(there, "ada"), await home(there, "grace")
        shown = there.slack.person("grace").home
        assert shown

        await there.presses("grace", shown, "Retry")

        assert "Gave up" not in plain
        assert "*Gave up* (admins see this)" in admin
        assert "too_long" in there.shows(there.last(room))
        assert there.channel(room).topic["value"].startswith("SEV2 · investigating")
        assert "Gave up" not in there.shows(there.slack.person("grace").home)


async def test_a_member_retries_from_the_room(here: World) -> None:
    here.slack.faults.refuse("conversations.setTopic", error="too_long")
    room = await here.declare()

    await here.presses("ada", here.last(room), "Retry")

    assert here.channel(room).topic["value"].startswith("SEV2 · investigating")
    assert here.told("ada", room) == ["Trying again."]
