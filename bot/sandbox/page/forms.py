"""A submitted form as the values that were entered in a view."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import blake2s
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

    An emptied input is None; a chosen file stands in the form by its name. An input that ``Person.submit``
    could not tell from another raises ``NotThere``.
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
    if kind == "file_input":
        return _files(field, form)
    given = [_line_breaks(each) for each in form.getall(field) if each]
    if HOLDS[kind][2]:
        return given or None
    if not given:
        return None
    if kind == "datetimepicker":
        return _seconds(given[0], field, form)
    return _rich_text(given[0], field, form) if kind == "rich_text_input" else given[0]


def _line_breaks(text: str) -> str:
    return text.replace("\r\n", "\n")


def _beside(field: str, what: str, form: Form) -> str:
    return form.get(f"{field}/{what}", "")


def _seconds(given: str, field: str, form: Form) -> object:
    """Return epoch seconds; a time nobody changed keeps its seconds, and its side of a clock change."""
    try:
        zone = ZoneInfo(_beside(field, "zone", form) or "UTC")
        wanted = datetime.fromisoformat(given).replace(tzinfo=zone)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None
    was = _beside(field, "was", form)
    if was.isascii() and was.lstrip("-").isdigit():
        before = datetime.fromtimestamp(int(was), tz=zone)
        if before.strftime(LOCAL_TIME) == wanted.strftime(LOCAL_TIME):
            return int(was)
    return int(wanted.timestamp())


def _rich_text(given: str, field: str, form: Form) -> Json:
    """Return rich text; what nobody changed keeps its styles."""
    try:
        was = json.loads(_beside(field, "was", form) or "{}")
    except ValueError:
        was = {}
    if isinstance(was, dict) and was.get("text") == given and isinstance(was.get("block"), dict):
        kept: Json = was["block"]
        return kept
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": given}]}
    return {"type": "rich_text", "elements": [section]}


def _files(field: str, form: Form) -> list[Json] | None:
    kept = [each for text in form.getall(f"{field}/kept", []) if (each := _file(text))]
    return [*kept, *(_uploaded(name) for name in form.getall(field) if name)] or None


def _file(text: str) -> Json | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _uploaded(name: str) -> Json:
    number = blake2s(name.encode("utf-8", "replace"), digest_size=5).hexdigest().upper()
    kind = name.rpartition(".")[2]
    return {"id": f"F{number}", "name": name, "title": name, "mode": "hosted", "filetype": kind}
