"""Away for half a day: every obligation is met once, every missed series once, the oldest first."""

from datetime import timedelta

from tests.faults.acts import declare_in, note_in, posts, shell, watched

INCIDENTS = 100
AT_ONCE = 16
"""How many jobs a worker has under way: only so far may one be said before an older one."""


async def test_three_hundred_overdue_at_start_are_paid_once_and_the_oldest_first(sqlite_url: str) -> None:
    async with watched(sqlite_url) as (world, checker):
        slack = world.slack
        async with shell(slack, sqlite_url) as ports:
            numbers = []
            for number in range(INCIDENTS):
                checker.also.append(f"Table {number} has stopped")
                numbers.append(await declare_in(ports, checker.also[-1], drill=True))
                slack.clock.forward(timedelta(seconds=1))
            await world.settle()
            await world.stop()
            slack.clock.forward(timedelta(hours=6))
            for number in numbers:
                await note_in(ports, number, f"what was said by telephone about {number}")
            slack.clock.forward(timedelta(hours=6))
        checker.tried.inputs["overdue"] += 3 * INCIDENTS
        before = len(slack.journal.calls)

        await world.start()
        await world.settle()

        await checker.check()
        said = {kind: posts(slack, kind) for kind in ("nudge_commander", "nudge_report", "say_happened")}
        assert {kind: len(each) for kind, each in said.items()} == dict.fromkeys(said, INCIDENTS)
        due = {job.key: job.due_at for job in (await checker.read()).jobs}
        order = sorted(
            (call.number, due[key]) for each in said.values() for key, call in each if call.number > before
        )
        times = [at for _, at in order]
        assert all(
            times[at] >= max(times[: max(at - 2 * AT_ONCE, 0)], default=times[0]) or _near(times, at)
            for at in range(len(times))
        )


def _near(times: list[object], at: int) -> bool:
    """Return whether what was said is at most a few turns of the worker out of its place."""
    return abs(sorted(times).index(times[at]) - at) <= 4 * AT_ONCE  # type: ignore[type-var]
