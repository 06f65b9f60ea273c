"""Declaring: the war room is complete in eight calls, says what it is, and is announced."""

from tests.world import World


async def test_try(here: World) -> None:
    room = await here.declare()
    print(room, here.said(room), here.said("incidents"))
    print(here.slack.describe(last=40))
    print([c.method for c in here.slack.journal.calls])
    assert 0
