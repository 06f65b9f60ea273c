"""What Slack sends, as types: what is not named here is ignored, what is named has to be of its kind.

Whoever reads a new field of an event or an interaction names it here first: the listeners see no others.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import from_json

Json = dict[str, Any]
"""A JSON object as it travels, checked or about to be."""

# Ids, kinds and tickets are visible ASCII: what a database refuses or a log garbles is in none of them.
Id = Annotated[str, StringConstraints(pattern=r"\A[!-~]{0,255}\z")]
Ticket = Annotated[str, StringConstraints(pattern=r"\A[!-~]{0,1000}\z")]
Ts = Annotated[str, StringConstraints(pattern=r"\A[0-9]{1,11}\.[0-9]{1,9}\z")]
Name = Annotated[str, StringConstraints(max_length=255)]
Url = Annotated[str, StringConstraints(pattern=r"\A(?:https?://[!-~]{1,2000})?\z")]
# A modal has at most 100 blocks, a message 50; each of its inputs stands once in the state.
Values = dict[Name, dict[Name, Json]]
_SEVERAL = 100

_FORM_FIELDS = 100
_UNREADABLE = "The body is neither JSON nor a form."
# Where a decoder puts half a surrogate pair or a NUL, which no database and no answer takes.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_SUSPECT = re.compile(r"\\u(?:0000|[dD])")


class Malformed(Exception):  # noqa: N818 - read as what the body is
    """What came is nothing that Slack sends; the message says why, without quoting it."""


class _Sent(BaseModel):
    """A part of what Slack sends."""

    model_config = ConfigDict(strict=True, extra="ignore")


class Person(_Sent):
    """Who did something, or whose account changed."""

    id: Id | None = None
    team_id: Id | None = None
    is_bot: bool | None = None
    deleted: bool | None = None


class Team(_Sent):
    """A workspace."""

    id: Id | None = None
    enterprise_id: Id | None = None


class Place(_Sent):
    """A channel, where Slack gives it whole, or an organisation."""

    id: Id | None = None
    name: str | None = None


class Edited(_Sent):
    """When a message was changed."""

    ts: Ts | None = None


class File(_Sent):
    """A file of a message."""

    id: Id | None = None
    name: str | None = None


class _Words(_Sent):
    """What a message and an event of one have in common."""

    ts: Ts | None = None
    thread_ts: Ts | None = None
    bot_id: Id | None = None
    subtype: Id | None = None
    text: str | None = None
    edited: Edited | None = None
    files: list[File] | None = None


class Said(_Words):
    """A message inside something else: the one that was changed, deleted, or acted on."""

    user: Id | None = None


class Item(_Sent):
    """What a reaction or a pin is on."""

    type: Id | None = None
    channel: Id | None = None
    ts: Ts | None = None


class Event(_Words):
    """What happened. The channel or the person is an object in some kinds of event."""

    type: Id
    user: Id | Person | None = None
    channel: Id | Place | None = None
    channel_type: Id | None = None
    event_ts: Ts | None = None
    deleted_ts: Ts | None = None
    message: Said | None = None
    previous_message: Said | None = None
    item: Item | None = None
    item_user: Id | None = None
    reaction: Name | None = None
    inviter: Id | None = None
    tab: Id | None = None
    team: Id | Team | None = None
    name: str | None = None
    is_private: bool | None = None
    old_channel_id: Id | None = None
    new_channel_id: Id | None = None


class Authorization(_Sent):
    """An installation that an event is meant for."""

    enterprise_id: Id | None = None
    team_id: Id | None = None
    user_id: Id | None = None
    is_bot: bool | None = None
    is_enterprise_install: bool | None = None


class Happened(_Sent):
    """The outer body of an event."""

    type: Id
    event: Event
    event_id: Id | None = None
    team_id: Id | None = None
    enterprise_id: Id | None = None
    api_app_id: Id | None = None
    authorizations: Annotated[list[Authorization], Field(max_length=_SEVERAL)] | None = None


class Container(_Sent):
    """Where something was pressed."""

    type: Id | None = None
    channel_id: Id | None = None
    message_ts: Ts | None = None
    thread_ts: Ts | None = None
    view_id: Id | None = None
    is_ephemeral: bool | None = None


class Option(_Sent):
    """A choice."""

    value: str | None = None


class Pressed(_Sent):
    """An element that was used; without an action id nobody can know which."""

    action_id: Name
    block_id: Name | None = None
    type: Id | None = None
    value: str | None = None
    action_ts: Ts | None = None
    selected_option: Option | None = None
    selected_options: list[Option] | None = None
    selected_user: Id | None = None


class State(_Sent):
    """What stands in the inputs. The entries are read one by one by the form they belong to."""

    values: Values | None = None


class View(_Sent):
    """A modal, or an App Home."""

    type: Literal["modal", "home"]
    callback_id: Name
    id: Id | None = None
    private_metadata: str | None = None
    hash: Id | None = None
    state: State | None = None
    team_id: Id | None = None
    app_installed_team_id: Id | None = None
    root_view_id: Id | None = None
    previous_view_id: Id | None = None


class ResponseUrl(_Sent):
    """Where a modal may answer."""

    response_url: Url | None = None


class Interaction(_Sent):
    """A button, a modal or a shortcut that a person used."""

    type: Id
    user: Person
    team: Team | None = None
    enterprise: Place | None = None
    is_enterprise_install: bool | None = None
    api_app_id: Id | None = None
    trigger_id: Ticket | None = None
    response_url: Url | None = None
    callback_id: Name | None = None
    action_ts: Ts | None = None
    message_ts: Ts | None = None
    channel: Place | None = None
    container: Container | None = None
    message: Said | None = None
    view: View | None = None
    state: State | None = None
    actions: Annotated[list[Pressed], Field(min_length=1, max_length=_SEVERAL)] | None = None
    response_urls: Annotated[list[ResponseUrl], Field(max_length=_SEVERAL)] | None = None


class Typed(_Sent):
    """A slash command, from a form: all of it is text."""

    command: Annotated[str, StringConstraints(pattern=r"\A/[!-~]{1,80}\z")]
    text: str | None = None
    user_id: Id
    channel_id: Id | None = None
    team_id: Id | None = None
    enterprise_id: Id | None = None
    is_enterprise_install: Id | None = None
    api_app_id: Id | None = None
    trigger_id: Ticket | None = None
    response_url: Url | None = None


class Challenge(_Sent):
    """Slack asks whether this is the address it was given."""

    type: Id
    challenge: Annotated[str, StringConstraints(pattern=r"\A[ -~]{1,1000}\z")]


class Limited(_Sent):
    """Slack keeps events back for a while, because there were too many."""

    type: Id
    minute_rate_limited: int | None = None


class Checked(_Sent):
    """Slack looks whether the certificate is good."""

    ssl_check: str


Sent = Happened | Interaction | Typed | Challenge | Limited | Checked

_HAPPENED = TypeAdapter(Happened)
_NEEDS: Mapping[str, str] = {
    "block_actions": "actions",
    "view_submission": "view",
    "view_closed": "view",
    "shortcut": "callback_id",
    "message_action": "message",
}
"""Each kind of interaction, and what it cannot be without."""


def decoded(body: bytes, content_type: str) -> object:
    """Return what an HTTP body holds, JSON or a form; raises ``Malformed``."""
    try:
        text = body.decode("utf-8")
        if content_type.partition(";")[0].strip() == "application/json" or text.startswith("{"):
            return parsed(text)
        fields: Json = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_FORM_FIELDS))
    except ValueError:
        raise Malformed(_UNREADABLE) from None
    return parsed(fields["payload"]) if "payload" in fields else _storable(fields)


def parsed(text: str) -> object:
    """Return JSON with nothing in it that cannot be stored; raises ``Malformed``."""
    try:
        # The quick parser refuses half a surrogate pair; such a message is still somebody's words.
        return _storable(json.loads(text)) if _SUSPECT.search(text) else from_json(text)
    except (ValueError, RecursionError):
        raise Malformed(_UNREADABLE) from None


def _storable(value: object) -> object:
    """Return a value whose texts have a mark in place of each character that cannot be kept."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {_UNSTORABLE.sub("\ufffd", str(name)): _storable(each) for name, each in value.items()}
    return value


def read(payload: object) -> Sent:
    """Return what Slack sent; raises ``Malformed``."""
    if not isinstance(payload, dict):
        msg = "The payload is not an object."
        raise Malformed(msg)
    try:
        return _typed(payload)
    except ValidationError as wrong:
        msg = f"{_where(wrong)} is missing or of the wrong kind."
        raise Malformed(msg) from None


def _where(wrong: ValidationError) -> str:
    """Return the first place that is wrong; names of ours, never of whoever sent it."""
    place = wrong.errors(include_url=False, include_input=False, include_context=False)[0]["loc"]
    return ".".join(part for part in map(str, place) if part.isidentifier())[:80] or "The payload"


def _typed(payload: Json) -> Sent:
    kind = payload.get("type")
    if kind == "event_callback":
        return _HAPPENED.validate_python(payload)
    if kind == "url_verification":
        return Challenge.model_validate(payload)
    if kind == "app_rate_limited":
        return Limited.model_validate(payload)
    if isinstance(kind, str) and kind in _NEEDS:
        interaction = Interaction.model_validate(payload)
        if getattr(interaction, _NEEDS[kind]) is None:
            msg = f"An interaction of this kind has a {_NEEDS[kind]}."
            raise Malformed(msg)
        return interaction
    if kind is None and "command" in payload:
        return Typed.model_validate(payload)
    if kind is None and "ssl_check" in payload:
        return Checked.model_validate(payload)
    msg = "This is neither an event, a command nor an interaction of Slack's."
    raise Malformed(msg)
