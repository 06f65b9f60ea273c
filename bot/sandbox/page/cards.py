"""The blocks that hold others and tell of work: alerts, containers, cards, plans, tasks, files, and data."""

from markupsafe import Markup

from bot.sandbox.page.rich_text import dicts, rich_text, runs, words
from bot.sandbox.page.sheet import Sheet, element, picture, text
from bot.sandbox.page.tags import NOTHING, link, tag
from bot.sandbox.wire import Json

_LEVELS = ("default", "info", "warning", "error", "success")
_STATUSES = {
    "pending": "to do", "in_progress": "under way", "complete": "done", "error": "failed",
}  # fmt: skip
_ALIGNED = ("left", "center", "right")


def alert(block: Json, sheet: Sheet) -> Markup:
    """Return a notice, its level in the class."""
    level = block.get("level")
    said = text(block.get("text"), sheet.look)
    return tag("div", said, class_=f"level-{level if level in _LEVELS else 'default'}", role="note")


def container(block: Json, sheet: Sheet) -> Markup:
    """Return blocks under a title of their own, folded where the app says so."""
    heading = text(block.get("title"), sheet.look) or rich_text(
        _object(block.get("rich_text_title")), sheet.look
    )
    said = [heading, _line(block.get("subtitle"), sheet)]
    icon = block.get("icon")
    above = [picture(icon), *said] if isinstance(icon, dict) else said
    inside = [sheet.draw(each, sheet) for each in dicts(block.get("child_blocks"))]
    if block.get("is_collapsible") is not True:
        return tag("div", *above, class_="title") + NOTHING.join(inside)
    is_open = block.get("default_collapsed") is not True
    return tag("details", tag("summary", *above, class_="title"), *inside, open=is_open)


def card(block: Json, sheet: Sheet) -> Markup:
    """Return a card: pictures, title, words, buttons."""
    pictures = [picture(each) for name in ("hero_image", "icon") if isinstance(each := block.get(name), dict)]
    buttons = [element(each, block, sheet) for each in dicts(block.get("actions"))]
    return NOTHING.join(
        [
            *pictures,
            tag("div", text(block.get("title"), sheet.look), class_="title"),
            _line(block.get("subtitle"), sheet),
            tag("div", text(block.get("body"), sheet.look), class_="text"),
            tag("div", *buttons, class_="actions") if buttons else NOTHING,
        ]
    )


def carousel(block: Json, sheet: Sheet) -> Markup:
    """Return cards side by side."""
    return NOTHING.join(sheet.draw(each, sheet) for each in dicts(block.get("elements")))


def plan(block: Json, sheet: Sheet) -> Markup:
    """Return tasks under a title."""
    tasks = [tag("li", task(each, sheet)) for each in dicts(block.get("tasks"))]
    return tag("div", words(block.get("title")), class_="title") + tag("ol", *tasks, class_="tasks")


def task(block: Json, sheet: Sheet) -> Markup:
    """Return a task: how it stands, what it is about, what came of it, and from where."""
    status = words(block.get("status"))
    said = tag("span", _STATUSES.get(status, "to do"), class_="status")
    told = [
        rich_text(each, sheet.look) for name in ("details", "output") if (each := _object(block.get(name)))
    ]
    sources = [
        link(words(each.get("url")), words(each.get("text")), class_="link")
        or tag("span", words(each.get("text")))
        for each in dicts(block.get("sources"))
    ]
    return NOTHING.join([tag("div", words(block.get("title")), " ", said, class_="title"), *told, *sources])


def file(block: Json, _sheet: Sheet) -> Markup:
    """Return the place of a remote file."""
    return tag("span", f"File {words(block.get('external_id'))}", class_="file")


def video(block: Json, sheet: Sheet) -> Markup:
    """Return the place of a video with what is said about it."""
    title = text(block.get("title"), sheet.look)
    shown = link(words(block.get("title_url")), title, class_="link") or title
    said = [words(block.get(each)) for each in ("author_name", "provider_name")]
    return tag(
        "figure", tag("figcaption", shown), tag("p", text(block.get("description"), sheet.look)),
        picture({"alt_text": block.get("alt_text"), "image_url": block.get("video_url")}),
        tag("p", " \N{MIDDLE DOT} ".join(each for each in said if each), class_="text"),
    )  # fmt: skip


def table(block: Json, sheet: Sheet) -> Markup:
    """Return a table; its first row is its head."""
    settings = block.get("column_settings")
    columns = settings if isinstance(settings, list) else []
    asked = block.get("row_header_column_index")
    given = block.get("rows")
    rows = [dicts(each) for each in given] if isinstance(given, list) else []
    head = (
        [_cell(each, sheet, _align(columns, column), scope="col") for column, each in enumerate(rows[0])]
        if rows
        else []
    )
    body = [
        tag(
            "tr",
            *(
                _cell(each, sheet, _align(columns, column), scope="row" if column == asked else None)
                for column, each in enumerate(row)
            ),
        )
        for row in rows[1:]
    ]
    caption = words(block.get("caption"))
    return tag(
        "table", tag("caption", caption) if caption else NOTHING,
        tag("thead", tag("tr", *head)), tag("tbody", *body), class_="table",
    )  # fmt: skip


def _align(columns: list[object], column: int) -> str | None:
    setting = columns[column] if column < len(columns) else None
    align = setting.get("align") if isinstance(setting, dict) else None
    return f"align-{align}" if align in _ALIGNED else None


def _cell(cell: Json, sheet: Sheet, align: str | None, *, scope: str | None) -> Markup:
    if cell.get("type") == "rich_text":
        inside = rich_text(cell, sheet.look)
    else:
        inside = runs([{"type": "text", "text": cell.get("text")}], sheet.look)
    return tag("th" if scope else "td", inside, class_=align, scope=scope)


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _line(value: object, sheet: Sheet) -> Markup:
    return tag("div", text(value, sheet.look), class_="subtitle") if value else NOTHING
