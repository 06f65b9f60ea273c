"""Who is shown what was given up: admins, and of a private incident only those who are in its room."""

from dataclasses import replace

from bot.domain.shared.vocabulary import UserId
from bot.usecases.home import home_of
from bot.usecases.policy import WhoMay
from bot.usecases.ports import JobState, PermanentFailure
from tests.usecases.conftest import Outside

ADMIN, ADMIN_INSIDE = UserId("U0ADMIN"), UserId("U0ADMININSIDE")


async def test_an_admin_sees_the_dead_jobs_of_the_incidents_that_they_may_see(outside: Outside) -> None:
    admins = WhoMay(admins=frozenset({ADMIN, ADMIN_INSIDE}))
    there = outside.under(replace(outside.ports.policy, who_may=admins))
    outside.chat.refusing["set_topic"] = PermanentFailure("conversations.setTopic", code="restricted_action")
    public = await there.declare()
    hidden = await there.declare(private=True)
    await there.joins(ADMIN_INSIDE, f"G0{hidden.id}")

    dead = await there.ports.reads.jobs(states=[JobState.DEAD])
    shown = {
        person: sorted(job.incident or 0 for job in (await home_of(person, there.ports)).dead)
        for person in (ADMIN, ADMIN_INSIDE, UserId("U0SOMEBODY"))
    }

    assert sorted(job.incident or 0 for job in dead) == [public.id, hidden.id]
    assert shown == {ADMIN: [public.id], ADMIN_INSIDE: [public.id, hidden.id], UserId("U0SOMEBODY"): []}
