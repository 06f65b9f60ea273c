"""The sandbox speaks wire JSON: its alias, Slack's refusals, and Slack's escaping of text."""

import json
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
"""A JSON object as it travels to or from Slack; the sandbox is all border, so it is not typed further."""


class SlackError(Exception):
    """Slack's refusal: an error code of the method, and what else the reply says."""

    def __init__(self, code: str, **extra: object) -> None:
        """Keep the code and the extra fields of the reply."""
        super().__init__(code)
        self.code = code
        self.extra = extra

    def __str__(self) -> str:
        """Return the code with what came beside it."""
        return f"{self.code} {json.dumps(self.extra, default=str)}" if self.extra else self.code

    def reply(self) -> Json:
        """Return the body Slack answers with."""
        return {"ok": False, "error": self.code, **self.extra}


def invalid(code: str, *messages: str) -> SlackError:
    """Return a refusal that names the faulty places the way Slack does."""
    return SlackError(code, response_metadata={"messages": [f"[ERROR] {each}" for each in messages]})


def escape(text: str) -> str:
    """Return text with the three characters that steer Slack's markup made inert."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Return text as a person reads it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def dicts(value: object) -> list[Json]:
    """Return the objects of a list, none where it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def words(value: object) -> str:
    """Return a string, empty where there is none."""
    return value if isinstance(value, str) else ""


def text_of(value: object) -> str:
    """Return the words of a text object, or an empty string when there is none."""
    return words(value.get("text")) if isinstance(value, Mapping) else ""
