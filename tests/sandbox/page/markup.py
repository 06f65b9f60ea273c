"""Reads drawn HTML back: what stands in it, whether all of it is ours, and what its form would submit."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from multidict import MultiDict, MultiDictProxy

from bot.sandbox.clock import MovableClock
from bot.sandbox.page.look import Look
from bot.sandbox.workspace import Workspace

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
TAGS = frozenset([
    "a", "b", "blockquote", "br", "button", "caption", "code", "details", "div", "em", "fieldset",
    "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "input", "label",
    "legend", "li", "ol", "optgroup", "option", "p", "pre", "s", "select", "span", "strong", "summary",
    "table", "tbody", "td", "template", "textarea", "th", "thead", "time", "tr", "u", "ul",
])  # fmt: skip
ATTRIBUTES = frozenset([
    "accept", "aria-autocomplete", "aria-controls", "aria-describedby", "aria-expanded", "aria-invalid",
    "aria-label", "aria-required", "autocomplete", "autofocus", "checked", "class", "data-block",
    "data-channel", "data-confirm-deny", "data-confirm-ok", "data-confirm-style", "data-confirm-text",
    "data-confirm-title", "data-least", "data-many", "data-max", "data-options", "data-type", "data-url",
    "data-user", "datetime", "disabled", "for", "form", "hidden", "href", "hx-confirm", "hx-disinherit",
    "hx-include", "hx-post", "hx-trigger", "hx-vals", "id", "inputmode", "label", "max", "maxlength",
    "method", "min", "minlength", "multiple", "name", "novalidate", "open", "placeholder", "rel", "role",
    "rows", "scope", "selected", "start", "target", "title", "type", "value",
])  # fmt: skip
EMPTY = frozenset(["br", "hr", "input"])


@dataclass
class Node:
    """One element of a page."""

    tag: str
    attributes: dict[str, str | None]
    parent: "Node | None" = None
    children: list["Node | str"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        """Return an attribute."""
        return self.attributes[name] or ""

    @property
    def text(self) -> str:
        """All words in it."""
        return "".join(each if isinstance(each, str) else each.text for each in self.children)

    def all(self, tag: str = "", *, class_: str = "") -> list["Node"]:
        """Return every element below of that tag and class, in order."""
        found = []
        for each in self.children:
            if isinstance(each, Node):
                classes = (each.attributes.get("class") or "").split()
                if tag in ("", each.tag) and (not class_ or class_ in classes):
                    found.append(each)
                found += each.all(tag, class_=class_)
        return found

    def one(self, tag: str = "", *, class_: str = "") -> "Node":
        """Return the only such element."""
        (found,) = self.all(tag, class_=class_)
        return found

    def inside(self, tag: str) -> bool:
        """Return whether it stands in an element of that tag."""
        return self.parent is not None and (self.parent.tag == tag or self.parent.inside(tag))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self.here = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"<{tag}> has an attribute twice: {attrs}"
        node = Node(tag, dict(attrs), self.here)
        self.here.children.append(node)
        self.here = self.here if tag in EMPTY else node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        assert tag in EMPTY

    def handle_endtag(self, tag: str) -> None:
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        self.here = self.here.parent or self.root

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)

    def handle_comment(self, data: str) -> None:
        message = f"a comment: {data!r}"
        raise AssertionError(message)

    def handle_decl(self, decl: str) -> None:
        message = f"a declaration: {decl!r}"
        raise AssertionError(message)

    def unknown_decl(self, data: str) -> None:
        message = f"a declaration: {data!r}"
        raise AssertionError(message)

    def handle_pi(self, data: str) -> None:
        message = f"an instruction: {data!r}"
        raise AssertionError(message)


def read(html: str) -> Node:
    """Return HTML as a tree; what is not well formed, or not of our making, is an AssertionError."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.here is reader.root, f"<{reader.here.tag}> is not closed"
    for node in reader.root.all():
        _check(node)
    return reader.root


def _check(node: Node) -> None:
    assert node.tag in TAGS, f"<{node.tag}> is not of our making"
    for name, value in node.attributes.items():
        assert name in ATTRIBUTES, f"{name}={value!r} is not of our making"
    if (href := node.attributes.get("href")) is not None:
        assert href.startswith(("/?in=", "https://", "http://", "mailto:")) or _scheme(href), href
    if (url := node.attributes.get("data-url")) is not None:
        assert _scheme(url), url
    if "target" in node.attributes:
        assert node["rel"] == "noopener noreferrer"
    assert node.attributes.get("hx-post") in (None, "/page/click")
    assert (node.attributes.get("hx-vals") or "{").startswith("{")
    assert (node.attributes.get("data-options") or "/page/options?").startswith("/page/options?")


def _scheme(url: str) -> bool:
    return url.lower().startswith(("http://", "https://", "mailto:"))


def look(*, viewer: str = "ada", zone: str = "Europe/London", now: datetime = NOON) -> Look:
    """Return how somebody of the seeded workspace looks at it."""
    workspace = Workspace(clock=MovableClock(now, frozen=True))
    workspace.seed(("general", "incidents"))
    return Look(workspace=workspace, viewer=workspace.person(viewer).id, zone=ZoneInfo(zone), now=now)


def submitted(page: Node) -> MultiDictProxy[str]:
    """Return what a browser would submit of the fields of a form."""
    form: MultiDict[str] = MultiDict()
    for node in page.all():
        name = node.attributes.get("name")
        if not name or "form" in node.attributes or node.inside("template") or "disabled" in node.attributes:
            continue
        if node.tag == "select":
            chosen = [each for each in node.all("option") if "selected" in each.attributes]
            form.add(name, (chosen or node.all("option"))[0]["value"])
        elif node.tag == "textarea":
            form.add(name, node.text.removeprefix("\n").replace("\n", "\r\n"))
        elif node.attributes.get("type") in ("checkbox", "radio"):
            if "checked" in node.attributes:
                form.add(name, node["value"])
        else:
            form.add(name, node.attributes.get("value") or "")
    return MultiDictProxy(form)
