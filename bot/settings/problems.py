"""Saying what is wrong with a setting: one line, which one, what to do, and never a secret."""

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from bot.domain.shared.errors import Refused


class SettingsError(Refused):
    """A setting is missing or malformed; the message is one line that says which and what to do."""


_KINDS = {
    "string_type": 'is not text. Write it in quotes, such as "incidents".',
    "bool_type": "is neither true nor false. Write one of them, without quotes.",
    "tuple_type": 'is not a list. Write one in brackets, such as ["24h", "4h"].',
    "frozen_set_type": 'is not a list. Write member ids in brackets, such as ["U012ABCDEF"].',
    "set_type": 'is not a list. Write member ids in brackets, such as ["U012ABCDEF"].',
    "literal_error": 'is not a day. Write some of "mon", "tue", "wed", "thu", "fri", "sat", "sun".',
    "string_too_short": "is empty. Say it in a few words.",
    "string_too_long": "is over 100 characters. Shorten it.",
}


def reason(error: Mapping[str, object]) -> str:
    """Return what one of pydantic's findings says, in our words; its input is never shown."""
    kind = str(error["type"])
    if kind == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    return _KINDS.get(kind, f"cannot be used: {error['msg']}.")


def unknown(name: str, known: Iterable[str], word: str) -> str:
    """Return that there is no such thing, and the nearest one that there is."""
    # Only the last part is compared: the section in front of it is the same for all.
    choices = {choice.rpartition(".")[2]: choice for choice in known}
    near = get_close_matches(name.rpartition(".")[2], choices, n=1, cutoff=0.7)
    hint = f"did you mean {choices[near[0]]}?" if near else f"known are {', '.join(choices.values())}."
    return f"there is no {word} {name}; {hint}"


def dotted(loc: Iterable[object]) -> str:
    """Return where something stands, as people write it: ``severities[1].cadence`` counts from one."""
    key = ""
    for part in loc:
        key += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if key else ''}{part}"
    return key


def why(wrong: OSError | UnicodeDecodeError) -> str:
    """Return in a few words why a file could not be read."""
    if isinstance(wrong, UnicodeDecodeError):
        return f"it is not UTF-8 (byte {wrong.start})"
    return (wrong.strerror or os.strerror(wrong.errno or 0)).lower()
