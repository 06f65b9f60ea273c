"""The few Block Kit pieces that views are made of, and what makes people's words safe to show."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from bot.slack.ids import Form, Input

Block = dict[str, object]
"""A block, an element or a view, as Slack reads it."""

SECTION_MAX = 3000
FIELD_MAX = 2000
HEADER_MAX = 150
BUTTON_MAX = 75
OPTION_MAX = 75
TITLE_MAX = 24
PLACEHOLDER_MAX = 150
INPUT_MAX = 3000
MORE_MAX = 5
MESSAGE_MAX = 10_000
"""All strings of a message's blocks together; Slack was seen to refuse 11,341."""
ELLIPSIS = "…"
EMPTY = "(empty)"


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message: ``text`` for notifications and screen readers, ``blocks`` for the eye."""

    text: str
    blocks: list[Block]


# -- words

_UNSEEN = dict.fromkeys(
    [
        *(c for c in range(0xA0) if chr(c) not in "\n\t" and unicodedata.category(chr(c)) == "Cc"),
        *map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
        *range(0xD800, 0xE000),
    ]
)
"""Control and direction-changing characters, and halves of characters, which no encoder takes."""
_CALL = re.compile(r"@(?=here\b|channel\b|everyone\b|group\b)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")
_KEPT = re.compile(r"<(?:@[UW][A-Z0-9]+|#[CG][A-Z0-9]+|https?://[^<>|\s]+)>")
_PERSON = re.compile(r"[UW][A-Z0-9]+\Z")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]+\Z")
_TOKEN = re.compile(r"<[^<>]*>|&(?:amp|lt|gt);")
_STYLE = re.compile(r"(?<!\w)[*_~`]+|[*_~`]+(?!\w)")
_ALIKE = str.maketrans("*_~`", "\u2217\u02cd\u223c\u02cb")
# A word joiner shows nothing and keeps Slack from reading "@here" as a call.
_JOINER = "\u2060"


def _tame(words: str) -> str:
    """Drop control and direction-changing characters and defuse calls to a whole channel."""
    return _CALL.sub(f"@{_JOINER}", words.translate(_UNSEEN))


def escape(words: str) -> str:
    """Return what a person or a monitor wrote as mrkdwn that mentions, links and calls nobody."""
    return _tame(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def literal(words: str) -> str:
    """Return a title as mrkdwn that also shows its ``*`` and ``_`` instead of turning bold.

    Slack has no escape for them: what could style something is replaced by what looks like it.
    """
    return unstyled(escape(words))


def unstyled(words: str) -> str:
    """Return words whose ``*`` and ``_`` style nothing, in a place that knows no entities (a topic)."""
    return _STYLE.sub(lambda found: found.group().translate(_ALIKE), words)


def settle(sentence: str) -> str:
    """Return a sentence of ours, or a message Slack gave us, with its mentions and plain links kept.

    Everything else is escaped; what is escaped already stays as it is.
    """
    tame = _tame(sentence)
    out, end = [], 0
    for token in _KEPT.finditer(tame):
        out += [_settled(tame[end : token.start()]), token.group()]
        end = token.end()
    return "".join([*out, _settled(tame[end:])])


def sentence(text: str, longest: int = SECTION_MAX) -> str:
    """Return a sentence of ours, settled and clipped, and never empty."""
    return clip(settle(text), longest) if text.strip() else EMPTY


def _settled(words: str) -> str:
    return _ENTITY.sub("&amp;", words).replace("<", "&lt;").replace(">", "&gt;")


def plain(words: str) -> str:
    """Return words for a ``plain_text`` object, where entities would show: tokens only are defused."""
    return re.sub(r"<(?=[!@#]|\w+:)", "\u2039", _tame(words))


def unmarked(sentence: str) -> str:
    """Return a sentence of ours for a place that shows neither mentions nor bold, such as an error."""
    spoken = re.sub(r"<@[UW][A-Z0-9]+>", "that person", sentence)
    placed = re.sub(r"<#[CG][A-Z0-9]+>", "its channel", spoken)
    bare = re.sub(r"\*(\S[^*\n]*)\*", r"\1", placed)
    return plain(bare[:1].upper() + bare[1:])


def size(text: str) -> int:
    """Return how long Slack may think a text is, in UTF-16 units: an emoji can count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def weight(piece: object) -> int:
    """Return how much of `MESSAGE_MAX` a block, an element or a list of them takes: all its strings."""
    if isinstance(piece, str):
        return size(piece)
    if isinstance(piece, Mapping):
        return sum(map(weight, piece.values()))
    return sum(map(weight, piece)) if isinstance(piece, list) else 0


def fitting(pieces: Iterable[Block], room: int) -> list[Block]:
    """Return the first of the pieces, as many as take no more than ``room`` together."""
    kept: list[Block] = []
    for piece in pieces:
        room -= weight(piece)
        if room < 0:
            break
        kept.append(piece)
    return kept


def clip(text: str, longest: int) -> str:
    """Return ``text`` in at most ``longest`` units, ending in an ellipsis where it was cut.

    An entity or a ``<...>`` token is kept whole or left out, so ``text`` has to be escaped before.
    """
    if size(text) <= longest:
        return text
    room = longest - size(ELLIPSIS)
    out: list[str] = []
    for part in _parts(text):
        room -= size(part)
        if room < 0:
            break
        out.append(part)
    return "".join(out).rstrip() + ELLIPSIS


def _parts(text: str) -> Iterable[str]:
    """Yield tokens and entities whole, all else one character at a time."""
    end = 0
    for token in _TOKEN.finditer(text):
        yield from text[end : token.start()]
        yield token.group()
        end = token.end()
    yield from text[end:]


def listed(items: Sequence[str], longest: int, *, joiner: str = "\n", each: int = 200) -> str:
    """Return the items joined, whole ones only, in at most ``longest`` units, then ``+ N more``."""
    room = longest - len("+ 10000 more") - len(joiner)
    shown: list[str] = []
    for item in items:
        line = clip(item, each)
        room -= size(line) + len(joiner)
        if room < 0:
            break
        shown.append(line)
    left = len(items) - len(shown)
    return joiner.join([*shown, f"+ {left} more"] if left else shown)


def date(at: datetime, fmt: str = "{date_short_pretty} {time}") -> str:
    """Return a time that each reader sees in their own zone; elsewhere it reads in UTC."""
    return f"<!date^{int(at.timestamp())}^{fmt}|{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC>"


def person(user: str | None) -> str:
    """Return a mention; what is no user id is shown as words."""
    if not user:
        return "nobody"
    return f"<@{user}>" if _PERSON.match(user) else escape(user)


def channel(room: str | None) -> str:
    """Return a link to a channel; what is no channel id is shown as words."""
    if not room:
        return ""
    return f"<#{room}>" if _CHANNEL.match(room) else escape(room)


def link(address: str, words: str) -> str:
    """Return a link with words; what is no web address is shown as words alone."""
    label = escape(words).replace("|", "/")
    if not re.fullmatch(r"https?://[^\s<>|]{1,2900}", address):
        return label
    return f"<{escape(address)}|{label}>"


def host(address: str) -> str:
    """Return where a web address leads, as ASCII: letters of other scripts can look like any site's."""
    try:
        name = urlsplit(address).hostname or ""
        return name.encode("idna").decode() if not name.isascii() else name
    except ValueError:
        return "an unreadable address"


# -- text objects


def words_of(text: str, longest: int = SECTION_MAX) -> Block:
    """Return a mrkdwn object; its words are escaped by whoever calls, and addresses in them are no links."""
    return {"type": "mrkdwn", "text": clip(text, longest) if text.strip() else EMPTY, "verbatim": True}


def plain_text(text: str, longest: int) -> Block:
    """Return a plain_text object of words as people wrote them."""
    shown = plain(text)
    return {"type": "plain_text", "text": clip(shown, longest) if shown.strip() else EMPTY, "emoji": True}


# -- blocks


def section(text: str, *, accessory: Block | None = None, longest: int = SECTION_MAX) -> Block:
    """Return a section of mrkdwn, with a button or the like at its side."""
    block: Block = {"type": "section", "text": words_of(text, longest)}
    return {**block, "accessory": accessory} if accessory else block


def fields(*texts: str) -> Block:
    """Return a section of two columns, ten cells at most."""
    return {"type": "section", "fields": [words_of(text, FIELD_MAX) for text in texts[:10]]}


def header(text: str) -> Block:
    """Return a header of words as people wrote them."""
    return {"type": "header", "text": plain_text(text, HEADER_MAX)}


def context(*texts: str) -> Block:
    """Return a line of small print."""
    return {"type": "context", "elements": [words_of(text) for text in texts[:10]]}


def divider() -> Block:
    """Return a rule."""
    return {"type": "divider"}


def actions(block_id: str, elements: Sequence[Block]) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements[:25])}


def button(
    text: str, action_id: str, value: str, *, style: Literal["primary", "danger"] | None = None
) -> Block:
    """Return a button; ``text`` is shown as it was written."""
    made: Block = {
        "type": "button",
        "action_id": str(action_id),
        "text": plain_text(text, BUTTON_MAX),
        "value": value,
    }
    return {**made, "style": style} if style else made


def overflow(action_id: str, choices: Sequence[tuple[str, str]]) -> Block:
    """Return the ``...`` menu of (text, value), five at most."""
    return {
        "type": "overflow",
        "action_id": str(action_id),
        "options": [option(text, value) for text, value in choices[:MORE_MAX]],
    }


def option(text: str, value: str, description: str = "") -> Block:
    """Return a choice; ``text`` and ``description`` are shown as they were written."""
    made: Block = {"text": plain_text(text, OPTION_MAX), "value": str(value)}
    return {**made, "description": plain_text(description, OPTION_MAX)} if description else made


# -- inputs: the block id and the action id are the input's name


def _input(name: Input, label: str, element: Block, *, optional: bool, hint: str = "") -> Block:
    made: Block = {
        "type": "input",
        "block_id": str(name),
        "label": plain_text(label, FIELD_MAX),
        "element": {**element, "action_id": str(name)},
        "optional": optional,
    }
    return {**made, "hint": plain_text(hint, FIELD_MAX)} if hint else made


def text_input(
    name: Input,
    label: str,
    *,
    initial: str | None = None,
    longest: int = INPUT_MAX,
    multiline: bool = False,
    optional: bool = False,
    hint: str = "",
    placeholder: str = "",
) -> Block:
    """Return a text input; ``initial`` is given back exactly, cut only where Slack could not hold it."""
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": longest}
    if initial:
        element["initial_value"] = clip(initial, longest)
    if placeholder:
        element["placeholder"] = plain_text(placeholder, PLACEHOLDER_MAX)
    return _input(name, label, element, optional=optional, hint=hint)


def link_input(name: Input, label: str, *, hint: str = "") -> Block:
    """Return an input that takes a web address."""
    return _input(name, label, {"type": "url_text_input"}, optional=False, hint=hint)


def select_input(
    name: Input,
    label: str,
    options: Sequence[Block],
    *,
    initial: str | None = None,
    optional: bool = False,
    hint: str = "",
) -> Block:
    """Return a menu of which one may be chosen; ``initial`` is a value."""
    return _choice("static_select", name, label, options[:100], initial=initial, optional=optional, hint=hint)


def radio_input(
    name: Input, label: str, options: Sequence[Block], *, initial: str | None = None, hint: str = ""
) -> Block:
    """Return choices in view, one to be chosen; past ten, which Slack does not allow, a menu."""
    kind = "radio_buttons" if len(options) <= 10 else "static_select"  # noqa: PLR2004 - Slack's limit
    return _choice(kind, name, label, options[:100], initial=initial, optional=False, hint=hint)


def _choice(
    kind: str,
    name: Input,
    label: str,
    options: Sequence[Block],
    *,
    initial: str | None,
    optional: bool,
    hint: str,
) -> Block:
    element: Block = {"type": kind, "options": list(options)}
    chosen = next((each for each in options if each["value"] == initial), None)
    if chosen:
        element["initial_option"] = chosen
    return _input(name, label, element, optional=optional, hint=hint)


def ticks_input(
    name: Input, label: str, options: Sequence[Block], *, initial: Iterable[str] = (), hint: str = ""
) -> Block:
    """Return choices of which any may be ticked, or a menu past ten; never required."""
    few = len(options) <= 10  # noqa: PLR2004 - Slack's limit
    element: Block = {
        "type": "checkboxes" if few else "multi_static_select",
        "options": list(options[:100]),
    }
    wanted = set(initial)
    chosen = [each for each in options[:100] if each["value"] in wanted]
    if chosen:
        element["initial_options"] = chosen
    return _input(name, label, element, optional=True, hint=hint)


def moment_input(
    name: Input, label: str, *, initial: datetime | None = None, optional: bool = True, hint: str = ""
) -> Block:
    """Return a date and a time, which Slack shows in the person's own zone."""
    element: Block = {"type": "datetimepicker"}
    if initial:
        element["initial_date_time"] = int(initial.timestamp())
    return _input(name, label, element, optional=optional, hint=hint)


def person_input(name: Input, label: str, *, initial: str | None = None, hint: str = "") -> Block:
    """Return a menu of the workspace's people."""
    element: Block = {"type": "users_select"}
    if initial:
        element["initial_user"] = initial
    return _input(name, label, element, optional=False, hint=hint)


# -- views


def modal(
    form: Form, title: str, blocks: Sequence[Block], *, submit: str | None = None, payload: str = ""
) -> Block:
    """Return a modal; without ``submit`` it only shows something."""
    view: Block = {
        "type": "modal",
        "callback_id": str(form),
        "title": plain_text(title, TITLE_MAX),
        "close": plain_text("Cancel" if submit else "Close", TITLE_MAX),
        "blocks": list(blocks[:100]),
        "private_metadata": payload,
    }
    return {**view, "submit": plain_text(submit, TITLE_MAX)} if submit else view
