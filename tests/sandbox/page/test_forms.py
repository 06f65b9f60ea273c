"""What a browser would submit of a drawn form is what was held: through a real submission in a sandbox."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict, MultiDictProxy
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.sandbox import Sandbox
from bot.sandbox.elements import HOLDS, NotThere
from bot.sandbox.elements import values as values_of
from bot.sandbox.page.forms import entered
from bot.sandbox.page.kit import blocks
from bot.sandbox.page.look import Look
from bot.sandbox.state import View
from tests.sandbox.kit import Bot, modal
from tests.sandbox.page.markup import Node, look, read, submitted
from tests.sandbox.page.samples import Json, input_, many, plain

NOON = 1772625600
HELD: list[tuple[Json, object]] = [
    ({"type": "plain_text_input"}, 'a "word" & <b>more</b>'),
    ({"type": "plain_text_input", "multiline": True}, "\none\n\n two\n"),
    ({"type": "url_text_input"}, "https://a.example/?a=1&b=2"),
    ({"type": "static_select", "options": many(3)}, many(3)[1]),
    ({"type": "static_select", "options": many(30)}, many(30)[20]),
    ({"type": "static_select", "option_groups": [{"label": plain("All"), "options": many(3)}]}, many(3)[2]),
    ({"type": "radio_buttons", "options": many(3)}, many(3)[2]),
    ({"type": "checkboxes", "options": many(3)}, many(3)[:2]),
    ({"type": "multi_static_select", "options": many(3)}, many(3)[1:]),
    ({"type": "multi_static_select", "options": many(30)}, many(30)[4:7]),
    ({"type": "users_select"}, "U00000002"),
    ({"type": "datetimepicker"}, NOON),
]  # fmt: skip
NAMES = [f"{element['type']}-{number}" for number, (element, _) in enumerate(HELD)]


def starting(element: Json, value: object) -> Json:
    """Return the element with a value to start from."""
    return {**element, HOLDS[str(element["type"])][1]: value}


def page_of(view: View, look_: Look) -> Node:
    drawn = blocks(view.blocks, look_, where=f"v/{view.id}", held=values_of(view), surface="modal")
    return read(drawn)


def holding(element: Json, value: object) -> Json:
    """Return the state of a field that somebody gave a value."""
    return {"field": {"in": {"type": element["type"], HOLDS[str(element["type"])][0]: value}}}


def read_back(element: Json, value: object, *, look_: Look | None = None) -> Mapping[str, object]:
    block = input_(element)
    drawn = blocks([block], look_ or look(), where="v/V1", held=holding(element, value), surface="modal")
    return entered([block], submitted(read(drawn)))


def test_every_element_that_holds_a_value_is_tried() -> None:
    assert {element["type"] for element, _ in HELD} == set(HOLDS)


@pytest.mark.parametrize(("element", "value"), HELD, ids=NAMES)
async def test_what_was_held_is_submitted(slack: Sandbox, bot: Bot, element: Json, value: object) -> None:
    said: list[Json] = []
    ada = slack.person("ada")

    @bot.app.command("/incident")
    async def opens(ack: AsyncAck, body: Json) -> None:
        await ack()
        await bot.client.views_open(
            trigger_id=body["trigger_id"], view=modal(input_(element, block_id="field", optional=True))
        )

    @bot.app.view("declare")
    async def hears(ack: AsyncAck, view: Json) -> None:
        said.append(view["state"]["values"]["field"]["in"])
        await ack()

    await ada.command("/incident")
    view = await ada.wait_for_modal()
    view.inputs = holding(element, value)
    seen = Look(workspace=slack.workspace, viewer=ada.id, zone=ZoneInfo(ada.user.tz), now=slack.clock.now())

    done = await ada.submit(view, entered(view.blocks, submitted(page_of(view, seen))))

    assert done.ok, done
    assert said == [holding(element, value)["field"]["in"]]


@pytest.mark.parametrize(("element", "value"), HELD, ids=NAMES)
def test_what_an_element_starts_from_is_read_back_as_what_was_held(element: Json, value: object) -> None:
    started = input_(starting(element, value))

    drawn = blocks([started], look(), where="v/V1", surface="modal")

    assert entered([started], submitted(read(drawn))) == read_back(element, value)


@pytest.mark.parametrize(("element", "value"), HELD, ids=NAMES)
def test_an_emptied_field_is_none_and_an_absent_one_is_left_alone(element: Json, value: object) -> None:
    empty: object = [] if HOLDS[str(element["type"])][2] else None

    assert read_back(element, empty) == {"field": None}
    assert entered([input_(element)], MultiDictProxy(MultiDict())) == {}


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        ("Europe/London", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, 7, 0, 42, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_comes_back_in_any_zone_and_on_both_sides_of_a_clock_change(
    zone: str, when: datetime
) -> None:
    stamp = int(when.timestamp())

    assert read_back({"type": "datetimepicker"}, stamp, look_=look(zone=zone)) == {"field": stamp}


def test_a_moment_that_was_picked_is_one_of_the_viewers_zone() -> None:
    form = MultiDict({"field/in": "2026-03-04T21:00", "field/in/zone": "Asia/Tokyo", "field/in/was": "7"})

    assert entered([input_({"type": "datetimepicker"})], MultiDictProxy(form)) == {"field": NOON}


@pytest.mark.parametrize(
    "form",
    [
        {"field/in": "yesterday"},
        {"field/in": "2026-03-04T21:00", "field/in/zone": "../../etc/passwd"},
        {"field/in": "2026-03-04T21:00", "field/in/zone": "Moon/Base"},
    ],
)
def test_a_moment_that_makes_no_sense_is_none(form: dict[str, str]) -> None:
    assert entered([input_({"type": "datetimepicker"})], MultiDictProxy(MultiDict(form))) == {"field": None}


def field(block_id: str, action_id: str) -> Json:
    return input_({"type": "plain_text_input", "action_id": action_id}, block_id=block_id)


def test_inputs_of_one_action_id_are_told_apart() -> None:
    form = MultiDict({"a/v": "1", "b/v": "2", "v/x": "3"})

    values = entered([field("a", "v"), field("b", "v"), field("v", "x")], MultiDictProxy(form))

    assert values == {"a": "1", "b": "2", "x": "3"}


def test_inputs_that_no_id_tells_apart_are_refused() -> None:
    form = MultiDict({"a/v": "1", "b/a": "2", "v/v": "3"})

    with pytest.raises(NotThere, match="cannot be told"):
        entered([field("b", "a"), field("c", "v"), field("a", "v")], MultiDictProxy(form))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1, max_size=80))
def test_any_words_come_back_as_they_were(text: str) -> None:
    for multiline in (False, True):
        assert read_back({"type": "plain_text_input", "multiline": multiline}, text) == {"field": text}
