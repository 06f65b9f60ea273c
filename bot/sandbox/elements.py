"""The interactive elements as a person uses them.

What a choice looks like on the wire, and what the client refuses.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.sandbox import blocks as kit
from bot.sandbox.state import Message, View
from bot.sandbox.wire import Json, dicts, text_of

TYPED = ("plain_text_input", "url_text_input")
# Element type -> (field of the state, field it starts from, whether it holds several).
HOLDS: dict[str, tuple[str, str, bool]] = {
    **dict.fromkeys(TYPED, ("value", "initial_value", False)),
    "static_select": ("selected_option", "initial_option", False),
    "radio_buttons": ("selected_option", "initial_option", False),
    "multi_static_select": ("selected_options", "initial_options", True),
    "checkboxes": ("selected_options", "initial_options", True),
    "users_select": ("selected_user", "initial_user", False),
    "datetimepicker": ("selected_date_time", "initial_date_time", False),
}
DEFAULT_LENGTH = 3000


class NotThere(LookupError):  # noqa: N818 - what a person would say
    """A person reached for something that is not on their screen."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """An element with the block it stands in."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        """The id of its block."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """Its own id."""
        return str(self.element["action_id"])

    @property
    def kind(self) -> str:
        """Its type."""
        return str(self.element["type"])


def elements(where: View | Message) -> Iterator[Found]:
    """Yield every interactive element of a view or a message, top to bottom."""
    for block in where.blocks:
        for element in kit.elements_of(block):
            yield Found(block=block, element=element)


def find(
    where: View | Message, action_id: str, *, block_id: str | None = None, value: str | None = None
) -> Found:
    """Return the element a person means: by action id, else by its block id or the words on a button.

    Several of the same action id are told apart by ``block_id`` or by the ``value`` of the button; anything
    that is not there raises ``NotThere``, which lists what is.
    """
    there = [each for each in elements(where) if block_id in (None, each.block_id)]
    named = [each for each in there if each.action_id == action_id]
    named = named or [
        each for each in there if each.block_id == action_id or text_of(each.element.get("text")) == action_id
    ]
    if value is not None and len(named) > 1:
        named = [each for each in named if each.element.get("value") == value] or named
    if not named:
        shown = ", ".join(f"{each.kind} {each.action_id!r}" for each in elements(where)) or "nothing"
        message = f"there is no {action_id!r} to use here; there is {shown}"
        raise NotThere(message)
    return named[0]


def options(element: Json) -> list[Json]:
    """Return all options of a select, those in groups too."""
    grouped = [
        option for group in dicts(element.get("option_groups")) for option in dicts(group.get("options"))
    ]
    return [*dicts(element.get("options")), *grouped]


User = Callable[[str], str]


def meant(element: Json, value: object, user: User) -> object:
    """Return what a person means (a name, a label, a time) as the wire carries it.

    ``user`` gives the id of a name; an option that is not offered raises ``NotThere``.
    """
    kind = str(element["type"])
    if kind == "users_select":
        return user(str(value))
    if kind == "datetimepicker":
        return int(value.timestamp()) if isinstance(value, datetime) else int(str(value))
    return str(value) if kind in TYPED else _option(value, options(element))


def _option(value: object, offered: list[Json]) -> Json:
    wanted = value.get("value") if isinstance(value, dict) else value
    for test in (lambda each: each.get("value") == wanted, lambda each: text_of(each["text"]) == wanted):
        for each in offered:
            if test(each):
                return each
    shown = ", ".join(f"{each.get('value')} ({text_of(each['text'])})" for each in offered) or "nothing"
    message = f"{wanted!r} is not offered; offered is {shown}"
    raise NotThere(message)


def state(element: Json, value: object, user: User) -> Json:
    """Return the state of an element that a person gave this value; None empties it."""
    field, _initial, many = HOLDS[str(element["type"])]
    if value is None or value == "":
        return {"type": element["type"], field: [] if many else None}
    if many:
        several = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
        return {"type": element["type"], field: [meant(element, each, user) for each in several]}
    return {"type": element["type"], field: meant(element, value, user)}


def initial(element: Json) -> Json:
    """Return the state of an element nobody has touched."""
    field, start, many = HOLDS[str(element["type"])]
    return {"type": element["type"], field: element.get(start, [] if many else None)}


def values(where: View) -> dict[str, dict[str, Json]]:
    """Return ``state.values``: what every input and select of a view holds."""
    held: dict[str, dict[str, Json]] = {}
    for each in elements(where):
        if each.kind in HOLDS:
            state = where.inputs.get(each.block_id, {}).get(each.action_id) or initial(each.element)
            held.setdefault(each.block_id, {})[each.action_id] = state
    return held


def complaint(block: Json, state: Json) -> str | None:
    """Return what Slack's client says under an input that may not be submitted so, None when it may."""
    element = block["element"]
    field, _initial, _many = HOLDS[element["type"]]
    value = state.get(field)
    if value in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    if element["type"] in TYPED:
        return _typed_complaint(element, str(value))
    if isinstance(value, list) and len(value) > (element.get("max_selected_items") or len(value)):
        return f"You may choose {element['max_selected_items']} at most."
    return None


def _typed_complaint(element: Json, value: str) -> str | None:
    if len(value) < int(element.get("min_length") or 0):
        return f"Please enter at least {element['min_length']} characters."
    most = int(element.get("max_length") or DEFAULT_LENGTH)
    if len(value) > most:
        return f"Please enter no more than {most} characters."
    if element["type"] == "url_text_input" and not re.fullmatch(r"https?://\S+", value):
        return "Please enter a valid value."
    return None
