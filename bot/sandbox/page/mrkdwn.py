"""Slack's own markup as HTML: what people and apps write in messages and text objects."""

import re
from collections.abc import Callable
from itertools import groupby

from markupsafe import Markup, escape

from bot.sandbox.page.dates import moment
from bot.sandbox.page.emoji import SHORT_NAME, emoji
from bot.sandbox.page.look import Look
from bot.sandbox.page.tags import NOTHING, link, tag, together
from bot.sandbox.wire import unescape

URL = re.compile(r"https?://(?:(?!&[lg]t;)[^\s<>|\"'`\U000f0000-\U000ffffd])+", re.IGNORECASE)
_BLOCK = re.compile(r"```(.+?)```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_REFERENCE = re.compile(r"<([^<>\n]+)>")
_QUOTE = re.compile(r"(?:&gt;|>) ?")
_REST = re.compile(r"^(?:&gt;|>){3} ?", re.MULTILINE)
_BULLET = re.compile(r"\s*(?:[•◦▪‣·-]|\d{1,3}\.)\s")
_TRAILING = ".,;:!?)]*_~"
_WORD = r"[^\W_]"
# A mark opens before a character and closes after one, and what stands around the pair is no part of a word.
_STYLED = re.compile(
    "|".join(
        rf"(?<!{_WORD})(?<!{mark}){mark}(?={mark}*[^\s{mark}])(?P<{name}>[^\n{mark}]*[^\s{mark}]){mark}(?!{mark})(?!{_WORD})"
        for mark, name in ((r"\*", "b"), ("_", "i"), ("~", "s"))
    )
)
# Finished pieces wait in a list while the styles around them are found; a private character holds each place.
_HOLD = 0xF0000
_HELD = re.compile("[\U000f0000-\U000ffffd]")
_ROOM = 0xFFFD


def plain(text: str) -> Markup:
    """Return the text of a ``plain_text`` object: escaped, its emoji drawn."""
    pieces: list[str] = []
    start = 0
    for found in SHORT_NAME.finditer(text):
        drawn = short_name(found[1], found[2])
        if drawn is not None:
            pieces += [text[start : found.start()], drawn]
            start = found.end()
    return together([*pieces, text[start:]])


def short_name(name: str, skin: str | None = None) -> Markup | None:
    """Return an emoji by its short name as an element that says the name, None for an unknown one."""
    drawn = emoji(f"{name}::skin-tone-{skin}" if skin else name)
    if drawn is None:
        return None
    return tag(
        "span", drawn, class_="emoji", role="img", aria_label=name.replace("_", " "), title=f":{name}:"
    )


def mrkdwn(text: str, look: Look, *, verbatim: bool = False) -> Markup:
    """Return a ``mrkdwn`` text; ``verbatim`` leaves bare addresses as they are."""
    cleaned = _HELD.sub("", text).replace("\r\n", "\n").replace("\0", "")
    pieces: list[Markup] = []
    parts = _BLOCK.split(cleaned)
    for number, part in enumerate(parts):
        if number % 2:
            pieces.append(tag("pre", _inside_code(part.strip("\n"), look), class_="preformatted"))
        else:
            after_block = part.removeprefix("\n") if number else part
            words = after_block.removesuffix("\n") if number + 1 < len(parts) else after_block
            pieces.append(_paragraphs(words, look, verbatim=verbatim))
    return NOTHING.join(pieces)


def _inside_code(text: str, look: Look) -> Markup:
    pieces = [
        (reference(part, look) or unescape(f"<{part}>")) if number % 2 else unescape(part)
        for number, part in enumerate(_REFERENCE.split(text))
    ]
    return together(pieces)


def _paragraphs(text: str, look: Look, *, verbatim: bool) -> Markup:
    rest = _REST.search(text)
    if rest:
        quoted = tag("blockquote", _lines(text[rest.end() :].split("\n"), look, verbatim=verbatim))
        return _paragraphs(text[: rest.start()].removesuffix("\n"), look, verbatim=verbatim) + quoted
    drawn: list[Markup] = []
    for is_quote, lines in groupby(text.split("\n") if text else [], lambda each: bool(_QUOTE.match(each))):
        if is_quote:
            unquoted = [_QUOTE.sub("", each, count=1) for each in lines]
            drawn.append(tag("blockquote", _lines(unquoted, look, verbatim=verbatim)))
        else:
            drawn.append(_lines(list(lines), look, verbatim=verbatim))
    return NOTHING.join(drawn)


def _lines(lines: list[str], look: Look, *, verbatim: bool) -> Markup:
    pieces: list[Markup] = []
    for number, line in enumerate(lines):
        drawn = _inline(line, look, verbatim=verbatim)
        if _BULLET.match(line):
            pieces.append(tag("span", drawn, class_="bullet"))
        else:
            breaks = number + 1 < len(lines) and not _BULLET.match(lines[number + 1])
            pieces += [drawn, tag("br")] if breaks or (not line and number + 1 < len(lines)) else [drawn]
    return NOTHING.join(pieces)


class _Pieces:
    """Finished pieces of one line and the places that hold them."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.made: list[Markup] = []

    def hold(self, piece: Markup | None, instead: str) -> str:
        """Return the place of a piece, or what stands there instead when nothing was made of it."""
        if piece is None or len(self.made) >= _ROOM:
            return instead
        self.made.append(piece)
        return chr(_HOLD + len(self.made) - 1)

    def fill(self, text: str) -> Markup:
        """Return words with every place filled in."""
        parts: list[Markup] = []
        start = 0
        for found in _HELD.finditer(text):
            parts += [escape(unescape(text[start : found.start()])), self.made[ord(found[0]) - _HOLD]]
            start = found.end()
        return NOTHING.join([*parts, escape(unescape(text[start:]))])


def _inline(line: str, look: Look, *, verbatim: bool) -> Markup:
    pieces = _Pieces()
    held = _CODE.sub(lambda found: pieces.hold(tag("code", _inside_code(found[1], look)), found[0]), line)
    held = _REFERENCE.sub(
        lambda found: pieces.hold(reference(_spelt(found[1], pieces), look), found[0]), held
    )
    if not verbatim:
        held = URL.sub(lambda found: _bare(found[0], pieces), held)
    held = SHORT_NAME.sub(lambda found: pieces.hold(short_name(found[1], found[2]), found[0]), held)
    return _styled(held, pieces)


def _spelt(text: str, pieces: _Pieces) -> str:
    """Return the words of a reference with the code marks inside it taken back."""
    return _HELD.sub(lambda found: str(pieces.made[ord(found[0]) - _HOLD].striptags()), text)


def _bare(found: str, pieces: _Pieces) -> str:
    target = _without_end_of_sentence(found)
    clean = unescape(target)
    return pieces.hold(link(clean, clean, class_="link"), target) + found[len(target) :]


def _without_end_of_sentence(url: str) -> str:
    """Return an address without the punctuation after it; a bracket it opened itself is part of it."""
    unopened = url.count(")") - url.count("(")
    end = len(url)
    while end and url[end - 1] in _TRAILING:
        if url[end - 1] == ")":
            if unopened <= 0:
                break
            unopened -= 1
        end -= 1
    return url[:end]


def _styled(text: str, pieces: _Pieces) -> Markup:
    parts: list[Markup] = []
    start = 0
    for found in _STYLED.finditer(text):
        name = str(found.lastgroup)
        parts += [pieces.fill(text[start : found.start()]), tag(name, _styled(found[name], pieces))]
        start = found.end()
    return NOTHING.join([*parts, pieces.fill(text[start:])])


# What stands between angle brackets


def reference(inside: str, look: Look) -> Markup | None:
    """Return a mention, a channel, a date or a link, None when it is none of them."""
    target, _, label = inside.partition("|")
    kinds: dict[str, Callable[[str, str, Look], Markup | None]] = {
        "@": mention, "#": channel, "!": _special,
    }  # fmt: skip
    draw = kinds.get(target[:1])
    if draw:
        return draw(target[1:], unescape(label), look)
    url = unescape(target)
    return link(url, plain(unescape(label)) if label else url, class_="link")


def mention(user: str, label: str, look: Look) -> Markup:
    """Return somebody's name, marked where it is the viewer's own."""
    found = look.user(user)
    words = f"@{found.name if found else label or user}"
    me = " me" if user == look.viewer else ""
    return tag("span", words, class_=f"mention{me}", data_user=user if found else None)


def channel(ref: str, label: str, look: Look) -> Markup:
    """Return a link to a channel; a private one of others keeps its name to itself."""
    found = look.channel(ref)
    if found is None:
        return tag("span", f"#{label or ref}", class_="channel unknown-channel")
    if not look.may_know(found):
        return tag("span", "private channel", class_="channel locked")
    return tag(
        "a", f"#{look.channel_name(found)}", class_="channel", href=f"/?in={found.id}", data_channel=found.id
    )


def broadcast(reach: str) -> Markup:
    """Return @here, @channel or @everyone."""
    return tag("span", f"@{reach}", class_="mention broadcast")


def _special(inside: str, label: str, look: Look) -> Markup:
    kind, *rest = inside.split("^", maxsplit=3)
    if kind in ("here", "channel", "everyone"):
        return broadcast(kind)
    if kind == "subteam":
        words = label or (rest[0] if rest else "group")
        return tag("span", words if words.startswith("@") else f"@{words}", class_="mention group")
    if kind == "date" and len(rest) > 1:
        url = unescape(rest[2]) if len(rest) > 2 else ""  # noqa: PLR2004 - the fourth part is a link
        return moment(rest[0], unescape(rest[1]), label, look, url=url)
    return tag("span", label or f"@{inside}", class_="mention other")
