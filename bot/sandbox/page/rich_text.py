"""Rich text as HTML: sections, lists, quotes and code, with people, channels, emoji and dates in them."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from markupsafe import Markup

from bot.sandbox.page.dates import moment
from bot.sandbox.page.emoji import emoji
from bot.sandbox.page.look import Look
from bot.sandbox.page.mrkdwn import broadcast, channel, mention, short_name
from bot.sandbox.page.tags import NOTHING, link, tag
from bot.sandbox.wire import Json

STYLES = {"bold": "b", "italic": "i", "strike": "s", "underline": "u", "code": "code"}
_DEEPEST = 8
_LONGEST_EMOJI = 10


def dicts(value: object) -> list[Json]:
    """Return the objects of a list, none where it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def words(value: object) -> str:
    """Return a string, empty where there is none."""
    return value if isinstance(value, str) else ""


def rich_text(block: Json, look: Look) -> Markup:
    """Return the inside of a ``rich_text`` block."""
    return NOTHING.join(_part(each, look) for each in dicts(block.get("elements")))


def spoken(part: Json, look: Look) -> str:
    """Return rich text as the plain words it would be typed as."""
    if isinstance(part.get("elements"), list):
        ends = "\n" if part.get("type") in ("rich_text", "rich_text_list") else ""
        return ends.join(spoken(each, look) for each in dicts(part["elements"]))
    kinds: dict[object, Callable[[], str]] = {
        "user": lambda: f"@{look.name(words(part.get('user_id')))}",
        "emoji": lambda: f":{words(part.get('name'))}:",
        "channel": lambda: f"#{words(part.get('channel_id'))}",
        "broadcast": lambda: f"@{words(part.get('range'))}",
        "date": lambda: words(part.get("fallback")),
    }
    draw = kinds.get(words(part.get("type")))
    return draw() if draw else words(part.get("text")) or words(part.get("url"))


def _part(part: Json, look: Look) -> Markup:
    kind = words(part.get("type"))
    if kind == "rich_text_list":
        return _list(part, look)
    tags = {"rich_text_section": "p", "rich_text_quote": "blockquote", "rich_text_preformatted": "pre"}
    if kind not in tags:
        return tag("div", f"This kind of rich text ({kind or 'none'}) is not shown here.", class_="unknown")
    style = "preformatted" if kind == "rich_text_preformatted" else None
    return tag(tags[kind], runs(part.get("elements"), look), class_=style)


def _list(part: Json, look: Look) -> Markup:
    name = "ol" if part.get("style") == "ordered" else "ul"
    items = [tag("li", runs(each.get("elements"), look)) for each in dicts(part.get("elements"))]
    offset = part.get("offset")
    start = offset + 1 if name == "ol" and isinstance(offset, int) and offset > 0 else None
    return tag(name, *items, class_=f"indent-{_depth(part.get('indent'))}", start=start)


def _depth(indent: object) -> int:
    return min(max(indent, 0), _DEEPEST) if isinstance(indent, int) else 0


def runs(elements: object, look: Look) -> Markup:
    """Return the elements of one paragraph; line breaks in their text stay."""
    return NOTHING.join(_styled(each, look) for each in dicts(elements))


def _styled(element: Json, look: Look) -> Markup:
    drawn = _element(element, look)
    style = element.get("style")
    if isinstance(style, dict):
        for name, wrap in STYLES.items():
            drawn = tag(wrap, drawn) if style.get(name) is True else drawn
    return drawn


def _broken(text: str) -> Iterator[Markup]:
    for is_break, each in groupby(text, lambda letter: letter == "\n"):
        piece = "".join(each)
        yield from (tag("br") for _ in piece) if is_break else (Markup("{}").format(piece),)


def _element(element: Json, look: Look) -> Markup:
    def of(name: str) -> str:
        return words(element.get(name))

    kinds: dict[str, Callable[[], Markup]] = {
        "text": lambda: NOTHING.join(_broken(of("text"))),
        "link": lambda: _link(of("url"), of("text")),
        "emoji": lambda: _emoji(of("name"), of("unicode")),
        "user": lambda: mention(of("user_id"), "", look),
        "channel": lambda: channel(of("channel_id"), "", look),
        "usergroup": lambda: tag("span", f"@{of('usergroup_id')}", class_="mention group"),
        "team": lambda: tag("span", f"@{of('team_id')}", class_="mention group"),
        "broadcast": lambda: broadcast(of("range")),
        "color": lambda: tag("code", of("value"), class_="color"),
        "date": lambda: _date(element, look),
    }
    kind = of("type")
    return kinds[kind]() if kind in kinds else tag("span", of("text") or f"({kind})", class_="unknown")


def _link(url: str, text: str) -> Markup:
    return link(url, text or url, class_="link") or tag("span", text or url)


def _date(element: Json, look: Look) -> Markup:
    stamp = element.get("timestamp")
    seconds = stamp if isinstance(stamp, int | float) and not isinstance(stamp, bool) else ""
    return moment(
        seconds,
        words(element.get("format")),
        words(element.get("fallback")),
        look,
        url=words(element.get("url")),
    )


def _emoji(name: str, unicode: str) -> Markup:
    if emoji(name):
        return short_name(name) or NOTHING
    drawn = _characters(unicode.split("-"))
    return (
        tag("span", drawn, class_="emoji", role="img", aria_label=name)
        if drawn
        else Markup(":{}:").format(name)
    )


def _characters(codes: Iterable[str]) -> str:
    try:
        return "".join(chr(int(each, 16)) for each in list(codes)[:_LONGEST_EMOJI] if each)
    except (ValueError, OverflowError):
        return ""
