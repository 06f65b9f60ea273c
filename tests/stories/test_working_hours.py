"""Outside working hours the bot leaves people in peace, unless a major incident is open."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.shared.working_hours import WorkingHours
from bot.usecases.policy import Policy
from tests.world import World, world

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HOURS = WorkingHours(zone=ZoneInfo("UTC"), days=frozenset(range(5)), opens=time(9), closes=time(17))
COMMANDER, POSTMORTEM = "has had no commander since", "The postmortem of"


def said(there: World, room: str, about: str) -> int:
    """Return how often the bot asked for one thing in a room."""
    return sum(about in line for line in there.said(room))


async def test_a_minor_incident_that_begins_at_closing_time_is_asked_for_a_commander_in_the_morning(
    sqlite_url: str,
) -> None:
    async with world(sqlite_url, policy=Policy(hours=HOURS)) as there:
        await there.forward(7 * HOUR - 2 * MINUTE)  # Monday, 16:58
        minor = await there.declare(severity="SEV3")
        major = await there.declare(title="Orders are late", severity="SEV1")

        await there.forward(5 * MINUTE)
        evening = said(there, minor, COMMANDER), said(there, major, COMMANDER)
        await there.forward(15 * HOUR + 56 * MINUTE)
        before_nine = said(there, minor, COMMANDER)
        await there.forward(1 * MINUTE)

        assert evening == (0, 1)
        assert before_nine == 0
        assert said(there, minor, COMMANDER) == 1


async def test_asking_again_for_a_commander_waits_for_the_morning_too(sqlite_url: str) -> None:
    async with world(sqlite_url, policy=Policy(hours=HOURS)) as there:
        await there.forward(7 * HOUR - 10 * MINUTE)  # Monday, 16:50
        minor = await there.declare(severity="SEV3")

        await there.forward(5 * MINUTE)
        at_work = said(there, minor, COMMANDER)
        await there.forward(15 * HOUR + 64 * MINUTE)
        before_nine = said(there, minor, COMMANDER)
        await there.forward(1 * MINUTE)

        assert (at_work, before_nine, said(there, minor, COMMANDER)) == (1, 1, 2)


async def test_once_a_major_incident_has_ended_its_reminders_keep_to_working_hours(sqlite_url: str) -> None:
    async with world(sqlite_url, policy=Policy(hours=HOURS)) as there:
        room = await there.declare(severity="SEV1")
        await there.forward(8 * HOUR)  # Monday, 18:00; the postmortem is due on Wednesday at this time
        await there.types("ada", "resolve", channel=room)
        await there.forward(23 * HOUR + 59 * MINUTE)
        before = said(there, room, POSTMORTEM)

        await there.forward(15 * HOUR)
        night = said(there, room, POSTMORTEM)
        await there.forward(1 * MINUTE)

        assert before == night
        assert said(there, room, POSTMORTEM) == before + 1
