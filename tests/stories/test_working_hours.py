"""Outside working hours the bot leaves people in peace, unless a major incident is open."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.shared.working_hours import WorkingHours
from bot.usecases.policy import Policy
from tests.world import World, world

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HOURS = WorkingHours(zone=ZoneInfo("UTC"), days=frozenset(range(5)), opens=time(9), closes=time(17))
COMMANDER, POSTMORTEM = "has had no commander since", "the postmortem of"


def asked(there: World, room: str, about: str) -> list[str]:
    """Return when the bot asked for one thing in a room; what was asked again below is a question no more."""
    return [
        f"{datetime.fromtimestamp(float(message.ts), UTC):%a %H:%M}"
        for message in there.channel(room).messages.values()
        if about in there.slack.screen.words(message.text)
    ]


async def test_a_minor_incident_that_begins_at_closing_time_is_asked_for_a_commander_in_the_morning(
    sqlite_url: str,
) -> None:
    async with world(sqlite_url, policy=Policy(hours=HOURS)) as there:
        await there.forward(7 * HOUR - 2 * MINUTE)  # Monday, 16:58
        minor = await there.declare(severity="SEV3")
        major = await there.declare(title="Orders are late", severity="SEV1")

        await there.forward(5 * MINUTE)
        evening = asked(there, minor, COMMANDER), asked(there, major, COMMANDER)
        await there.forward(15 * HOUR + 56 * MINUTE)
        before_nine = asked(there, minor, COMMANDER)
        await there.forward(1 * MINUTE)

        assert evening == ([], ["Mon 17:03"])
        assert before_nine == []
        assert asked(there, minor, COMMANDER) == ["Tue 09:00"]


async def test_asking_again_for_a_commander_waits_for_the_morning_too(sqlite_url: str) -> None:
    async with world(sqlite_url, policy=Policy(hours=HOURS)) as there:
        await there.forward(7 * HOUR - 10 * MINUTE)  # Monday, 16:50
        minor = await there.declare(severity="SEV3")

        await there.forward(5 * MINUTE)
        at_work = asked(there, minor, COMMANDER)
        await there.forward(15 * HOUR + 64 * MINUTE)
        before_nine = asked(there, minor, COMMANDER)
        await there.forward(1 * MINUTE)

        assert (at_work, before_nine) == (["Mon 16:55"], ["Mon 16:55"])
        assert asked(there, minor, COMMANDER) == ["Tue 09:00"]


async def test_once_a_major_incident_has_ended_its_reminders_keep_to_working_hours(sqlite_url: str) -> None:
    async with world(sqlite_url, policy=Policy(hours=HOURS)) as there:
        room = await there.declare(severity="SEV1")
        await there.forward(8 * HOUR)  # Monday, 18:00; the postmortem is due on Wednesday at this time
        await there.types("ada", "resolve it is fixed", channel=room)
        await there.forward(23 * HOUR + 59 * MINUTE)
        before = asked(there, room, POSTMORTEM)

        await there.forward(15 * HOUR)
        night = asked(there, room, POSTMORTEM)
        await there.forward(1 * MINUTE)

        assert before == night == ["Mon 18:00"]
        assert asked(there, room, POSTMORTEM) == ["Wed 09:00"]
