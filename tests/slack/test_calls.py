"""One call of Slack's Web API: every way it can go wrong is told apart, and no wait is cut short."""

from collections.abc import Callable
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.slack.calls import PER_MINUTE, WAIT_MOST, Bucket, Calls, each_page
from bot.usecases.ports import Away, Busy, Never

Trouble = Callable[[Sandbox], object]


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

    with pytest.raises(Busy) as busy:
        await post(call)

    assert busy.value.wait == timedelta(seconds=seconds)


async def test_nothing_is_called_inside_a_retry_after_and_other_methods_go_on(
    slack: Sandbox, call: Calls
) -> None:
    slack.faults.limit("conversations.create", retry_after=60)

    for _ in range(3):
        with pytest.raises(Busy) as busy:
            await post(call)
    await call("auth.test")

    assert timedelta(seconds=55) < busy.value.wait <= timedelta(seconds=60)
    assert len(slack.journal.called("conversations.create")) == 1


async def test_a_channel_that_is_limited_holds_no_other_back(slack: Sandbox, call: Calls) -> None:
    rooms = [str((await call("conversations.create", name=f"room-{n}"))["channel"]["id"]) for n in (1, 2)]  # type: ignore[index]
    slack.faults.limit("chat.postMessage", retry_after=60)

    with pytest.raises(Busy):
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

    with pytest.raises(Away) as away:
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

    with pytest.raises(Away) as away:
        await Calls(nowhere)("auth.test")

    assert not away.value.unknown


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive", "not_authed"])
async def test_a_refused_token_drops_nothing_and_is_told(slack: Sandbox, call: Calls, code: str) -> None:
    slack.faults.refuse(error=code)

    with pytest.raises(Away) as away:
        await post(call)

    assert not away.value.unknown
    assert call.standing.token == code
    await call("auth.test")
    assert call.standing.token is None


async def test_a_missing_scope_is_named_until_it_is_granted(slack: Sandbox, call: Calls) -> None:
    with pytest.raises(Away) as away:
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

    with pytest.raises(Never) as never:
        await post(call)

    assert never.value.code == code
    assert call.standing.away is None


async def test_calls_are_counted_by_how_they_ended(slack: Sandbox, call: Calls) -> None:
    slack.faults.limit("conversations.create", retry_after=0)
    slack.faults.fail("conversations.create")

    for _ in range(2):
        with pytest.raises((Busy, Away)):
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
    with pytest.raises(Busy) as busy:
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
    with pytest.raises(Busy):
        await paced("chat.postMessage", channel=rooms[0], text="one too many")
    await paced("chat.postMessage", channel=rooms[1], text="elsewhere")

    assert slack.journal.counts()["chat.postMessage"] == 4


def test_a_budget_refills_steadily_and_never_beyond_full() -> None:
    bucket = Bucket(most=2, per_second=10)

    first = [bucket.take() for _ in range(3)]
    bucket.at -= 3600
    later = [bucket.take() for _ in range(3)]

    for taken in (first, later):
        assert taken[:2] == [0.0, 0.0]
        assert 0 < taken[2] <= 0.1


async def test_every_page_is_read_up_to_a_bound() -> None:
    asked: list[object] = []

    async def endless(method: str, **args: object) -> dict[str, object]:
        asked.append(args["cursor"])
        return {"items": [{"method": method}, "no item"], "response_metadata": {"next_cursor": "more"}}

    found = await each_page(endless, "some.list", "items", most=4)

    assert len(found) == 4
    assert asked == [None, "more", "more", "more"]
