"""What a button or a modal carries from the moment it is shown to the moment it comes back."""

import json
import re
from dataclasses import dataclass, fields

from bot.domain.shared.vocabulary import ChannelId, IncidentId, Role, Status, UserId
from bot.slack.ids import Action

LONGEST = 1900
"""A button's value holds 2,000 characters, a modal's metadata 3,000; one packing fits both."""


@dataclass(frozen=True, kw_only=True)
class InteractionPayload:
    """References only, all optional.

    ``seen`` is what stood there when it was shown: a status, or who held a role (``""`` for nobody).
    ``command`` is what a person typed elsewhere, to be done in the incident they pick; ``channel``,
    ``message`` and ``thread`` say where it came from and where to answer. ``page`` is where a list goes on.
    """

    incident: IncidentId | None = None
    role: Role | None = None
    person: UserId | None = None
    seen: str | None = None
    to: Status | None = None
    nudge: str | None = None
    job: int | None = None
    do: Action | None = None
    command: str | None = None
    channel: ChannelId | None = None
    message: str | None = None
    thread: str | None = None
    page: str | None = None

    def pack(self) -> str:
        """Return it as JSON of at most `LONGEST` characters; an overlong command or message is left out."""
        given = {
            SHORT.get(each.name, each.name): value
            for each in fields(self)
            if (value := getattr(self, each.name)) is not None
        }
        for spare in ("", "command", "message"):
            given.pop(spare, None)
            packed = json.dumps(given, separators=(",", ":"))
            if len(packed) <= LONGEST:
                break
        return packed

    @classmethod
    def unpack(cls, packed: object) -> "InteractionPayload":
        """Return what was packed; what is missing, foreign or of an older make reads as None."""
        try:
            found = json.loads(packed) if isinstance(packed, str) else {}
        except (ValueError, RecursionError):
            found = {}
        given: dict[str, object] = found if isinstance(found, dict) else {}
        incident, role, person = _number(given, "i"), _words(given, "role"), _words(given, "person")
        to, do, channel = _words(given, "to"), _words(given, "do"), _words(given, "channel")
        return cls(
            incident=IncidentId(incident) if incident is not None else None,
            role=Role(role) if role in set(Role) else None,
            person=UserId(person) if person is not None else None,
            seen=_words(given, "seen"),
            to=Status(to) if to in set(Status) else None,
            nudge=_words(given, "nudge"),
            job=_number(given, "job"),
            do=Action(do) if do in set(Action) else None,
            command=_words(given, "command"),
            channel=ChannelId(channel) if channel is not None else None,
            message=_words(given, "message"),
            thread=_words(given, "thread"),
            page=_words(given, "page"),
        )


SHORT = {"incident": "i"}
NUMBER_MAX = 2**31 - 1
"""What a database takes for an incident or a job; no number of ours is larger."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def _words(given: dict[str, object], name: str) -> str | None:
    value = given.get(name)
    return value if isinstance(value, str) and not _UNSTORABLE.search(value) else None


def _number(given: dict[str, object], name: str) -> int | None:
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < value <= NUMBER_MAX else None
