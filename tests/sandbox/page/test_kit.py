"""Block Kit as HTML: every block and element, bound to its label, and nothing in it that we did not make."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from bot.sandbox.blocks import BLOCKS, ELEMENTS
from bot.sandbox.page.kit import Surface, blocks
from tests.sandbox.page.markup import Node, look, read
from tests.sandbox.page.samples import CONFIRM, Json, actions, input_, many, mrkdwn, option, plain

LOOK = look()
WHERE = "m/C00000001/1772625600.000001"
SPECS = Path(
    os.environ.get("WARROOM_SLACK_SPECS") or Path(__file__).resolve().parents[4] / "shared" / "slack-specs"
)


def drawn(*given_: Json, surface: Surface = "message", **more: Any) -> Node:
    return read(blocks(given_, LOOK, where=WHERE, surface=surface, **more))


def asked(node: Node) -> Json:
    assert node["hx-post"] == "/page/click"
    vals: Json = json.loads(node["hx-vals"])
    return vals


# Blocks


def test_a_section_has_its_text_its_fields_and_its_accessory() -> None:
    accessory = {"type": "button", "action_id": "go", "text": plain("Go")}

    page = drawn(
        {"type": "section", "block_id": "s", "text": mrkdwn("*Hi*"), "fields": [mrkdwn("a"), plain("*b*")],
         "accessory": accessory}
    )  # fmt: skip

    assert page.one(class_="section")["data-block"] == "s"
    assert page.one(class_="body").one("b").text == "Hi"
    assert [each.text for each in page.all(class_="field")] == ["a", "*b*"]
    assert asked(page.one(class_="accessory").one("button")) == {
        "where": WHERE,
        "block_id": "s",
        "action_id": "go",
    }


def test_header_divider_and_context_are_drawn() -> None:
    image = {"type": "image", "image_url": "https://a.example/x.png", "alt_text": "a chart"}

    page = drawn(
        {"type": "header", "text": plain(":tada: Done")}, {"type": "divider"},
        {"type": "context", "elements": [mrkdwn("by *us*"), image]},
    )  # fmt: skip

    assert page.one("h3").text == "🎉 Done"
    assert page.one("hr")["class"] == "block divider"
    assert page.one(class_="context").text == "by usa chart"


def test_a_picture_is_described_and_not_loaded() -> None:
    page = drawn(
        {
            "type": "image",
            "image_url": "https://a.example/x.png",
            "alt_text": "a chart",
            "title": plain("Chart"),
        },
        {"type": "image", "image_url": "javascript:alert(1)", "alt_text": "a trap"},
    )

    assert page.all("img") == []
    assert [each.text for each in page.all(class_="picture")] == ["a chart", "a trap"]
    assert [each["href"] for each in page.all("a")] == ["https://a.example/x.png"]


@pytest.mark.parametrize("kind", ["hologram", "", None, 7])
def test_an_unknown_block_says_its_type(kind: object) -> None:
    page = drawn({"type": kind})

    assert page.one(class_="unknown").text.startswith("This kind of block (")


def test_an_unknown_element_says_its_type() -> None:
    page = drawn(actions({"type": "lever"}), input_({"type": "dial"}))

    assert [each["data-type"] for each in page.all(class_="unknown")] == ["lever", "dial"]


def test_everything_the_sandbox_lets_through_is_drawn() -> None:
    page = drawn(
        *({"type": each} for each in BLOCKS if each != "input"),
        actions(*({"type": each} for each in ELEMENTS)),
    )

    assert page.all(class_="unknown") == []


# Elements that send each choice


def test_a_button_shows_its_style_and_sends_where_it_stands() -> None:
    page = drawn(actions({"type": "button", "text": plain("Take it"), "style": "primary"}))

    button = page.one("button")
    assert (button["type"], button["class"], button.text) == ("button", "button primary", "Take it")
    assert asked(button) == {"where": WHERE, "block_id": "row", "action_id": "a0"}


def test_a_confirmation_comes_as_words_for_a_dialog() -> None:
    button = drawn(actions({"type": "button", "text": plain("End"), "confirm": CONFIRM})).one("button")

    assert button["hx-confirm"] == "Resolve?\nIt is *over* for #general."
    assert [button[f"data-confirm-{each}"] for each in ("title", "text", "ok", "deny", "style")] == [
        "Resolve?", "It is *over* for #general.", "Yes, it is", "Not yet", "danger",
    ]  # fmt: skip


def test_a_button_with_an_address_opens_it_and_still_tells_the_app() -> None:
    page = drawn(
        actions({"type": "button", "text": plain("Open"), "url": "https://a.example"},
                {"type": "button", "text": plain("Trap"), "url": "javascript:alert(1)"})
    )  # fmt: skip

    anchor = page.one("a")
    assert (anchor["href"], anchor["data-url"], anchor.text) == (
        "https://a.example",
        "https://a.example",
        "Open",
    )
    assert asked(page.one(class_="linked"))["action_id"] == "a0"
    assert page.one("button").text == "Trap"


def test_an_overflow_menu_sends_the_value_of_its_item() -> None:
    page = drawn(actions({"type": "overflow", "options": [option("edit"), option("docs")]}))

    menu = page.one("details")
    assert menu.one("summary")["aria-label"] == "More actions"
    assert [asked(each)["selected"] for each in menu.all("button")] == ["edit", "docs"]


def test_a_short_menu_is_a_native_one_with_what_is_held() -> None:
    element = {"type": "static_select", "placeholder": plain("Severity"), "options": many(3)}

    held = {"row": {"a0": {"type": "static_select", "selected_option": option("choice 1")}}}
    select = drawn(actions(element), held=held).one("select")

    assert [each.text for each in select.all("option")] == ["Severity", "Choice 0", "Choice 1", "Choice 2"]
    assert [each["value"] for each in select.all("option") if "selected" in each.attributes] == ["choice 1"]
    assert (select["name"], select["aria-label"], select["form"]) == ("selected", "Severity", "")
    assert asked(select)["action_id"] == "a0"


def test_groups_of_options_keep_their_labels() -> None:
    groups = [
        {"label": plain("Data"), "options": many(2)},
        {"label": plain("Web"), "options": [option("page")]},
    ]

    page = drawn(
        actions(
            {"type": "static_select", "option_groups": groups},
            {"type": "multi_static_select", "option_groups": groups},
        )
    )

    assert [each["label"] for each in page.all("optgroup")] == ["Data", "Web"]
    assert [each.text for each in page.one("details").all("strong")] == ["Data", "Web"]


def test_people_are_offered_by_name() -> None:
    select = drawn(actions({"type": "users_select", "initial_user": LOOK.viewer})).one("select")

    assert {"@ada", "@grace"} <= {each.text for each in select.all("option")}
    assert [each.text for each in select.all("option") if "selected" in each.attributes] == ["@ada"]


def test_somebody_who_is_gone_stays_chosen_until_another_is() -> None:
    select = drawn(actions({"type": "users_select", "initial_user": "U404"})).one("select")

    assert [each["value"] for each in select.all("option") if "selected" in each.attributes] == ["U404"]


def test_a_moment_is_picked_in_the_zone_of_the_viewer() -> None:
    there = look(zone="Asia/Tokyo")
    row = actions({"type": "datetimepicker", "initial_date_time": 1772625600})

    (picker,) = read(blocks([row], there, where=WHERE)).all("input")

    assert (picker["type"], picker["value"]) == ("datetime-local", "2026-03-04T21:00")


def test_boxes_and_radios_have_their_descriptions_and_what_is_held() -> None:
    options = [{"text": mrkdwn("*One*"), "value": "1", "description": plain("the first")}, option("2")]

    page = drawn(
        actions({"type": "checkboxes", "options": options, "initial_options": [option("2")]},
                {"type": "radio_buttons", "options": options, "initial_option": options[0]})
    )  # fmt: skip

    boxes, radios = page.all(class_="ticks")
    assert (boxes["role"], radios["role"]) == ("group", "radiogroup")
    assert boxes.one("b").text == "One"
    assert boxes.one(class_="description").text == "the first"
    assert [each["value"] for each in page.all("input") if "checked" in each.attributes] == ["2", "1"]
    assert [asked(each)["selected"] for each in radios.all("input")] == ["1", "2"]
    assert asked(boxes)["action_id"] == "a0"


def test_two_groups_of_radios_do_not_unset_each_other() -> None:
    radio = {"type": "radio_buttons", "options": many(2)}

    page = drawn(actions(radio, radio))

    assert len({each["name"] for each in page.all("input")}) == 2


# Inputs


FIELDS: list[Json] = [
    {"type": "plain_text_input"}, {"type": "plain_text_input", "multiline": True},
    {"type": "url_text_input"}, {"type": "static_select", "options": many(3)},
    {"type": "static_select", "options": many(30)}, {"type": "users_select"}, {"type": "datetimepicker"},
]  # fmt: skip
GROUPS: list[Json] = [
    {"type": "checkboxes", "options": many(3)}, {"type": "radio_buttons", "options": many(3)},
    {"type": "multi_static_select", "options": many(30)},
]  # fmt: skip


@pytest.mark.parametrize("element", FIELDS, ids=lambda each: each["type"])
def test_a_field_is_bound_to_its_label_its_hint_and_its_error(element: Json) -> None:
    block = input_(element, hint=plain("Say it plainly"))

    page = drawn(block, surface="modal", errors={"field": "Please say more."})

    (control,) = [each for each in page.all() if each.attributes.get("id") == page.one("label")["for"]]
    hint, error = page.one(class_="hint"), page.one(class_="error")
    assert control["aria-describedby"] == f"{hint['id']} {error['id']}"
    assert (control["aria-invalid"], control["aria-required"]) == ("true", "true")
    assert (error["role"], error.text) == ("alert", "Please say more.")
    assert page.all(class_="invalid")


@pytest.mark.parametrize("element", GROUPS, ids=lambda each: each["type"])
def test_a_group_has_a_legend_and_its_error(element: Json) -> None:
    page = drawn(input_(element), surface="modal", errors={"field": "Choose one."})

    fieldset = page.one("fieldset")
    assert fieldset.one("legend").text == "Label"
    (group,) = [each for each in fieldset.all() if "aria-describedby" in each.attributes]
    assert group["aria-describedby"] == page.one(class_="error")["id"]


@pytest.mark.parametrize("element", [*FIELDS, *GROUPS], ids=lambda each: each["type"])
def test_a_field_of_a_form_sends_nothing_by_itself(element: Json) -> None:
    page = drawn(input_(element), surface="modal")

    assert [each for each in page.all() if "hx-post" in each.attributes] == []


def test_a_field_whose_app_wants_to_hear_sends_each_change() -> None:
    element = {
        "type": "plain_text_input",
        "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},
    }

    control = drawn(input_(element, dispatch_action=True), surface="modal").one("input")

    assert asked(control) == {"where": WHERE, "block_id": "field", "action_id": "in"}
    assert control["hx-trigger"].startswith("input changed")


def test_an_optional_field_says_so_and_limits_are_kept() -> None:
    element = {
        "type": "plain_text_input", "min_length": 3, "max_length": 20, "placeholder": plain("What"),
        "initial_value": "<b>",
    }  # fmt: skip

    page = drawn(input_(element, optional=True), surface="modal")

    control = page.one("input")
    assert page.one("label").text == "Label (optional)"
    assert [control[each] for each in ("minlength", "maxlength", "placeholder", "value")] == [
        "3",
        "20",
        "What",
        "<b>",
    ]
    assert "aria-required" not in control.attributes


def test_inputs_outside_a_modal_have_a_form_that_goes_nowhere() -> None:
    message, modal = (drawn(input_(FIELDS[0]), surface=each) for each in ("message", "modal"))

    assert message.one("form")["method"] == "dialog"
    assert modal.all("form") == []


def test_ids_of_the_app_cannot_collide_or_break_out() -> None:
    hostile = "\"><script>alert(1)</script> ' onclick=x"
    row = {"type": "actions", "block_id": hostile, "elements": [
        {"type": "button", "action_id": hostile, "text": plain(hostile)},
        {"type": "static_select", "action_id": f"{hostile}2", "options": [option(hostile)]},
    ]}  # fmt: skip

    page = drawn(row)

    ids = [each["id"] for each in page.all() if "id" in each.attributes]
    assert len(set(ids)) == len(ids) == 2
    assert all(each.isalnum() for each in ids)
    assert asked(page.one("button"))["action_id"] == hostile


# Whatever comes


KINDS = sorted({*BLOCKS, *ELEMENTS, "rich_text", "table", "plain_text", "mrkdwn", "text", "hologram"})
KEYS = [
    "text", "elements", "element", "accessory", "fields", "label", "hint", "options", "option_groups",
    "value", "url", "title", "confirm", "style", "initial_option", "initial_options", "initial_value",
    "initial_user", "initial_users", "initial_date", "initial_date_time", "initial_conversations", "rows",
    "column_settings", "placeholder", "block_id", "action_id", "description", "image_url", "alt_text",
    "multiline", "filter", "include", "timestamp", "format", "fallback", "unicode", "name", "user_id",
    "indent", "offset", "max_length", "caption", "child_blocks", "tasks", "status", "actions", "sources",
    "is_collapsible", "min_query_length",
]  # fmt: skip
SCRAPS = st.one_of(
    st.text(max_size=8), st.integers(), st.booleans(), st.none(), st.floats(),
    st.sampled_from(["<script>", "javascript:alert(1)", "*b* <@U00000001>",
                     '"><img onerror=x>', "https://a.example"]),
)  # fmt: skip
OBJECTS: st.SearchStrategy[Any] = st.recursive(
    SCRAPS,
    lambda inside: st.one_of(
        st.lists(inside, max_size=3),
        st.builds(
            lambda kind, more: {"type": kind, **more},
            st.sampled_from(KINDS),
            st.dictionaries(st.sampled_from(KEYS), inside, max_size=6),
        ),
    ),
    max_leaves=20,
)


WRONG: list[Any] = [None, 1, -1.5, True, "x", [], {}, [1], ["x"], [[]], [{}],
                    {"type": 1}, [{"options": [3]}], {"text": 5},
                    {"type": "mrkdwn", "text": None}, 10**30, float("nan"),
                    {"text": {"text": []}}]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_value_of_the_wrong_shape_spoils_nothing(wrong: object) -> None:
    odd = [{**dict.fromkeys(KEYS, wrong), "type": kind} for kind in KINDS]

    page = drawn(*odd, *(input_(each) for each in odd), actions(*odd))

    assert len(page.one(class_="blocks").children) == 2 * len(odd) + 1


@settings(deadline=None)  # a busy machine is no defect
@given(st.lists(st.builds(
    lambda kind, more: {"type": kind, **more}, st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(KEYS), OBJECTS, max_size=6),
), max_size=3), st.sampled_from(["message", "modal", "home"]))  # fmt: skip
def test_whatever_an_app_sends_is_drawn_and_makes_no_html_of_its_own(
    given_: list[Json], surface: Surface
) -> None:
    html = blocks(given_, LOOK, where=WHERE, surface=surface, errors={"": "<b>wrong</b>"})

    assert isinstance(html, Markup)
    read(html)
