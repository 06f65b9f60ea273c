"""What a handler returned becomes true with its job, all of it or nothing."""

from datetime import timedelta

import pytest

from bot.domain.shared.vocabulary import SYSTEM, ChannelId
from bot.usecases.incident.completion import complete
from bot.usecases.ports import Effects, Job, JobSpec, JobState, Outcome, Posted, RoomOpened, nothing_to_do
from tests.builders import EXPERT
from tests.fakes import OWNER
from tests.usecases.conftest import Outside

CARD = Posted(channel=ChannelId("C0NEW"), ts="1.000001", version=3)


async def claimed(outside: Outside) -> Job:
    """Return a job of an incident, under way."""
    incident = await outside.declare()
    owed = JobSpec(kind="say_happened", key="k", due_at=outside.clock.now(), incident=incident.id)
    async with outside.ports.work() as work:
        await work.outbox.enqueue([owed])
        await work.commit()
    [job] = await outside.ports.queue.claim(owner=OWNER, now=outside.clock.now(), limit=1)
    return job


async def test_everything_a_handler_returned_becomes_true_with_the_job(outside: Outside) -> None:
    job = await claimed(outside)
    following = JobSpec(kind="say_happened", key="next", due_at=outside.clock.now() + timedelta(days=1))
    effects = Effects(posts={"card": CARD}, jobs=(following,), invited=frozenset({EXPERT}))

    done = await complete(job, effects, outside.ports)

    lines = {line.key: line.state for line in await outside.ports.reads.jobs()}
    assert done
    assert (lines["k"], lines["next"]) == (JobState.DONE, JobState.DUE)
    assert job.incident
    assert await outside.ports.reads.posted(job.incident, "card") == CARD
    assert await outside.ports.reads.is_member(job.incident, EXPERT)


async def test_what_was_brought_about_by_an_attempt_that_was_overtaken_is_dropped(outside: Outside) -> None:
    job = await claimed(outside)
    await outside.ports.queue.postpone(
        job, wait=timedelta(), outcome=Outcome.UNKNOWN, error="lost", failed=False
    )
    [again] = await outside.ports.queue.claim(owner=OWNER, now=outside.clock.now(), limit=1)
    following = JobSpec(kind="say_happened", key="next", due_at=outside.clock.now())

    late = await complete(job, Effects(jobs=(following,), invited=frozenset({EXPERT})), outside.ports)
    on_time = await complete(again, nothing_to_do("It was done."), outside.ports)

    assert (late, on_time) == (False, True)
    assert "next" not in {line.key for line in await outside.ports.reads.jobs()}
    assert job.incident
    assert not await outside.ports.reads.is_member(job.incident, EXPERT)


async def test_a_second_room_of_an_incident_is_not_recorded(outside: Outside) -> None:
    job = await claimed(outside)
    room = RoomOpened(channel=ChannelId("C0SECOND"), name="inc-1-again")

    await complete(job, Effects(records=(room,)), outside.ports)

    assert job.incident
    incident = await outside.ports.reads.incident(job.incident, seen_by=SYSTEM)
    assert incident.state.channel == "C01"


async def test_effects_on_an_incident_need_a_job_that_is_about_one(outside: Outside) -> None:
    owed = JobSpec(kind="show_home", key="home", due_at=outside.clock.now())
    async with outside.ports.work() as work:
        await work.outbox.enqueue([owed])
        await work.commit()
    [job] = await outside.ports.queue.claim(owner=OWNER, now=outside.clock.now(), limit=1)

    with pytest.raises(ValueError, match="about none"):
        await complete(job, Effects(posts={"card": CARD}), outside.ports)

    [line] = await outside.ports.reads.jobs()
    assert line.state is JobState.LEASED
