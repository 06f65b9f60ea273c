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
``.select`` ``.picker`` ``.typed`` ``.files``  native controls
``.multi`` (details) > ``.menu`` > ``.tick``  a short menu to choose several from
``.combobox[data-options][data-many]``  a searched menu: ``.chips > .chip (.name, input, .remove)``,
                                      ``.search``, ``.options`` (listbox), ``template`` of a chip.
                                      The script asks ``data-options + &q=``, fills ``.options`` with
                                      ``li[role=option][data-value]``, makes a chip of the choice from
                                      the template (instead of the one there unless ``data-many`` is
                                      true), then dispatches ``chosen`` and ``change`` on ``.combobox``
``.ticks.checkboxes / .radio_buttons``  ``.tick`` labels: input, ``.name``, ``.description``
``.mention`` ``.me`` ``.broadcast`` ``.group``  names; ``.channel`` ``.locked`` ``.link`` ``.emoji`` ``.date``
``.preformatted`` ``blockquote`` ``.bullet`` ``.indent-0`` ... ``.indent-8`` ``.align-left`` ...  text
``.table``                            a table in a block of its own (``table`` and ``data_table``)
``.alert > .level-info`` ...          notices; ``.container .card .carousel .plan .task_card .file .video``
                                      with ``.title .subtitle .text .tasks .status`` in them
``.context_actions``                  small buttons: ``.button.icon``
``.unknown[data-type]``               what is not shown here
====================================  ===============================================================
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from markupsafe import Markup

from bot.sandbox.page import cards
from bot.sandbox.page.control import Control, held_state, html_id, unknown
from bot.sandbox.page.controls import GROUPED, control
from bot.sandbox.page.look import Look
from bot.sandbox.page.markdown import markdown
from bot.sandbox.page.menus import offered
from bot.sandbox.page.rich_text import dicts, rich_text, words
from bot.sandbox.page.sheet import Sheet, element, picture, text
from bot.sandbox.page.tags import NOTHING, tag
from bot.sandbox.wire import Json

Surface = Literal["message", "modal", "home"]


def blocks(
    blocks: Sequence[Json], look: Look, *, where: str, held: Mapping[str, Mapping[str, Json]] | None = None,
    errors: Mapping[str, str] | None = None, surface: Surface = "message",
) -> Markup:  # fmt: skip
    """Return blocks as HTML.

    ``held`` is what was entered so far and ``errors`` what is wrong with it, by block id. In a modal, the
    inputs are fields of the form around it; elsewhere they get a form of their own that nothing submits.
    """
    sheet = Sheet(look=look, where=where, held=held or {}, errors=errors or {}, draw=_block)
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
    said = tag("div", text(block.get("text"), sheet.look), class_="text") if block.get("text") else NOTHING
    fields = [tag("div", text(each, sheet.look), class_="field") for each in dicts(block.get("fields"))]
    body = tag("div", said, tag("div", *fields, class_="fields") if fields else NOTHING, class_="body")
    beside = block.get("accessory")
    if not isinstance(beside, dict):
        return body
    return body + tag("div", element(beside, block, sheet), class_="accessory")


def _header(block: Json, sheet: Sheet) -> Markup:
    return tag("h3", text(block.get("text"), sheet.look))


def _context(block: Json, sheet: Sheet) -> Markup:
    return NOTHING.join(
        picture(each) if each.get("type") == "image" else tag("span", text(each, sheet.look), class_="text")
        for each in dicts(block.get("elements"))
    )


def _actions(block: Json, sheet: Sheet) -> Markup:
    return NOTHING.join(element(each, block, sheet) for each in dicts(block.get("elements")))


def _image(block: Json, sheet: Sheet) -> Markup:
    title = tag("figcaption", text(block.get("title"), sheet.look)) if block.get("title") else NOTHING
    return tag("figure", title, picture(block))


# Inputs


def _input(block: Json, sheet: Sheet) -> Markup:
    inside = block.get("element")
    if not isinstance(inside, dict):
        return unknown("element", "")
    field = _field(inside, block, sheet)
    optional = tag("span", " (optional)", class_="optional") if block.get("optional") is True else NOTHING
    label = text(block.get("label"), sheet.look) + optional
    error = sheet.errors.get(field.block_id)
    beneath = [
        tag("p", text(block["hint"], sheet.look), class_="hint", id=_beneath(field, "hint"))
        if block.get("hint") else NOTHING,
        tag("p", error, class_="error", id=_beneath(field, "error"), role="alert") if error else NOTHING,
    ]  # fmt: skip
    if _is_group(field):
        drawn = tag("fieldset", tag("legend", label, class_="label"), control(field))
    else:
        drawn = tag("label", label, for_=field.id, class_="label") + control(field)
    return NOTHING.join([drawn, *beneath])


def _is_group(field: Control) -> bool:
    if field.kind not in GROUPED:
        return False
    choices = offered(field) if field.kind.startswith("multi_") else []
    return choices is not None


def _field(part: Json, block: Json, sheet: Sheet) -> Control:
    name, action = words(block.get("block_id")), words(part.get("action_id"))
    beneath = [
        html_id(sheet.where, name, action, each)
        for each, there in (("hint", block.get("hint")), ("error", sheet.errors.get(name))) if there
    ]  # fmt: skip
    return Control(
        element=part, block_id=name, where=sheet.where, look=sheet.look, in_input=True,
        state=held_state(part, sheet.held.get(name, {})),
        dispatches=block.get("dispatch_action") is True, described_by=" ".join(beneath) or None,
        invalid=name in sheet.errors, required=block.get("optional") is not True,
    )  # fmt: skip


def _beneath(field: Control, what: str) -> str:
    return html_id(field.where, field.block_id, field.action_id, what)


_DRAWN: dict[str, Callable[[Json, Sheet], Markup]] = {
    "section": _section,
    "header": _header,
    "divider": lambda _block, _sheet: NOTHING,
    "context": _context,
    "actions": _actions,
    "context_actions": _actions,
    "image": _image,
    "input": _input,
    "rich_text": lambda block, sheet: rich_text(block, sheet.look),
    "markdown": lambda block, sheet: markdown(words(block.get("text")), sheet.look),
    "table": cards.table,
    "data_table": cards.table,
    "video": cards.video,
    "file": cards.file,
    "alert": cards.alert,
    "container": cards.container,
    "card": cards.card,
    "carousel": cards.carousel,
    "plan": cards.plan,
    "task_card": cards.task,
}
