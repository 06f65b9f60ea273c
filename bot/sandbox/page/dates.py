"""Slack's date tokens, in the zone of whoever looks."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from markupsafe import Markup

from bot.sandbox.page.look import Look
from bot.sandbox.page.tags import link, tag

LOCAL_TIME = "%Y-%m-%dT%H:%M"
"""How a browser's own picker writes a time."""

_TOKEN = re.compile(r"\{(\w+)\}")


def local(seconds: str | float, look: Look) -> datetime | None:
    """Return epoch seconds as a time in the viewer's zone, None when they name no time."""
    try:
        return datetime.fromtimestamp(float(seconds), tz=UTC).astimezone(look.zone)
    except (ValueError, OverflowError, OSError):
        return None


def clock(when: datetime) -> str:
    """Return the time of day as Slack writes it for who prefers 24 hours: 06:39."""
    return when.strftime("%H:%M")


def _ordinal(day: int) -> str:
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _plain(when: date) -> str:
    return f"{when:%B} {_ordinal(when.day)}, {when.year}"


def _long(when: date) -> str:
    return f"{when:%A}, {_plain(when)}"


def near(when: date, today: date) -> str | None:
    """Return yesterday, today or tomorrow where it is one of them."""
    for days, word in ((-1, "yesterday"), (0, "today"), (1, "tomorrow")):
        if when - today == timedelta(days=days):
            return word
    return None


def _token(name: str, when: datetime, now: datetime) -> str | None:
    day, today = when.date(), now.astimezone(when.tzinfo).date()
    forms: dict[str, Callable[[], str]] = {
        "date": lambda: _plain(day),
        "date_short": lambda: f"{day:%b} {day.day}, {day.year}",
        "date_long": lambda: _long(day),
        "time": lambda: clock(when),
    }
    bare = name.removesuffix("_pretty")
    if bare not in forms:
        return None
    return (near(day, today) if name != bare else None) or forms[bare]()


def written(when: datetime, form: str, now: datetime) -> str | None:
    """Return a date in one of Slack's formats, None when the format has a token Slack does not know."""
    tokens = {each: _token(each, when, now) for each in _TOKEN.findall(form)}
    if not tokens or None in tokens.values():
        return None
    words = _TOKEN.sub(lambda found: str(tokens[found[1]]), form)
    return words[:1].upper() + words[1:]


def moment(seconds: str | float, form: str, fallback: str, look: Look, *, url: str = "") -> Markup:
    """Return a date as an element, or its fallback where Slack would show that."""
    when = local(seconds, look)
    words = written(when, form, look.now) if when else None
    if when is None or words is None:
        return tag("span", fallback, class_="date")
    shown = tag(
        "time", words, class_="date", datetime=when.isoformat(), title=f"{_long(when)}, {clock(when)}"
    )
    return link(url, shown, class_="link") or shown
