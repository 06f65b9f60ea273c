"""One interactive element where it stands: its name in a form, what it holds, what it sends."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2s

from markupsafe import Markup

from bot.sandbox.elements import HOLDS, initial
from bot.sandbox.page.look import Look
from bot.sandbox.page.mrkdwn import mrkdwn, plain
from bot.sandbox.page.rich_text import dicts, words
from bot.sandbox.page.tags import NOTHING, tag
from bot.sandbox.render import Screen
from bot.sandbox.wire import Json, text_of

CLICK = "/page/click"


@dataclass(frozen=True, kw_only=True)
class Control:
    """One element where it stands: in an input (a field of a form) or by itself (each choice is sent)."""

    element: Json
    block_id: str
    where: str
    look: Look
    state: Mapping[str, object]
    in_input: bool
    dispatches: bool = False
    described_by: str | None = None
    invalid: bool = False
    required: bool = False

    @property
    def kind(self) -> str:
        """The type of the element."""
        return words(self.element.get("type"))

    @property
    def action_id(self) -> str:
        """The id of the element."""
        return words(self.element.get("action_id"))

    @property
    def field(self) -> str:
        """Its name in a form."""
        return f"{self.block_id}/{self.action_id}" if self.in_input else "selected"

    @property
    def id(self) -> str:
        """The id of its HTML element, the same on every drawing."""
        return html_id(self.where, self.block_id, self.action_id)

    @property
    def value(self) -> object:
        """What it holds."""
        return self.state.get(HOLDS[self.kind][0])

    @property
    def held(self) -> list[Json]:
        """The options it holds."""
        return dicts(self.value if isinstance(self.value, list) else [self.value])

    @property
    def many(self) -> bool:
        """Whether it holds several values."""
        return HOLDS[self.kind][2]

    @property
    def label(self) -> str:
        """What a screen reader calls it where no label stands beside it."""
        return text_of(self.element.get("placeholder")) or self.kind.replace("_", " ")

    def asks(
        self, *, trigger: str | None = None, include: str | None = None, **more: str
    ) -> dict[str, object]:
        """Return the attributes that send a click or a choice, with the question that comes before it."""
        vals = {"where": self.where, "block_id": self.block_id, "action_id": self.action_id, **more}
        return {
            "hx_post": CLICK, "hx_vals": json.dumps(vals), "hx_trigger": trigger, "hx_include": include,
            **self._confirm(),
        }  # fmt: skip

    def _confirm(self) -> dict[str, object]:
        confirm = self.element.get("confirm")
        if not isinstance(confirm, dict):
            return {}
        title, text = (self._asked(confirm.get(each)) for each in ("title", "text"))
        return {
            "hx_confirm": f"{title}\n{text}", "data_confirm_title": title, "data_confirm_text": text,
            "data_confirm_ok": text_of(confirm.get("confirm")) or "Yes",
            "data_confirm_deny": text_of(confirm.get("deny")) or "Cancel",
            "data_confirm_style": words(confirm.get("style")) or None,
        }  # fmt: skip

    def _asked(self, part: object) -> str:
        """Return words of a question as they read; only mrkdwn has mentions to name."""
        marked = isinstance(part, dict) and part.get("type") == "mrkdwn"
        return Screen(self.look.workspace).words(text_of(part)) if marked else text_of(part)

    def sends(self, *, trigger: str = "change", include: str | None = None) -> dict[str, object]:
        """Return what an element that holds a value sends by itself: nothing in a field that is submitted."""
        if self.in_input and not self.dispatches:
            return {}
        return self.asks(trigger=trigger, include=include)

    def common(self) -> dict[str, object]:
        """Return the attributes every control of one HTML element has."""
        return {
            "name": self.field, "id": self.id, "form": None if self.in_input else "",
            "aria_label": None if self.in_input else self.label, **self.states(),
        }  # fmt: skip

    def states(self) -> dict[str, object]:
        """Return what is said of a control: its hint, its error, whether it must be filled in."""
        return {
            "aria_describedby": self.described_by,
            "aria_invalid": "true" if self.invalid else None,
            "aria_required": "true" if self.required else None,
            "autofocus": self.element.get("focus_on_load") is True,
        }


def html_id(*parts: str) -> str:
    """Return an id for an HTML element, of safe characters whatever the ids of the app are."""
    return "k" + blake2s("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def there(this: Control) -> Markup:
    """Return what tells an emptied field from one that was never on the form."""
    return tag("input", type="hidden", name=this.field, value="") if this.in_input else NOTHING


def unknown(what: str, kind: str) -> Markup:
    """Return the placeholder of something that cannot be shown."""
    words_ = f"This kind of {what} ({kind or 'without a type'}) is not shown here."
    return tag("div", words_, class_="unknown", data_type=kind)


def held_state(element: Json, held: Mapping[str, Json]) -> Mapping[str, object]:
    """Return what an element holds: what was entered, else what it starts from."""
    state = held.get(words(element.get("action_id")))
    if isinstance(state, dict):
        return state
    return initial(element) if element.get("type") in HOLDS else {}


def option_text(option: Json, this: Control) -> Markup:
    """Return the words of an option."""
    text = option.get("text")
    if isinstance(text, dict) and text.get("type") == "mrkdwn":
        return mrkdwn(words(text.get("text")), this.look)
    return plain(text_of(text), this.look)


def description(option: Json, this: Control) -> Markup:
    """Return the small print of an option, nothing where it has none."""
    text = option.get("description")
    if not isinstance(text, dict):
        return NOTHING
    return tag("span", option_text({"text": text}, this), class_="description")


def count(value: object) -> str | None:
    """Return a whole number as an attribute, None where there is none."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def group(this: Control) -> dict[str, object]:
    """Return the attributes of an element that holds several controls."""
    return {
        "id": this.id, "aria_label": None if this.in_input else this.label,
        "aria_describedby": this.described_by, "aria_invalid": "true" if this.invalid else None,
    }  # fmt: skip
