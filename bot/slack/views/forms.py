"""What all modals share: reading what was entered, showing what was refused."""

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import UserId
from bot.slack.blocks import Block, clip, modal, section, settle, unmarked
from bot.slack.ids import ALWAYS, Form, Input

ERROR_MAX = 2000


def typed(values: object, name: Input) -> str | None:
    """Return what was typed into an input; None for nothing, and for what is no text."""
    return _string(_entry(values, name).get("value"))


def chosen(values: object, name: Input) -> str | None:
    """Return the value of the one choice made, or None."""
    return _value(_entry(values, name).get("selected_option"))


def ticked(values: object, name: Input) -> tuple[str, ...]:
    """Return the values of all choices made."""
    options = _entry(values, name).get("selected_options")
    found = map(_value, options) if isinstance(options, list) else ()
    return tuple(value for value in found if value is not None)


def person(values: object, name: Input) -> UserId | None:
    """Return the person chosen, or None."""
    user = _string(_entry(values, name).get("selected_user"))
    return UserId(user) if user else None


def moment(values: object, name: Input) -> datetime | None:
    """Return the time chosen, in UTC; None for none, and for what is no time at all."""
    unix = _entry(values, name).get("selected_date_time")
    if not isinstance(unix, int) or isinstance(unix, bool):
        return None
    try:
        return datetime.fromtimestamp(unix, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def need(value: str | None, name: Input, please: str) -> str:
    """Return a value that has to be there; refuses its absence at its input, saying ``please``."""
    if value is None:
        raise Refused(please, field=name)
    return value


def errors(form: Form, refused: Refused) -> dict[str, str]:
    """Return what Slack shows in the modal: the sentence, at the input at fault or else the first."""
    inputs = ALWAYS[form]
    at = refused.field if refused.field in inputs else inputs[0]
    return {str(at): clip(unmarked(refused.why), ERROR_MAX)}


def notice(title: str, text: str) -> Block:
    """Return a modal that only says something: a sentence of ours."""
    return modal(Form.NOTICE, title, [section(settle(text))])


def _entry(values: object, name: Input) -> Mapping[str, object]:
    block = values.get(name) if isinstance(values, Mapping) else None
    entry = block.get(name) if isinstance(block, Mapping) else None
    return entry if isinstance(entry, Mapping) else {}


def _value(option: object) -> str | None:
    return _string(option.get("value")) if isinstance(option, Mapping) else None


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None
