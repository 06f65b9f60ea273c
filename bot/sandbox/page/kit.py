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
``.mention`` ``.me`` ``.broadcast`` ``.group``  names; ``.channel`` ``.locked``; ``.link``; ``.emoji``; ``.date``
``.preformatted`` ``blockquote`` ``.bullet`` ``.indent-0`` ... ``.indent-8`` ``.align-left`` ...  text
``.table``                            a table in a block of its own
``.unknown[data-type]``               what is not shown here
====================================  ===============================================================
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from bot.sandbox.page.control import Control, held_state, html_id, unknown
from bot.sandbox.page.controls import GROUPED, control
from bot.sandbox.page.look import Look
from bot.sandbox.page.markdown import markdown
from bot.sandbox.page.menus import offered
from bot.sandbox.page.mrkdwn import mrkdwn, plain
from bot.sandbox.page.rich_text import dicts, rich_text, runs, words
from bot.sandbox.page.tags import NOTHING, link, tag
from bot.sandbox.wire import Json

Surface = Literal["message", "modal", "home"]
_ALIGNED = ("left", "center", "right")


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """What the blocks of one message, modal or home have in common."""

    look: Look
    where: str
    held: Mapping[str, Mapping[str, Json]]
    errors: Mapping[str, str]


def blocks(
    blocks: Sequence[Json], look: Look, *, where: str, held: Mapping[str, Mapping[str, Json]] | None = None,
    errors: Mapping[str, str] | None = None, surface: Surface = "message",
) -> Markup:  # fmt: skip
    """Return blocks as HTML.

    ``held`` is what was entered so far and ``errors`` what is wrong with it, by block id. In a modal, the
    inputs are fields of the form around it; elsewhere they get a form of their own that nothing submits.
    """
    sheet = _Sheet(look=look, where=where, held=held or {}, errors=errors or {})
    drawn = [_block(each, sheet) for each in dicts(list(blocks))]
    has_inputs = any(each.get("type") == "input" for each in dicts(list(blocks)))
    if surface != "modal" and has_inputs:
        return tag("form", *drawn, class_=f"blocks {surface}", method="dialog", novalidate=True)
    return tag("div", *drawn, class_=f"blocks {surface}")


def _block(block: Json, sheet: _Sheet) -> Markup:
    kind = words(block.get("type"))
    draw = _DRAWN.get(kind)
    if draw is None:
        return unknown("block", kind)
    wrong = " invalid" if kind == "input" and words(block.get("block_id")) in sheet.errors else ""
    name, inside = ("hr", NOTHING) if kind == "divider" else ("div", draw(block, sheet))
    return tag(name, inside, class_=f"block {kind}{wrong}", data_block=words(block.get("block_id")) or None)


def text(value: object, look: Look) -> Markup:
    """Return a text object, nothing where there is none."""
    if not isinstance(value, dict):
        return NOTHING
    if value.get("type") == "mrkdwn":
        return mrkdwn(words(value.get("text")), look, verbatim=value.get("verbatim") is True)
    return plain(words(value.get("text")), look)


def _section(block: Json, sheet: _Sheet) -> Markup:
    said = tag("div", text(block.get("text"), sheet.look), class_="text") if block.get("text") else NOTHING
    fields = [tag("div", text(each, sheet.look), class_="field") for each in dicts(block.get("fields"))]
    beside = block.get("accessory")
    accessory = (
        tag("div", _element(beside, block, sheet), class_="accessory")
        if isinstance(beside, dict)
        else NOTHING
    )
    return (
        tag("div", said, tag("div", *fields, class_="fields") if fields else NOTHING, class_="body")
        + accessory
    )


def _header(block: Json, sheet: _Sheet) -> Markup:
    return tag("h3", text(block.get("text"), sheet.look))


def _context(block: Json, sheet: _Sheet) -> Markup:
    return NOTHING.join(
        picture(each) if each.get("type") == "image" else tag("span", text(each, sheet.look), class_="text")
        for each in dicts(block.get("elements"))
    )


def _actions(block: Json, sheet: _Sheet) -> Markup:
    return NOTHING.join(_element(each, block, sheet) for each in dicts(block.get("elements")))


def _element(element: Json, block: Json, sheet: _Sheet) -> Markup:
    if element.get("type") == "image":
        return picture(element)
    return control(_control(element, block, sheet))


def _control(element: Json, block: Json, sheet: _Sheet) -> Control:
    name = words(block.get("block_id"))
    return Control(
        element=element, block_id=name, where=sheet.where, look=sheet.look, in_input=False,
        state=held_state(element, sheet.held.get(name, {})),
    )  # fmt: skip


def picture(image: Json) -> Markup:
    """Return the place of a picture with its description; nothing is loaded from elsewhere."""
    said = words(image.get("alt_text")) or "image"
    where = link(words(image.get("image_url")), said, class_="picture", title="Opens the image elsewhere")
    return tag(
        "span", where or tag("span", said, class_="picture", role="img", aria_label=said), class_="image"
    )


def _image(block: Json, sheet: _Sheet) -> Markup:
    title = tag("figcaption", text(block.get("title"), sheet.look)) if block.get("title") else NOTHING
    return tag("figure", title, picture(block))


def _video(block: Json, sheet: _Sheet) -> Markup:
    title = text(block.get("title"), sheet.look)
    shown = link(words(block.get("title_url")), title, class_="link") or title
    said = [words(block.get(each)) for each in ("author_name", "provider_name")]
    return tag(
        "figure", tag("figcaption", shown), tag("p", text(block.get("description"), sheet.look)),
        picture({"alt_text": block.get("alt_text"), "image_url": block.get("video_url")}),
        tag("p", " \N{MIDDLE DOT} ".join(each for each in said if each), class_="text"),
    )  # fmt: skip


def _rich_text(block: Json, sheet: _Sheet) -> Markup:
    return rich_text(block, sheet.look)


def _markdown(block: Json, sheet: _Sheet) -> Markup:
    return markdown(words(block.get("text")), sheet.look)


# Tables


def _table(block: Json, sheet: _Sheet) -> Markup:
    settings = block.get("column_settings")
    columns = settings if isinstance(settings, list) else []
    rows = [each for each in block.get("rows") or [] if isinstance(each, list)]
    drawn = [
        tag(
            "tr",
            *(_cell(cell, column, columns, sheet, head=not number) for column, cell in enumerate(dicts(row))),
        )
        for number, row in enumerate(rows)
    ]
    return tag("table", tag("thead", *drawn[:1]), tag("tbody", *drawn[1:]), class_="table")


def _cell(cell: Json, column: int, columns: Sequence[object], sheet: _Sheet, *, head: bool) -> Markup:
    setting = columns[column] if column < len(columns) else None
    align = setting.get("align") if isinstance(setting, dict) else None
    inside = (
        rich_text(cell, sheet.look)
        if cell.get("type") == "rich_text"
        else runs([{**cell, "type": "text"}], sheet.look)
    )
    classes = f"align-{align}" if align in _ALIGNED else None
    return tag("th" if head else "td", inside, class_=classes, scope="col" if head else None)


# Inputs


def _input(block: Json, sheet: _Sheet) -> Markup:
    element = block.get("element")
    if not isinstance(element, dict):
        return unknown("element", "")
    field = _field(element, block, sheet)
    optional = tag("span", " (optional)", class_="optional") if block.get("optional") is True else NOTHING
    label = text(block.get("label"), sheet.look) + optional
    error = sheet.errors.get(field.block_id)
    beneath = [
        tag("p", text(block["hint"], sheet.look), class_="hint", id=_beneath(field, "hint"))
        if block.get("hint") else NOTHING,
        tag("p", error, class_="error", id=_beneath(field, "error"), role="alert") if error else NOTHING,
    ]  # fmt: skip
    if _is_group(field):
        inside = tag("fieldset", tag("legend", label, class_="label"), control(field))
    else:
        inside = tag("label", label, for_=field.id, class_="label") + control(field)
    return NOTHING.join([inside, *beneath])


def _is_group(field: Control) -> bool:
    if field.kind not in GROUPED:
        return False
    choices = offered(field) if field.kind.startswith("multi_") else []
    return choices is not None


def _field(element: Json, block: Json, sheet: _Sheet) -> Control:
    name, action = words(block.get("block_id")), words(element.get("action_id"))
    beneath = [
        html_id(sheet.where, name, action, each)
        for each, there in (("hint", block.get("hint")), ("error", sheet.errors.get(name))) if there
    ]  # fmt: skip
    return Control(
        element=element, block_id=name, where=sheet.where, look=sheet.look, in_input=True,
        state=held_state(element, sheet.held.get(name, {})),
        dispatches=block.get("dispatch_action") is True, described_by=" ".join(beneath) or None,
        invalid=name in sheet.errors, required=block.get("optional") is not True,
    )  # fmt: skip


def _beneath(field: Control, what: str) -> str:
    return html_id(field.where, field.block_id, field.action_id, what)


_DRAWN: dict[str, Callable[[Json, _Sheet], Markup]] = {
    "section": _section,
    "header": _header,
    "divider": lambda _block, _sheet: NOTHING,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
    "rich_text": _rich_text,
    "markdown": _markdown,
    "table": _table,
    "video": _video,
}
