"""One call of Slack's Web API: every way it can go wrong is told apart, and no wait is cut short."""

import asyncio
import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.slack.client.calls import LOOK_EVERY, PER_MINUTE, PLACE_KEPT, WAIT_MOST, Bucket, Calls, each_page
from bot.usecases.ports import CURRENT_ATTEMPT, Attempt, PermanentFailure, RateLimited, Unavailable
from storage.engine import Database
from storage.waits import StoredWaits
from tests.databases import database, database_kind, database_url

__all__ = ["database", "database_kind", "database_url"]

Trouble = Callable[[Sandbox], object]


@dataclass
class Hand:
    """Seconds that go on by hand."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Kept:
    """Waits kept in memory (`bot.usecases.ports.Waits`)."""

    kept: dict[str, datetime] = field(default_factory=dict)
    looks: int = 0

    async def keep(self, scope: str, until: datetime) -> None:
        self.kept[scope] = max(until, self.kept.get(scope, until))

    async def standing(self) -> Mapping[str, datetime]:
        self.looks += 1
        await asyncio.sleep(0)
        return dict(self.kept)


async def post(call: Calls, channel: str = "general") -> None:
    await call("conversations.create", name=f"room-{channel}", is_private=False)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (7, 7),
        ("2.5", 2.5),
        (None, 30),
        ("soon", 30),
        ("-5", 30),
        ("nan", 30),
        ("inf", WAIT_MOST),
        (86_400, WAIT_MOST),
    ],
)
async def test_a_429_is_busy_for_as_long_as_slack_asks_within_reason(
    slack: Sandbox, call: Calls, said: float | str | None, seconds: float
) -> None:
    slack.faults.limit("conversations.create", retry_after=said)

    with pytest.raises(RateLimited) as busy:
        await post(call)

    assert busy.value.wait == timedelta(seconds=seconds)


async def test_nothing_is_called_inside_a_retry_after_and_other_methods_go_on(
    slack: Sandbox, call: Calls
) -> None:
    slack.faults.limit("conversations.create", retry_after=60)

    for _ in range(3):
        with pytest.raises(RateLimited) as busy:
            await post(call)
    await call("auth.test")

    assert timedelta(seconds=55) < busy.value.wait <= timedelta(seconds=60)
    assert len(slack.journal.called("conversations.create")) == 1


async def test_a_channel_that_is_limited_holds_no_other_back(slack: Sandbox, call: Calls) -> None:
    rooms = [str((await call("conversations.create", name=f"room-{n}"))["channel"]["id"]) for n in (1, 2)]  # type: ignore[index]
    slack.faults.limit("chat.postMessage", retry_after=60)

    with pytest.raises(RateLimited):
        await call("chat.postMessage", channel=rooms[0], text="one")
    answer = await call("chat.postMessage", channel=rooms[1], text="two")

    assert answer["ok"]


@pytest.mark.parametrize(
    ("trouble", "happened"),
    [
        *(
            (lambda slack, status=status: slack.faults.fail(status=status), False)
            for status in (500, 502, 503, 504)
        ),
        (lambda slack: slack.faults.html(), False),
        (lambda slack: slack.faults.cut(), False),
        (lambda slack: slack.faults.lose_reply(), True),
        (lambda slack: slack.faults.refuse(error="internal_error"), False),
        (lambda slack: slack.faults.refuse(error="request_timeout"), False),
    ],
    ids=["500", "502", "503", "504", "html", "cut", "reply lost", "internal error", "timeout"],
)
async def test_what_may_have_had_its_effect_is_away_with_an_unknown_outcome(
    slack: Sandbox,
    call: Calls,
    trouble: Trouble,
    happened: bool,  # noqa: FBT001 - a column of the table
) -> None:
    trouble(slack)

    with pytest.raises(Unavailable) as away:
        await post(call)

    assert away.value.unknown
    assert call.standing.away
    assert (
        any(channel.name == "room-general" for channel in slack.workspace.channels.all.values()) == happened
    )
    await call("auth.test")
    assert call.standing.away is None


async def test_a_refused_connection_had_no_effect(session: aiohttp.ClientSession) -> None:
    nowhere = AsyncWebClient(
        token="xoxb-none", base_url="http://127.0.0.1:9/api/", session=session, retry_handlers=[]
    )

    with pytest.raises(Unavailable) as away:
        await Calls(nowhere)("auth.test")

    assert not away.value.unknown


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive", "not_authed"])
async def test_a_refused_token_drops_nothing_and_is_told(slack: Sandbox, call: Calls, code: str) -> None:
    slack.faults.refuse(error=code)

    with pytest.raises(Unavailable) as away:
        await post(call)

    assert not away.value.unknown
    assert call.standing.token == code
    await call("auth.test")
    assert call.standing.token is None


async def test_a_missing_scope_is_named_until_it_is_granted(slack: Sandbox, call: Calls) -> None:
    with pytest.raises(Unavailable) as away:
        await call("usergroups.list")
    named = set(call.standing.missing_scopes)
    slack.api.granted += ",usergroups:read"

    await call("auth.test")

    assert not away.value.unknown
    assert named == {"usergroups:read"}
    assert call.standing.missing_scopes == set()
    assert "chat:write" in (call.standing.granted or ())


@pytest.mark.parametrize("code", ["name_taken", "channel_not_found", "is_archived", "restricted_action"])
async def test_an_answer_that_means_no_is_never(slack: Sandbox, call: Calls, code: str) -> None:
    slack.faults.refuse("conversations.create", error=code)

    with pytest.raises(PermanentFailure) as never:
        await post(call)

    assert never.value.code == code
    assert call.standing.away is None


@pytest.mark.parametrize(
    "code",
    ["org_login_required", "ekm_access_denied", "access_denied", "team_not_found", "a_code_of_tomorrow"],
)
async def test_a_code_that_is_not_known_to_be_final_waits_is_named_and_heals(
    slack: Sandbox, call: Calls, code: str
) -> None:
    slack.faults.refuse("conversations.create", error=code)

    with pytest.raises(Unavailable) as away:
        await post(call)
    named = call.standing.problems()
    await post(call)

    assert not away.value.unknown
    assert named == [f"Slack refuses conversations.create: {code}"]
    assert call.standing.problems() == []


async def test_what_a_person_opens_in_passing_leaves_no_mark_on_health(slack: Sandbox, call: Calls) -> None:
    slack.faults.fail("views.open")

    with pytest.raises(Unavailable):
        await call("views.open", trigger_id="1.2", view={"type": "modal"})

    assert call.standing.away is None


async def test_calls_are_counted_by_how_they_ended(slack: Sandbox, call: Calls) -> None:
    slack.faults.limit("conversations.create", retry_after=0)
    slack.faults.fail("conversations.create")

    for _ in range(2):
        with pytest.raises((RateLimited, Unavailable)):
            await post(call)
    await post(call)

    assert {kind: call.standing.counts["conversations.create", kind] for kind in ("ok", "busy", "away")} == {
        "ok": 1,
        "busy": 1,
        "away": 1,
    }


async def test_arguments_that_are_none_are_not_sent(slack: Sandbox, call: Calls) -> None:
    await call("conversations.list", cursor=None, limit=5)

    assert "cursor" not in slack.journal.called("conversations.list")[0].args


# -- budgets


async def test_a_method_is_not_called_beyond_its_tier(slack: Sandbox, client: AsyncWebClient) -> None:
    paced = Calls(client)

    for _ in range(PER_MINUTE["2"]):
        await paced("conversations.list")
    with pytest.raises(RateLimited) as busy:
        await paced("conversations.list")

    assert timedelta() < busy.value.wait <= timedelta(seconds=3)
    assert len(slack.journal.called("conversations.list")) == PER_MINUTE["2"]


async def test_a_channel_takes_a_short_burst_then_one_message_a_second(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    paced = Calls(client)
    rooms = [str((await paced("conversations.create", name=f"room-{n}"))["channel"]["id"]) for n in (1, 2)]  # type: ignore[index]

    for _ in range(3):
        await paced("chat.postMessage", channel=rooms[0], text="one")
    with pytest.raises(RateLimited):
        await paced("chat.postMessage", channel=rooms[0], text="one too many")
    await paced("chat.postMessage", channel=rooms[1], text="elsewhere")

    assert slack.journal.counts()["chat.postMessage"] == 4


def test_a_budget_refills_steadily_and_never_beyond_full() -> None:
    clock = Hand()
    bucket = Bucket(most=2, per_second=10, clock=clock)

    first = [bucket.take() for _ in range(3)]
    clock.now += 3600
    later = [bucket.take() for _ in range(3)]

    assert first == [0.0, 0.0, pytest.approx(0.1)]
    assert later == [0.0, 0.0, pytest.approx(0.1)]


def test_jobs_beyond_the_budget_are_each_given_a_time_of_their_own() -> None:
    bucket = Bucket(most=2, per_second=0.5, clock=Hand())

    told = [bucket.take(f"job {number}") for number in range(5)]

    assert told == [0.0, 0.0, 2.0, 4.0, 6.0]


def test_who_comes_back_on_time_is_served_whoever_came_meanwhile() -> None:
    clock = Hand(now=12345.678)
    bucket = Bucket(most=50, per_second=50 / 60, clock=clock)
    places = {f"job {number}": clock.now + bucket.take(f"job {number}") for number in range(250)}

    told = []
    for job, place in list(places.items())[50:]:
        clock.now = place - 0.01
        assert bucket.take(f"another {job}") > 0
        clock.now = place
        told.append(bucket.take(job))

    assert list(places.values())[:50] == [12345.678] * 50
    assert told == [0.0] * 200


def test_who_comes_back_too_early_keeps_its_place() -> None:
    clock = Hand()
    bucket = Bucket(most=1, per_second=1, clock=clock)
    bucket.take("first")
    told = [bucket.take("second"), bucket.take("third")]

    clock.now = 0.25
    early = bucket.take("second")
    clock.now = 2.0
    late = [bucket.take("third"), bucket.take("second")]

    assert told == [1.0, 2.0]
    assert early == 0.75
    assert late == [0.0, 0.0]


def test_a_person_goes_before_the_line_as_long_as_there_are_calls() -> None:
    clock = Hand()
    bucket = Bucket(most=2, per_second=1, clock=clock)
    for number in range(20):
        bucket.take(f"job {number}")

    clock.now = 1.0
    told = [bucket.take(), bucket.take()]

    assert told == [0.0, 1.0]


def test_a_line_that_nobody_stands_in_any_more_is_forgotten() -> None:
    clock = Hand()
    bucket = Bucket(most=1, per_second=1, clock=clock)
    told = [bucket.take(f"job {number}", again=2) for number in range(1000)]

    clock.now += 2001 + PLACE_KEPT
    later = [bucket.take("one"), bucket.take("other")]

    assert max(told) == WAIT_MOST
    assert later == [0.0, 1.0]
    assert list(bucket.places) == ["other"]


def test_who_is_patient_leaves_half_of_the_budget_to_others() -> None:
    clock = Hand()
    bucket = Bucket(most=10, per_second=1, clock=clock)
    patient = [bucket.take(f"room {number}", spare=5) for number in range(7)]

    urgent = [bucket.take(f"job {number}") for number in range(3)]
    clock.now += max(patient)
    back = bucket.take("room 6", spare=5)

    assert patient == [0.0] * 5 + [1.0, 2.0]
    assert urgent == [0.0] * 3
    assert back == 0.0


async def test_a_budget_that_is_full_again_is_not_kept(client: AsyncWebClient) -> None:
    clock = Hand()
    paced = Calls(client, clock=clock)
    for number in range(3):
        with pytest.raises(PermanentFailure):
            await paced("chat.postMessage", channel=f"C0{number}", text="hello")

    clock.now += 60
    await paced("auth.test")

    assert len(paced._buckets) == 1  # noqa: SLF001 - what is kept is the promise


@pytest.mark.parametrize("calls", [1, 2, 5])
async def test_many_jobs_of_several_calls_all_come_to_their_end(calls: int) -> None:
    clock, jobs = Hand(), 300
    bucket = Bucket(most=50, per_second=50 / 60, clock=clock)
    line = [(0.0, f"job {number}") for number in range(jobs)]

    attempts = 0
    while line:
        clock.now, job = heapq.heappop(line)
        attempts += 1
        for made in range(calls):
            if wait := bucket.take(job, again=max(1, 2 * made)):
                heapq.heappush(line, (clock.now + wait, job))
                break

    assert attempts < 20 * jobs
    assert clock.now < 4 * calls * jobs / bucket.per_second


async def test_a_job_of_two_calls_ends_though_others_wait_for_the_same(
    client: AsyncWebClient, slack: Sandbox
) -> None:
    clock = Hand()
    paced = Calls(client, clock=clock)
    for _ in range(PER_MINUTE["2"] - 1):
        await paced("conversations.list")

    async def attempt(job: str) -> float:
        CURRENT_ATTEMPT.set(Attempt(job=job))
        try:
            await asyncio.gather(*(paced("conversations.list") for _ in range(2)))
        except RateLimited as busy:
            return busy.wait.total_seconds()
        return 0.0

    first = [await asyncio.create_task(attempt(job)) for job in ("one", "other")]
    again = []
    for wait, job in zip(first, ("one", "other"), strict=True):
        clock.now = wait
        again.append(await asyncio.create_task(attempt(job)))

    assert first == [6.0, 9.0]
    assert again[0] == 0.0
    assert len(slack.journal.called("conversations.list")) >= PER_MINUTE["2"] + 2


# -- waits that are shared


async def test_two_processes_over_one_store_share_a_wait(
    slack: Sandbox, client: AsyncWebClient, database: Database
) -> None:
    one, other = (Calls(client, pace=False, waits=StoredWaits(database)) for _ in range(2))
    slack.faults.limit("conversations.create", retry_after=60)

    with pytest.raises(RateLimited):
        await post(one)
    with pytest.raises(RateLimited) as busy:
        await post(other)
    await other("auth.test")

    assert timedelta(seconds=50) < busy.value.wait <= timedelta(seconds=60)
    assert len(slack.journal.called("conversations.create")) == 1


async def test_a_wait_of_one_channel_is_shared_for_that_channel_alone(
    slack: Sandbox, client: AsyncWebClient, database: Database
) -> None:
    one, other = (Calls(client, pace=False, waits=StoredWaits(database)) for _ in range(2))
    rooms = [str((await one("conversations.create", name=f"room-{n}"))["channel"]["id"]) for n in (1, 2)]  # type: ignore[index]
    slack.faults.limit("chat.postMessage", retry_after=60)

    for call in (one, other):
        with pytest.raises(RateLimited):
            await call("chat.postMessage", channel=rooms[0], text="one")
    answer = await other("chat.postMessage", channel=rooms[1], text="two")

    assert answer["ok"]
    assert len(slack.journal.called("chat.postMessage")) == 2


async def test_a_wait_asked_of_another_is_heard_of_within_a_second(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    waits, clock = Kept(), Hand(now=100.0)
    call = Calls(client, pace=False, waits=waits, clock=clock)
    await call("auth.test")
    await waits.keep("auth.test", datetime.now(UTC) + timedelta(seconds=60))

    clock.now += 0.5
    await call("auth.test")
    clock.now += LOOK_EVERY
    with pytest.raises(RateLimited):
        await call("auth.test")

    assert waits.looks == 2
    assert len(slack.journal.called("auth.test")) == 2


async def test_calls_that_begin_together_all_wait_for_the_first_look(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    waits = Kept()
    await waits.keep("auth.test", datetime.now(UTC) + timedelta(seconds=60))
    call = Calls(client, pace=False, waits=waits)

    ends = await asyncio.gather(*(call("auth.test") for _ in range(5)), return_exceptions=True)

    assert [type(end) for end in ends] == [RateLimited] * 5
    assert waits.looks == 1
    assert slack.journal.called("auth.test") == []


async def test_a_stored_wait_is_believed_as_little_as_any_other_and_ends(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    waits, clock = Kept(), Hand()
    call = Calls(client, pace=False, waits=waits, clock=clock)
    await waits.keep("auth.test", datetime.now(UTC) + timedelta(days=1))

    with pytest.raises(RateLimited) as busy:
        await call("auth.test")
    clock.now += WAIT_MOST / 2
    with pytest.raises(RateLimited):
        await call("auth.test")
    clock.now += WAIT_MOST / 2

    assert (await call("auth.test"))["ok"]
    assert busy.value.wait == timedelta(seconds=WAIT_MOST)
    assert len(slack.journal.called("auth.test")) == 1


async def test_a_store_that_cannot_be_reached_holds_no_call_up_and_loses_no_wait(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    gone = Database.open("postgresql://bot@127.0.0.1:1/warroom")
    call = Calls(client, pace=False, waits=StoredWaits(gone))
    slack.faults.limit("conversations.create", retry_after=60)

    for _ in range(2):
        with pytest.raises(RateLimited):
            await post(call)
    answer = await call("auth.test")
    await gone.close()

    assert answer["ok"]
    assert len(slack.journal.called("conversations.create")) == 1


async def test_our_own_budget_is_not_told_to_others(client: AsyncWebClient) -> None:
    waits = Kept()
    paced = Calls(client, waits=waits)

    for _ in range(PER_MINUTE["2"]):
        await paced("conversations.list")
    with pytest.raises(RateLimited):
        await paced("conversations.list")

    assert waits.kept == {}


# -- pages


async def test_every_page_is_read_up_to_a_bound() -> None:
    asked: list[object] = []

    async def endless(method: str, **args: object) -> dict[str, object]:
        asked.append(args["cursor"])
        return {"items": [{"method": method}, "no item"], "response_metadata": {"next_cursor": "more"}}

    found = await each_page(endless, "some.list", "items", most=4)

    assert len(found) == 4
    assert asked == [None, "more", "more", "more"]
