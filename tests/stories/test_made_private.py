"""A public room that somebody makes private by hand: outsiders see nothing of its incident from then on."""

from bot.sandbox.state import Kind
from bot.usecases.policy import Policy, WhoMay
from tests.stories.test_membership import lists
from tests.world import World, world

TITLE = "Revenue is wrong"
TOLD = (
    "Until now everybody in the workspace could read it, its announcement and the incident's timeline; "
    "from now on the incident is private too, and only people in this room see anything of it"
)
WITHDRAWN = "INC-1 is private now. Its announcement was withdrawn."


def convert_unheard(here: World, room: str, kind: Kind = Kind.PRIVATE) -> None:
    """Convert a room without a word to the bot, as if the event had been lost."""
    here.slack.workspace.channel(room).kind = kind


async def test_a_room_made_private_takes_its_incident_out_of_sight(here: World) -> None:
    room = await here.declare(title=TITLE)
    await here.join(room, "linus")
    before = await lists(here, "grace")

    await here.slack.person("ada").make_private(room)
    await here.settle()
    await here.types("ada", "ic", channel=room)
    after = await lists(here, "grace")
    hidden = await here.types("grace", "INC-1 timeline")
    await here.slack.person("grace").open_home()
    await here.settle()

    assert TITLE in before
    assert TITLE not in after + here.shows(here.slack.person("grace").home) + here.text("incidents")
    assert "There is no incident INC-1 that you can see." in hidden.text
    assert here.said("incidents") == [WITHDRAWN]
    assert here.said(room)[1:] == [
        f"@ada made this room private. {TOLD}",
        "@ada took the role of commander",
    ]
    assert "PRIVATE" in here.shows(here.card(room))
    assert TITLE in await lists(here, "linus")


async def test_the_first_message_tells_what_the_lost_event_did_not(here: World) -> None:
    room = await here.declare(title=TITLE)
    convert_unheard(here, room)

    await here.slack.person("ada").say(room, "The customer is Example Ltd.")
    await here.settle()

    assert TITLE not in await lists(here, "grace")
    assert here.said("incidents") == [WITHDRAWN]
    assert here.said(room)[-1] == f"Warroom noticed that this room was made private. {TOLD}"
    assert "Example Ltd." in (await here.types("ada", "timeline", channel=room)).text + "\n".join(
        here.told("ada", room)
    )


async def test_somebody_who_is_let_in_tells_it_as_well(here: World) -> None:
    room = await here.declare(title=TITLE)
    convert_unheard(here, room)

    await here.slack.person("ada").invite(room, "linus")
    await here.settle()

    assert TITLE not in await lists(here, "grace")
    assert TITLE in await lists(here, "linus")


async def test_a_room_made_private_while_we_were_away_is_noticed_on_return(here: World) -> None:
    room = await here.declare(title=TITLE)

    await here.stop()
    convert_unheard(here, room)
    await here.start()
    await here.settle()

    assert TITLE not in await lists(here, "grace")
    assert here.said("incidents") == [WITHDRAWN]
    assert TITLE in await lists(here, "ada")


async def test_a_private_room_made_public_shows_nothing_of_what_was_private(here: World) -> None:
    room = await here.declare(title=TITLE, marks=["private"])

    await here.slack.person("ada").make_public(room)
    await here.slack.person("ada").say(room, "Now everybody may read this")
    await here.settle()
    await here.restart()

    assert (await here.incident()).state.private
    assert TITLE not in await lists(here, "grace")
    assert here.said("incidents") == []


async def test_acting_from_outside_ends_with_the_room_made_private(sqlite_url: str) -> None:
    async with world(sqlite_url, policy=Policy(who_may=WhoMay(act_from_outside=True))) as there:
        room = await there.declare(title=TITLE)
        await there.slack.person("ada").make_private(room)
        await there.settle()

        refused = await there.types("grace", "INC-1 fixing")

        assert "There is no incident INC-1 that you can see." in refused.text
