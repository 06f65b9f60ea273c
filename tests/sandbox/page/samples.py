"""One of each element and block of Block Kit, for the tests of how they are drawn and read back."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str, **more: Any) -> Json:
    return {"text": plain(value.title()), "value": value, **more}


def many(count: int) -> list[Json]:
    return [option(f"choice {number}") for number in range(count)]


def input_(element: Json, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": "field",
        "label": plain("Label"),
        "element": {"action_id": "in", **element},
        **more,
    }


def actions(*elements: Json) -> Json:
    numbered = [{"action_id": f"a{number}", **each} for number, each in enumerate(elements)]
    return {"type": "actions", "block_id": "row", "elements": numbered}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


CONFIRM = {
    "title": plain("Resolve?"), "text": mrkdwn("It is *over* for <#C00000001>."),
    "confirm": plain("Yes, it is"),
    "deny": plain("Not yet"), "style": "danger",
}  # fmt: skip
