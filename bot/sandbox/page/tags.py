"""HTML, one element at a time, with everything escaped that was not made here."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from markupsafe import Markup, escape

VOID = frozenset(["br", "hr", "input"])
SCHEMES = frozenset(["http", "https", "mailto"])
NOTHING = Markup()


def tag(name: str, /, *inside: str, **attributes: object) -> Markup:
    """Return an element; ``class_`` and ``for_`` stand for the reserved words, ``hx_post`` for ``hx-post``.

    An attribute that is None or False is left out, one that is True stands without a value.
    """
    written = NOTHING.join(_attribute(key, value) for key, value in attributes.items())
    opened = Markup("<{}{}>").format(name, written)
    if name in VOID:
        return opened
    return Markup("{}{}</{}>").format(opened, together(inside), name)


def _attribute(key: str, value: object) -> Markup:
    if value is None or value is False:
        return NOTHING
    name = key.rstrip("_").replace("_", "-")
    return Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value)


def together(parts: Iterable[str]) -> Markup:
    """Return the parts one after the other, escaped where they are not yet HTML."""
    return NOTHING.join(escape(each) for each in parts)


def address(url: str) -> str | None:
    """Return an address that may become a link (http, https or mailto), None for any other."""
    cleaned = url.strip()
    if any(ord(each) <= ord(" ") for each in cleaned):
        return None
    try:
        scheme = urlsplit(cleaned).scheme.lower()
    except ValueError:
        return None
    known = scheme in SCHEMES and (scheme == "mailto" or cleaned[len(scheme) :].startswith("://"))
    return cleaned if known else None


def link(url: str, label: str, **attributes: object) -> Markup | None:
    """Return a link that opens beside the page and tells nobody where from, None where no link may be."""
    target = address(url)
    if target is None:
        return None
    return tag("a", label, href=target, target="_blank", rel="noopener noreferrer", **attributes)
