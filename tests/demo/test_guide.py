"""The guide leads through the incident of whoever looks: never into a room they may not know of."""

from bot.demo import guide
from bot.demo.backstage import Backstage
from bot.sandbox import Sandbox
from bot.sandbox.page import Scene
from tests.demo.test_backstage import Wings
from tests.sandbox.kit import Bot


async def room(bot: Bot, slack: Sandbox, name: str, *, private: bool = False) -> str:
    """Have the bot open a war room with ada in it."""
    made = await bot.client.conversations_create(name=name, is_private=private)
    channel = str(made["channel"]["id"])
    await bot.client.conversations_invite(channel=channel, users=slack.person("ada").id)
    return channel


def shown(slack: Sandbox, who: str) -> str:
    """Return the guide in the eyes of somebody."""
    scene = Scene.of(slack, {"as": who})
    return Backstage(slack, Wings(slack)).extension().aside(scene)


async def test_a_private_room_is_shown_to_who_is_in_it_alone(slack: Sandbox, bot: Bot) -> None:
    await room(bot, slack, "inc-1-salaries", private=True)

    assert "inc-1-salaries" in shown(slack, "ada")
    assert "inc-1-salaries" not in shown(slack, "grace")
    assert 'data-test="guide-declare" aria-current="step"' in shown(slack, "grace")


async def test_who_may_not_see_the_newest_incident_is_led_through_the_newest_they_may(
    slack: Sandbox, bot: Bot
) -> None:
    await room(bot, slack, "inc-1-late")
    await room(bot, slack, "inc-2-salaries", private=True)

    assert "inc-1-late" in shown(slack, "grace")


async def test_a_story_that_is_told_ticks_nothing_off(slack: Sandbox, bot: Bot) -> None:
    await room(bot, slack, "played")

    current = guide.path(slack.person("ada"), lambda each: each.name == "played").current

    assert current is not None
    assert current.key == "declare"
    assert "guide-declare" in shown(slack, "ada")
    assert "#played" not in shown(slack, "ada")
