"""Block Kit as HTML: every block, the elements in it, and an honest placeholder for what is not known.

What the stylesheet and the script find:

====================================  ===============================================================
``.blocks``                           the blocks of one message, modal or home
``.block`` and ``.header`` ...        one block; its second class is its type, ``data-block`` its id
``.section > .text .fields .accessory``  a section's parts; each field is a ``.field``
``.context > .text / .image``         small print
``.actions``                          a row of controls
``.input`` ``.label`` ``.optional`` ``.hint`` ``.error``  a field; ``.invalid`` with an error under it
``.image`` > ``.picture``             a picture that is described, not loaded
``.button`` ``.primary`` ``.danger``  buttons; ``.linked > a.button.opens[data-url]`` opens an address too
``.overflow`` (details) > ``.menu`` > ``.choice``  the menu behind three dots
``.select`` ``.picker`` ``.typed``    native controls
``.multi`` (details) > ``.menu`` > ``.tick``  a menu to choose several from
``.ticks.checkboxes / .radio_buttons``  ``.tick`` labels: input, ``.name``, ``.description``
``.mention`` ``.me`` ``.broadcast`` ``.group``  names; ``.channel`` ``.locked`` ``.link`` ``.emoji`` ``.date``
``.preformatted`` ``blockquote`` ``.bullet``  text
``.unknown[data-type]``               what is not shown here
====================================  ===============================================================
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from bot.sandbox.page.controls import GROUPED, Control, control, html_id, unknown
from bot.sandbox.page.look import Look
from bot.sandbox.page.mrkdwn import mrkdwn, plain
from bot.sandbox.page.tags import NOTHING, link, tag
from bot.sandbox.wire import Json, dicts, words

Surface = Literal["message", "modal", "home"]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What blocks are drawn on: in whose eyes, where, with what entered and what wrong."""

    look: Look
    where: str
    held: Mapping[str, Mapping[str, Json]]
    errors: Mapping[str, str]

    def text(self, value: object) -> Markup:
        """Return a text object, nothing where there is none."""
        if not isinstance(value, dict):
            return NOTHING
        if value.get("type") == "mrkdwn":
            return mrkdwn(words(value.get("text")), self.look, verbatim=value.get("verbatim") is True)
        return plain(words(value.get("text")))

    def element(self, part: Json, block: Json) -> Markup:
        """Return an element that stands by itself: an image, or a control that sends each choice."""
        if part.get("type") == "image":
            return _picture(part)
        name = words(block.get("block_id"))
        held = self.held.get(name, {})
        return control(Control(element=part, block_id=name, where=self.where, look=self.look, held=held))


def blocks(
    blocks: Sequence[Json], look: Look, *, where: str, held: Mapping[str, Mapping[str, Json]] | None = None,
    errors: Mapping[str, str] | None = None, surface: Surface = "message",
) -> Markup:  # fmt: skip
    """Return blocks as HTML.

    ``held`` is what was entered so far and ``errors`` what is wrong with it, by block id. In a modal, the
    inputs are fields of the form around it; elsewhere they get a form of their own that nothing submits.
    """
    sheet = Sheet(look=look, where=where, held=held or {}, errors=errors or {})
    shown = dicts(list(blocks))
    drawn = [_block(each, sheet) for each in shown]
    if surface != "modal" and any(each.get("type") == "input" for each in shown):
        return tag("form", *drawn, class_=f"blocks {surface}", method="dialog", novalidate=True)
    return tag("div", *drawn, class_=f"blocks {surface}")


def _block(block: Json, sheet: Sheet) -> Markup:
    kind = words(block.get("type"))
    draw = _DRAWN.get(kind)
    if draw is None:
        return unknown("block", kind)
    wrong = " invalid" if kind == "input" and words(block.get("block_id")) in sheet.errors else ""
    name, inside = ("hr", NOTHING) if kind == "divider" else ("div", draw(block, sheet))
    return tag(name, inside, class_=f"block {kind}{wrong}", data_block=words(block.get("block_id")) or None)


def _section(block: Json, sheet: Sheet) -> Markup:
    said = tag("div", sheet.text(block.get("text")), class_="text") if block.get("text") else NOTHING
    fields = [tag("div", sheet.text(each), class_="field") for each in dicts(block.get("fields"))]
    body = tag("div", said, tag("div", *fields, class_="fields") if fields else NOTHING, class_="body")
    beside = block.get("accessory")
    if not isinstance(beside, dict):
        return body
    return body + tag("div", sheet.element(beside, block), class_="accessory")


def _header(block: Json, sheet: Sheet) -> Markup:
    return tag("h3", sheet.text(block.get("text")))


def _context(block: Json, sheet: Sheet) -> Markup:
    return NOTHING.join(
        _picture(each) if each.get("type") == "image" else tag("span", sheet.text(each), class_="text")
        for each in dicts(block.get("elements"))
    )


def _actions(block: Json, sheet: Sheet) -> Markup:
    return NOTHING.join(sheet.element(each, block) for each in dicts(block.get("elements")))


def _image(block: Json, sheet: Sheet) -> Markup:
    title = tag("figcaption", sheet.text(block.get("title"))) if block.get("title") else NOTHING
    return tag("figure", title, _picture(block))


def _picture(image: Json) -> Markup:
    """Return the place of a picture with its description; nothing is loaded from elsewhere."""
    said = words(image.get("alt_text")) or "image"
    place = link(words(image.get("image_url")), said, class_="picture", title="Opens the image elsewhere")
    shown = place or tag("span", said, class_="picture", role="img", aria_label=said)
    return tag("span", shown, class_="image")


def _input(block: Json, sheet: Sheet) -> Markup:
    inside = block.get("element")
    if not isinstance(inside, dict):
        return unknown("element", "")
    field = _field(inside, block, sheet)
    optional = tag("span", " (optional)", class_="optional") if block.get("optional") is True else NOTHING
    label = sheet.text(block.get("label")) + optional
    error = sheet.errors.get(field.block_id)
    beneath = [
        tag("p", sheet.text(block["hint"]), class_="hint", id=_beneath(field, "hint"))
        if block.get("hint") else NOTHING,
        tag("p", error, class_="error", id=_beneath(field, "error"), role="alert") if error else NOTHING,
    ]  # fmt: skip
    if field.kind in GROUPED:
        drawn = tag("fieldset", tag("legend", label, class_="label"), control(field))
    else:
        drawn = tag("label", label, for_=field.id, class_="label") + control(field)
    return NOTHING.join([drawn, *beneath])


def _field(part: Json, block: Json, sheet: Sheet) -> Control:
    name, action = words(block.get("block_id")), words(part.get("action_id"))
    beneath = [
        html_id(sheet.where, name, action, each)
        for each, there in (("hint", block.get("hint")), ("error", sheet.errors.get(name))) if there
    ]  # fmt: skip
    return Control(
        element=part, block_id=name, where=sheet.where, look=sheet.look, in_input=True,
        held=sheet.held.get(name, {}), dispatches=block.get("dispatch_action") is True,
        described_by=" ".join(beneath) or None, invalid=name in sheet.errors,
        required=block.get("optional") is not True,
    )  # fmt: skip


def _beneath(field: Control, what: str) -> str:
    return html_id(field.where, field.block_id, field.action_id, what)


_DRAWN: dict[str, Callable[[Json, Sheet], Markup]] = {
    "section": _section,
    "header": _header,
    "divider": lambda _block, _sheet: NOTHING,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
}
