"""The mirror of a war room ends right, whatever order things are heard in."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.incident.timeline import Message
from bot.domain.shared.vocabulary import SYSTEM, ChannelId, IncidentId, UserId
from bot.usecases.ports import Deleted, Edited, MessageEvent, OpensWork
from storage.archive import StoredArchive
from storage.engine import Database
from storage.failures import CannotOpen
from storage.queries import Reads
from tests.builders import NOON, after, an_incident

C1 = ChannelId("C1")
_numbers = count(1)


def said(ts: str, words: str = "Looking into it", *, channel: str = "C1", **more: object) -> Message:
    fields = {"user": UserId("U1"), "said_at": NOON, **more}
    return Message(channel=ChannelId(channel), ts=ts, text=words, **fields)  # type: ignore[arg-type]


def edited(ts: str, words: str, minutes: int) -> Edited:
    return Edited(channel=C1, ts=ts, text=words, at=after(minutes))


def deleted(ts: str, minutes: int) -> Deleted:
    return Deleted(channel=C1, ts=ts, at=after(minutes))


@pytest.fixture(autouse=True)
async def _a_room(work: OpensWork) -> None:
    incident = an_incident()
    incident.open_room(C1, "inc-1", by=SYSTEM, at=after(1))
    async with work() as unit:
        await unit.incidents.add(incident)
        await unit.commit()


async def heard_of(database: Database, ts: str) -> Message:
    messages = await Reads(database).messages(IncidentId(1), seen_by=SYSTEM)
    return next(message for message in messages if message.ts == ts)


async def test_what_is_said_in_a_room_is_kept_in_order(database: Database) -> None:
    await StoredArchive(database).record(
        [said("1764000002.0", "two"), said("1764000001.0", "one", files=("a.png",))]
    )

    messages = await Reads(database).messages(IncidentId(1), seen_by=SYSTEM)

    assert [message.text for message in messages] == ["one", "two"]
    assert messages[0].files == ("a.png",)
    assert messages[0].said_at.timestamp() == 1764000001


async def test_what_is_said_elsewhere_is_dropped(database: Database) -> None:
    await StoredArchive(database).record([said("1.0", channel="C404")])

    assert await Reads(database).messages(IncidentId(1), seen_by=SYSTEM) == []


async def test_an_edit_changes_the_words_and_a_deletion_blanks_them(database: Database) -> None:
    archive = StoredArchive(database)
    await archive.record([said("1.0", files=("a.png",)), said("2.0")])

    await archive.record([edited("1.0", "Found it", 1), deleted("2.0", 2)])

    first, second = await Reads(database).messages(IncidentId(1), seen_by=SYSTEM)
    assert (first.text, first.edited_at, first.user, first.files) == ("Found it", after(1), "U1", ("a.png",))
    assert (second.text, second.deleted_at) == (None, after(2))


async def test_a_deletion_heard_before_the_message_leaves_no_words(database: Database) -> None:
    archive = StoredArchive(database)

    await archive.record([deleted("1.0", 2)])
    await archive.record([said("1.0", "A secret", files=("secret.pdf",)), edited("1.0", "Another secret", 3)])

    found = await heard_of(database, "1.0")
    assert (found.text, found.files, found.user, found.deleted_at) == (None, (), "U1", after(2))


async def test_an_older_edit_never_overwrites_a_newer_one(database: Database) -> None:
    archive = StoredArchive(database)

    await archive.record([edited("1.0", "newest", 5)])
    await archive.record([edited("1.0", "older", 4)])
    await archive.record([said("1.0", "original")])

    assert (await heard_of(database, "1.0")).text == "newest"


STORY = st.lists(
    st.one_of(
        st.just(("said", "original", 0)),
        st.tuples(st.just("refetched"), st.sampled_from("abÄ\u20ac"), st.integers(1, 3)),
        st.tuples(st.just("edited"), st.sampled_from("abÄ\u20ac"), st.integers(1, 3)),
        st.tuples(st.just("deleted"), st.just(""), st.integers(1, 3)),
    ),
    min_size=1,
    max_size=5,
)


def tell(story: Sequence[tuple[str, str, int]], ts: str, user: str | None) -> list[MessageEvent]:
    told: list[MessageEvent] = []
    for what, words, minutes in story:
        if what == "said":
            told.append(said(ts, words, user=user, files=("a.png",)))
        elif what == "refetched":
            told.append(said(ts, words, user=user, edited_at=after(minutes), files=("a.png",)))
        elif what == "edited":
            told.append(edited(ts, words, minutes))
        else:
            told.append(deleted(ts, minutes))
    return told


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORY, user=st.sampled_from(["U1", None]), data=st.data())
async def test_any_order_any_repeats_and_any_batches_end_the_same(
    database: Database, story: list[tuple[str, str, int]], user: str | None, data: st.DataObject
) -> None:
    archive = StoredArchive(database)
    once, again = (f"176400{next(_numbers):04}.000100" for _ in range(2))
    repeated = story + data.draw(st.lists(st.sampled_from(story), max_size=3))
    shuffled = tell(data.draw(st.permutations(repeated)), again, user)

    await archive.record(tell(story, once, user))
    cut = data.draw(st.integers(0, len(shuffled)))
    await archive.record(shuffled[:cut])
    for heard in shuffled[cut:]:
        await archive.record([heard])

    one, other = await heard_of(database, once), await heard_of(database, again)
    gone = any(what == "deleted" for what, _, _ in story)
    edits = [(minutes, words) for what, words, minutes in story if what in {"edited", "refetched"}]
    assert other == Message(
        **{
            **{name: getattr(one, name) for name in one.__dataclass_fields__},
            "ts": again,
            "said_at": other.said_at,
        }
    )
    assert one.text == (None if gone else max(edits)[1] if edits else "original")
    assert one.edited_at == (after(max(edits)[0]) if edits else None)


async def test_characters_that_a_database_refuses_do_not_hold_up_a_batch(database: Database) -> None:
    await StoredArchive(database).record([said("1.0", "a\0b\ud800c"), said("2.0", "fine")])

    assert (await heard_of(database, "1.0")).text == "a\ufffdb?c"
    assert (await heard_of(database, "2.0")).text == "fine"


async def test_a_channel_that_becomes_a_room_is_heard_from_then_on(
    database: Database, work: OpensWork
) -> None:
    archive = StoredArchive(database)
    await archive.record([said("1.0", channel="C2"), said("1.0")])
    incident = an_incident(number=0)
    incident.open_room(ChannelId("C2"), "inc-2", by=SYSTEM, at=after(1))
    async with work() as unit:
        await unit.incidents.add(incident)
        await unit.commit()

    await archive.record([said("2.0", "Now it counts", channel="C2")])

    (heard,) = await Reads(database).messages(incident.id, seen_by=SYSTEM)
    assert heard.text == "Now it counts"


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_batch_whose_recorder_is_cancelled_is_whole_or_not_there_and_leaves_no_lock(
    database: Database,
) -> None:
    archive = StoredArchive(database)
    await archive.record([said("0.5")])

    for turns in range(12):
        batch = [said(f"{turns + 1}.{number}") for number in range(3)]
        recording = asyncio.create_task(archive.record(batch))
        for _ in range(turns):
            await asyncio.sleep(0)
        recording.cancel()
        await asyncio.gather(recording, return_exceptions=True)
        await archive.record([said(f"{turns + 1}.9")])

    counted = Counter(
        message.ts.partition(".")[0]
        for message in await Reads(database).messages(IncidentId(1), seen_by=SYSTEM)
    )
    assert {counted[str(turns + 1)] for turns in range(12)} <= {1, 4}


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_what_is_said_is_not_recorded_in_a_file_that_was_deleted(database: Database) -> None:
    archive = StoredArchive(database)
    await archive.record([said("1.0")])
    database.path.unlink()

    with pytest.raises(CannotOpen, match="was deleted"):
        await archive.record([said("2.0")])


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_nothing_is_recorded_once_the_database_was_closed(database: Database) -> None:
    archive = StoredArchive(database)
    await database.close()
    await database.close()

    with pytest.raises(CannotOpen, match="has been closed"):
        await archive.record([said("1.0")])
