"""What Slack says of messages, read without ever stumbling."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incident.timeline import Message
from bot.domain.shared.vocabulary import ChannelId, UserId
from bot.slack.events.messages import TEXT_MAX, message_event, when
from bot.usecases.ports import Deleted, Edited
from tests.builders import NOON

TS, LATER = "1790000000.000100", "1790000100.000200"
OURS = "B0WARROOM"
ROOM = ChannelId("C1")


def event(**changes: object) -> dict[str, object]:
    """Return a message event of a person in a channel."""
    return {"type": "message", "channel": "C1", "user": "U1", "ts": TS, "text": "rows are missing", **changes}


def hear(body: dict[str, object]) -> Message | Edited | Deleted | None:
    return message_event(body, our_bot=OURS, now=NOON)


def test_a_message_is_kept_as_it_was_said() -> None:
    assert hear(event()) == Message(
        channel=ROOM,
        ts=TS,
        user=UserId("U1"),
        text="rows are missing",
        said_at=when(TS),
    )
    assert when(TS) == datetime.fromtimestamp(1790000000.0001, UTC)


@pytest.mark.parametrize("subtype", ["thread_broadcast", "file_share", "me_message", "bot_message"])
def test_people_and_other_bots_are_heard_in_whatever_way_they_speak(subtype: str) -> None:
    assert isinstance(hear(event(subtype=subtype)), Message)


@pytest.mark.parametrize(
    "subtype", ["channel_join", "channel_topic", "pinned_item", "channel_archive", "reminder_add", "huddle"]
)
def test_slacks_own_lines_are_nobodys_words(subtype: str) -> None:
    assert hear(event(subtype=subtype)) is None


def test_our_own_messages_are_not_recorded() -> None:
    edit = {**event(), "bot_id": OURS, "edited": {"ts": LATER}}

    assert hear(event(bot_id=OURS)) is None
    assert hear(event(subtype="message_changed", message=edit)) is None
    assert hear(event(subtype="message_deleted", deleted_ts=TS, previous_message=edit)) is None
    assert hear(event(bot_id="B0OTHER", user=None)) is not None


def test_a_reply_knows_its_thread_and_a_threads_first_message_is_no_reply() -> None:
    reply, parent = hear(event(ts=LATER, thread_ts=TS)), hear(event(thread_ts=TS))

    assert isinstance(reply, Message)
    assert isinstance(parent, Message)
    assert (reply.thread_ts, parent.thread_ts) == (TS, None)


def test_files_are_kept_by_name() -> None:
    heard = hear(event(subtype="file_share", files=[{"name": "a.csv"}, {"id": "F2"}, "?"]))

    assert isinstance(heard, Message)
    assert heard.files == ("a.csv", "F2")


def test_an_edit_says_what_it_reads_now() -> None:
    message = {"ts": TS, "text": "rows were missing", "user": "U1", "edited": {"ts": LATER}}

    assert hear(event(subtype="message_changed", message=message)) == Edited(
        channel=ROOM,
        ts=TS,
        text="rows were missing",
        at=when(LATER),
    )


def test_an_unfurled_link_is_no_edit() -> None:
    message = {"ts": TS, "text": "see https://wiki", "user": "U1", "attachments": [{}]}

    assert hear(event(subtype="message_changed", message=message)) is None


@pytest.mark.parametrize(
    "body",
    [
        event(subtype="message_deleted", deleted_ts=TS, event_ts=LATER, previous_message={"ts": TS}),
        event(subtype="message_changed", event_ts=LATER, message={"ts": TS, "subtype": "tombstone"}),
    ],
)
def test_a_deleted_message_is_gone_even_where_replies_keep_its_stone(body: dict[str, object]) -> None:
    assert hear(body) == Deleted(channel=ROOM, ts=TS, at=when(LATER))


def test_a_deletion_that_does_not_say_when_happened_now() -> None:
    assert hear(event(subtype="message_deleted", deleted_ts=TS)) == Deleted(
        channel=ROOM,
        ts=TS,
        at=NOON,
    )


def test_no_message_is_longer_than_slack_shows() -> None:
    heard = hear(event(text="x" * (TEXT_MAX + 5)))

    assert isinstance(heard, Message)
    assert len(heard.text or "") == TEXT_MAX


@pytest.mark.parametrize(
    "ts", [None, "", "now", "1", "1.", ".1", "²².²", "٣.٣", "1e9.0", "9" * 40 + ".0", 1.5, {}]
)
def test_a_message_without_a_readable_ts_is_passed_over(ts: object) -> None:
    message = {"ts": ts, "subtype": "tombstone"}

    assert hear(event(ts=ts)) is None
    assert hear(event(subtype="message_changed", message=message)) is None
    assert hear(event(subtype="message_deleted", deleted_ts=ts)) is None


stamps = st.one_of(st.from_regex(r"\d{1,12}\.\d{1,6}", fullmatch=True), st.text(max_size=12), st.none())
scraps = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), stamps),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "ts": st.one_of(stamps, scraps),
        "subtype": st.one_of(st.sampled_from(["tombstone", "file_share", ""]), scraps),
        "text": scraps,
        "user": scraps,
        "bot_id": scraps,
        "edited": st.one_of(st.fixed_dictionaries({}, optional={"ts": scraps}), scraps),
        "files": scraps,
        "thread_ts": st.one_of(stamps, scraps),
    },
)
events = st.fixed_dictionaries(
    {},
    optional={
        "channel": st.one_of(st.just("C1"), scraps),
        "subtype": st.one_of(st.sampled_from(["message_changed", "message_deleted", ""]), scraps),
        "ts": st.one_of(stamps, scraps),
        "event_ts": st.one_of(stamps, scraps),
        "deleted_ts": st.one_of(stamps, scraps),
        "message": st.one_of(messages, scraps),
        "previous_message": st.one_of(messages, scraps),
        "edited": st.one_of(st.fixed_dictionaries({}, optional={"ts": scraps}), scraps),
        "text": scraps,
        "files": scraps,
    },
)


@given(events, st.sampled_from([None, OURS]))
def test_whatever_slack_sends_is_read_or_passed_over(body: dict[str, object], ours: str | None) -> None:
    heard = message_event(body, our_bot=ours, now=NOON)

    assert heard is None or heard.channel == body["channel"]
