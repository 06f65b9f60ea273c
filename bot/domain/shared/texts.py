"""Free text, kept apart from facts so that it can be erased without touching one."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import Actor, TextId

TITLE_MAX = 150
"""A title heads a card, and Slack's header block holds 150 characters."""
BODY_MAX = 3000
"""The most that one plain-text input of Slack holds."""
QUOTED_MAX = 40
"""What is said back of a word nobody understood."""

# The zero-width joiner holds many emoji together.
_KEPT = "\n\t\u200d"
# Letters and signs that show nothing: Hangul fillers and the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


@dataclass(frozen=True, kw_only=True)
class Text:
    """Words somebody wrote. ``body`` is None once they have been erased."""

    id: TextId
    author: Actor
    body: str | None
    written_at: datetime


def write(body: str, *, author: Actor, at: datetime) -> Text:
    """Return a new text; its id is random, so that a fact can name it before either is stored."""
    return Text(id=TextId(uuid4().hex), author=author, body=body, written_at=at)


def one_line(raw: str, *, field: str, name: str, longest: int = TITLE_MAX) -> str:
    """Return ``raw`` as one trimmed line; refuses an empty or an overlong one, at ``field``."""
    clean = " ".join(_visible(raw).split())
    return _checked(clean, field=field, name=name, longest=longest)


def paragraph(raw: str, *, field: str, name: str, longest: int = BODY_MAX) -> str:
    """Return ``raw`` trimmed, its lines kept; refuses an empty or an overlong one, at ``field``."""
    clean = "\n".join(line.rstrip() for line in _visible(raw).strip().splitlines())
    return _checked(clean, field=field, name=name, longest=longest)


def optional_paragraph(raw: str | None, *, field: str, name: str) -> str | None:
    """Return ``raw`` as a paragraph, or None where nothing was written."""
    return paragraph(raw, field=field, name=name) if raw and _visible(raw).strip() else None


def quoted(typed: str) -> str:
    """Return what a person typed, short enough to be said back to them."""
    clean = " ".join(_visible(typed).split())
    return clean if len(clean) <= QUOTED_MAX else f"{clean[: QUOTED_MAX - 1]}…"


def _visible(raw: str) -> str:
    """Drop what cannot be seen: control, zero-width and direction-changing characters."""
    return "".join(c for c in raw if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})


def _checked(clean: str, *, field: str, name: str, longest: int) -> str:
    if not any(unicodedata.category(c)[0] not in "CMZ" and c not in _BLANK for c in clean):
        msg = f"{name} is empty. Say in a few words what people would recognise it by."
        raise Refused(msg, field=field)
    if len(clean) > longest:
        msg = f"{name} has {len(clean)} characters; {longest} fit. Shorten it and send it again."
        raise Refused(msg, field=field)
    return clean
