"""A submitted form as the values that were entered in a view."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from multidict import MultiMapping

from bot.sandbox import elements as parts
from bot.sandbox.elements import HOLDS, NotThere
from bot.sandbox.page.dates import LOCAL_TIME
from bot.sandbox.state import Message
from bot.sandbox.wire import Json

Form = MultiMapping[str]


def entered(blocks: Sequence[Json], form: Form) -> dict[str, object]:
    """Return what was entered in each input that the form has, the way ``Person.submit`` takes it.

    An emptied input is None. An input that ``Person.submit`` could not tell from another raises ``NotThere``.
    """
    return {
        _name(blocks, block, element): _value(element, field, form)
        for block, element in _inputs(blocks)
        if (field := f"{block['block_id']}/{element['action_id']}") in form
    }


def _inputs(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        element = block.get("element")
        if block.get("type") == "input" and isinstance(element, dict) and element.get("type") in HOLDS:
            yield block, element


def _name(blocks: Sequence[Json], block: Json, element: Json) -> str:
    """Return the id by which a person finds the input: its block's, or its own where that means another."""
    screen = Message(channel="", ts="", user="", text="", blocks=list(blocks))
    for name in (block["block_id"], element["action_id"]):
        if parts.find(screen, name).element is element:
            return str(name)
    message = f"the input {block['block_id']}/{element['action_id']} cannot be told from another"
    raise NotThere(message)


def _value(element: Json, field: str, form: Form) -> object:
    kind = str(element["type"])
    given = [each.replace("\r\n", "\n") for each in form.getall(field) if each]
    if HOLDS[kind][2]:
        return given or None
    if not given:
        return None
    return _seconds(given[0], field, form) if kind == "datetimepicker" else given[0]


def _seconds(given: str, field: str, form: Form) -> object:
    """Return epoch seconds; a time nobody changed keeps its seconds, and its side of a clock change."""
    try:
        zone = ZoneInfo(form.get(f"{field}/zone", "") or "UTC")
        wanted = datetime.fromisoformat(given).replace(tzinfo=zone)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None
    was = form.get(f"{field}/was", "")
    if was.isascii() and was.lstrip("-").isdigit():
        before = datetime.fromtimestamp(int(was), tz=zone)
        if before.strftime(LOCAL_TIME) == wanted.strftime(LOCAL_TIME):
            return int(was)
    return int(wanted.timestamp())
