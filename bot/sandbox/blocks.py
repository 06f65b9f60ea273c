"""Block Kit's limits: what Slack would refuse is refused here, with the path of the fault."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.wire import Json, SlackError, invalid, text_of

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
# Undocumented; refused at 11,341 characters in practice, accepted at about 10,000.
MESSAGE_BLOCK_CHARACTERS = 11_000
PLAIN = ("plain_text",)
ANY_TEXT = ("plain_text", "mrkdwn")

Check = Callable[["Faults", object, str], None]


class Faults:
    """Collects the faults of one payload, each with its JSON pointer, and the ids that must be unique."""

    def __init__(self) -> None:
        """Start with no fault."""
        self.found: list[str] = []
        self.block_ids: set[str] = set()

    def add(self, message: str, path: str) -> None:
        """Note a fault."""
        self.found.append(f"{message} [json-pointer:{path}]")


@dataclass(frozen=True)
class Field:
    """One field of a block, an element or an object: how it is checked, and whether it must be there."""

    check: Check
    required: bool = False


def _string(limit: int, *, least: int = 0) -> Check:
    def check(faults: Faults, value: object, path: str) -> None:
        if not isinstance(value, str):
            faults.add("must be a string", path)
        elif len(value) > limit:
            faults.add(f"must be less than {limit + 1} characters", path)
        elif len(value) < least:
            faults.add(f"must be more than {least - 1} characters", path)

    return check


def _text(limit: int, kinds: tuple[str, ...] = PLAIN) -> Check:
    def check(faults: Faults, value: object, path: str) -> None:
        if not isinstance(value, dict) or value.get("type") not in kinds:
            faults.add(f"must be a text object of type {' or '.join(kinds)}", path)
            return
        _string(limit, least=1)(faults, value.get("text"), f"{path}/text")
        allowed = {"type", "text", "emoji"} if value["type"] == "plain_text" else {"type", "text", "verbatim"}
        for name in value.keys() - allowed:
            faults.add(f"no more than {len(allowed)} items allowed: {name}", f"{path}/{name}")

    return check


def _flag(faults: Faults, value: object, path: str) -> None:
    if not isinstance(value, bool):
        faults.add("must be a boolean", path)


def _whole(faults: Faults, value: object, path: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        faults.add("must be an integer", path)


def _one_of(*allowed: str) -> Check:
    def check(faults: Faults, value: object, path: str) -> None:
        if value not in allowed:
            faults.add(f"must be one of {', '.join(allowed)}", path)

    return check


def _anything(_faults: Faults, _value: object, _path: str) -> None:
    return


def _rows(check: Check, *, least: int = 1, most: int) -> Check:
    def rows(faults: Faults, value: object, path: str) -> None:
        if not isinstance(value, list):
            faults.add("must be an array", path)
            return
        if len(value) < least:
            faults.add(f"no less than {least} items allowed", path)
        if len(value) > most:
            faults.add(f"no more than {most} items allowed", path)
        for number, each in enumerate(value):
            check(faults, each, f"{path}/{number}")

    return rows


def _object(**fields: Field) -> Check:
    def check(faults: Faults, value: object, path: str) -> None:
        if not isinstance(value, dict):
            faults.add("must be an object", path)
            return
        _fields(faults, value, path, fields)

    return check


def _fields(faults: Faults, value: Json, path: str, fields: dict[str, Field]) -> None:
    for name, each in fields.items():
        if value.get(name) is not None:
            each.check(faults, value[name], f"{path}/{name}")
        elif each.required:
            faults.add(f"missing required field: {name}", path)
    for name in value.keys() - fields.keys() - {"type"}:
        faults.add(f"invalid additional property: {name}", f"{path}/{name}")


def _must(check: Check) -> Field:
    return Field(check, required=True)


CONFIRM = _object(
    title=_must(_text(100)),
    text=_must(_text(300, ANY_TEXT)),
    confirm=_must(_text(30)),
    deny=_must(_text(30)),
    style=Field(_one_of("primary", "danger")),
)
OPTION = _object(
    text=_must(_text(75)), value=_must(_string(150)), description=Field(_text(75)), url=Field(_string(3000))
)
TICK = _object(
    text=_must(_text(75, ANY_TEXT)),
    value=_must(_string(150)),
    description=Field(_text(75, ANY_TEXT)),
)
GROUP = _object(label=_must(_text(75)), options=_must(_rows(OPTION, most=100)))
DISPATCH = _object(
    trigger_actions_on=Field(_rows(_one_of("on_enter_pressed", "on_character_entered"), most=2))
)

NAMED = {"action_id": Field(_string(255))}
COMMON = {**NAMED, "confirm": Field(CONFIRM), "focus_on_load": Field(_flag)}
WORDS = {"placeholder": Field(_text(150))}
CHOICES = {
    **COMMON, **WORDS, "options": Field(_rows(OPTION, most=100)),
    "option_groups": Field(_rows(GROUP, most=100)),
}  # fmt: skip
TICKS = {**COMMON, "options": _must(_rows(TICK, most=10))}
TYPED = {
    **NAMED, **WORDS, "focus_on_load": Field(_flag), "dispatch_action_config": Field(DISPATCH),
    "initial_value": Field(_string(3000)),
}  # fmt: skip

ELEMENTS: dict[str, dict[str, Field]] = {
    "button": {
        **NAMED, "confirm": Field(CONFIRM), "text": _must(_text(75)), "url": Field(_string(3000)),
        "value": Field(_string(2000)), "style": Field(_one_of("primary", "danger")),
        "accessibility_label": Field(_string(75)),
    },
    "static_select": {**CHOICES, "initial_option": Field(OPTION)},
    "multi_static_select": {
        **CHOICES, "max_selected_items": Field(_whole), "initial_options": Field(_rows(OPTION, most=100)),
    },
    "users_select": {**COMMON, **WORDS, "initial_user": Field(_string(255))},
    "overflow": {**NAMED, "confirm": Field(CONFIRM), "options": _must(_rows(OPTION, most=5))},
    "datetimepicker": {**COMMON, "initial_date_time": Field(_whole)},
    "checkboxes": {**TICKS, "initial_options": Field(_rows(TICK, most=10))},
    "radio_buttons": {**TICKS, "initial_option": Field(TICK)},
    "plain_text_input": {
        **TYPED, "multiline": Field(_flag), "min_length": Field(_whole), "max_length": Field(_whole),
    },
    "url_text_input": TYPED,
    "image": {"image_url": Field(_string(3000)), "alt_text": _must(_string(2000))},
}  # fmt: skip

INPUTS = frozenset(ELEMENTS) - {"button", "overflow", "image"}
ACTIONS = frozenset(ELEMENTS) - {"image", "plain_text_input", "url_text_input"}
ACCESSORIES = ACTIONS | {"image"}


def _element(allowed: frozenset[str]) -> Check:
    def check(faults: Faults, value: object, path: str) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict) or kind not in allowed:
            faults.add(f"unsupported type: {kind}", f"{path}/type")
            return
        _fields(faults, value, path, ELEMENTS[str(kind)])
        if str(kind).endswith("static_select") and ("options" in value) == ("option_groups" in value):
            faults.add("must define one of options or option_groups", path)

    return check


def _context(faults: Faults, value: object, path: str) -> None:
    if isinstance(value, dict) and value.get("type") == "image":
        _element(frozenset({"image"}))(faults, value, path)
    else:
        _text(3000, ANY_TEXT)(faults, value, path)


BLOCKS: dict[str, dict[str, Field]] = {
    "section": {
        "text": Field(_text(3000, ANY_TEXT)), "fields": Field(_rows(_text(2000, ANY_TEXT), most=10)),
        "accessory": Field(_element(ACCESSORIES)), "expand": Field(_flag),
    },
    "header": {"text": _must(_text(150))},
    "divider": {},
    "context": {"elements": _must(_rows(_context, most=10))},
    "actions": {"elements": _must(_rows(_element(ACTIONS), most=25))},
    "image": {**ELEMENTS["image"], "title": Field(_text(2000))},
    "input": {
        "label": _must(_text(2000)), "element": _must(_element(INPUTS)), "hint": Field(_text(2000)),
        "optional": Field(_flag), "dispatch_action": Field(_flag),
    },
}  # fmt: skip


def elements_of(block: Json) -> Iterator[Json]:
    """Yield the interactive elements of a block."""
    candidates: list[Any] = [block.get("accessory"), block.get("element")]
    if block.get("type") == "actions":
        candidates += block.get("elements", [])
    yield from (each for each in candidates if isinstance(each, dict) and each.get("type") != "image")


def _unique_actions(faults: Faults, block: Json, path: str) -> None:
    ids = [each["action_id"] for each in elements_of(block) if isinstance(each.get("action_id"), str)]
    for repeated in sorted({each for each in ids if ids.count(each) > 1}):
        faults.add(f"action_id {repeated!r} already exists", path)


def _block(faults: Faults, block: object, path: str) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if not isinstance(block, dict) or kind not in BLOCKS:
        faults.add(f"unsupported type: {kind}", f"{path}/type")
        return
    _fields(faults, block, path, {"block_id": Field(_string(255)), **BLOCKS[str(kind)]})
    if kind == "section" and not block.get("text") and not block.get("fields"):
        faults.add("missing required field: text", path)
    if (name := block.get("block_id")) is not None:
        if name in faults.block_ids:
            faults.add(f"block_id {name!r} already exists", f"{path}/block_id")
        faults.block_ids.add(str(name))
    _unique_actions(faults, block, path)


def _all(blocks: object, most: int) -> Faults:
    faults = Faults()
    if not isinstance(blocks, list):
        faults.add("must be an array", "/blocks")
        return faults
    if len(blocks) > most:
        faults.add(f"no more than {most} items allowed", "/blocks")
    for number, block in enumerate(blocks):
        _block(faults, block, f"/blocks/{number}")
    return faults


def _characters(value: object) -> int:
    if isinstance(value, dict):
        return sum(
            len(each)
            if name in ("text", "url", "value", "alt_text") and isinstance(each, str)
            else _characters(each)
            for name, each in value.items()
        )
    return sum(map(_characters, value)) if isinstance(value, list) else 0


def check_message(blocks: object) -> None:
    """Refuse blocks a message may not have: ``invalid_blocks`` with paths, or ``msg_blocks_too_long``."""
    if found := _all(blocks, MESSAGE_BLOCKS).found:
        raise SlackError(
            "invalid_blocks", errors=found, response_metadata={"messages": [f"[ERROR] {m}" for m in found]}
        )
    if _characters(blocks) > MESSAGE_BLOCK_CHARACTERS:
        raise SlackError("msg_blocks_too_long")


VIEW_FIELDS = {
    "blocks": Field(_anything), "private_metadata": Field(_string(3000)), "callback_id": Field(_string(255)),
    "external_id": Field(_string(255)),
}  # fmt: skip
MODAL_FIELDS = {
    **VIEW_FIELDS, "title": _must(_text(24)), "submit": Field(_text(24)), "close": Field(_text(24)),
    "clear_on_close": Field(_flag), "notify_on_close": Field(_flag), "submit_disabled": Field(_flag),
}  # fmt: skip


def check_view(view: object, *, kinds: tuple[str, ...]) -> None:
    """Refuse a view Slack would not show: ``invalid_arguments`` with paths, or ``view_too_large``."""
    if not isinstance(view, dict) or view.get("type") not in kinds:
        raise invalid(
            "invalid_arguments", f"must be a view of type {' or '.join(kinds)} [json-pointer:/view/type]"
        )
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise SlackError("view_too_large")
    kind = str(view["type"])
    faults = _all(view.get("blocks"), VIEW_BLOCKS)
    _fields(faults, view, "", MODAL_FIELDS if kind == "modal" else VIEW_FIELDS)
    inputs = [
        each for each in view.get("blocks") or [] if isinstance(each, dict) and each.get("type") == "input"
    ]
    if kind == "modal" and inputs and not view.get("submit"):
        faults.add("missing required field: submit, a modal with inputs needs it", "/submit")
    focused = [each for each in inputs if (each.get("element") or {}).get("focus_on_load")]
    if len(focused) > 1:
        faults.add("only one element may have focus_on_load", "/blocks")
    if faults.found:
        raise invalid(
            "invalid_arguments",
            *(each.replace("[json-pointer:", "[json-pointer:/view") for each in faults.found),
        )


def with_ids(blocks: list[Json], fresh: Callable[[], str]) -> list[Json]:
    """Return the blocks with every missing ``block_id`` and ``action_id`` given, as Slack does."""
    filled: list[Json] = json.loads(json.dumps(blocks))
    for block in filled:
        block.setdefault("block_id", fresh())
        for element in elements_of(block):
            element.setdefault("action_id", fresh())
    return filled


def fallback(blocks: list[Json]) -> str:
    """Return the words of the first block that has any: what a notification would show."""
    return next((words for each in blocks if (words := text_of(each.get("text")))), "")
