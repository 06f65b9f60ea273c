"""``/incident ...``: how what was typed is taken apart, by whatever table of commands it is handed."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import IncidentId, UserId


class Unknown(Refused):
    """A word that is not known, such as one that is no command; ``instead`` is what may have been meant."""

    def __init__(self, why: str, *, instead: str | None = None) -> None:
        """Keep the sentence, and the whole of what was typed with the nearest word in its place."""
        super().__init__(why)
        self.instead = instead


class Row(Protocol):
    """What is read here of a command: its words, and what may follow them."""

    @property
    def name(self) -> str:
        """The word that the help shows."""

    @property
    def also(self) -> tuple[str, ...]:
        """The other words people reach for."""

    @property
    def short(self) -> tuple[str, ...]:
        """Words that are the command and what follows it at once: ``/incident fixing``."""

    @property
    def usage(self) -> str:
        """What follows it, as the help shows it."""

    @property
    def says(self) -> str:
        """What it does."""

    @property
    def in_room(self) -> bool:
        """Whether it acts on an incident: the war room's, or one that is named (``INC-3``)."""

    @property
    def in_words(self) -> bool:
        """Whether what follows is a sentence of the person's own."""


Command = TypeVar("Command", bound=Row)

ME = frozenset({"me", "myself", "i"})
SEVERITY = "severity"
"""The command that ``sev2`` stands for, too."""

WORD_SHOWN = 40
"""How much of a word that is not known is given back, and compared."""

_LEVEL = re.compile(r"sev-?(\d)\Z")
_WORD = re.compile(r"\S+")
_PLAIN = re.compile(r"[\w'-]+\Z")
_LABEL = re.compile(r"inc-?(\d{1,9})\Z", re.IGNORECASE)
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_TOKEN = re.compile(r"<([^<>|\s]+)(?:\|([^<>]*))?>")
_PART = r"(\d{1,4})\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)"
_LENGTH = re.compile(rf"(?:for )?(?:{_PART}\s*)+\Z", re.IGNORECASE)
_LENGTH_WORDS = 7
"""How many words a length of time takes at most: ``for 1 day 2 hours 30 minutes``."""
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, kw_only=True)
class Parsed(Generic[Command]):
    """What was typed: the command (None for nothing at all), what follows, and the incident it names."""

    command: Command | None
    rest: str = ""
    incident: IncidentId | None = None
    typed: str = ""


class Grammar(Generic[Command]):
    """The words of a table of commands."""

    def __init__(self, commands: Sequence[Command]) -> None:
        """Read the table; no word in it means two things."""
        self.commands = tuple(commands)
        self._words = {word: command for command in commands for word in (command.name, *command.also)}
        self._short = {word: command for command in commands for word in command.short}

    def parse(self, text: str) -> Parsed[Command]:
        """Return what was typed; raises `Unknown` for a word that is no command, with the nearest one."""
        words = list(_WORD.finditer(text))
        named = labelled(words[0].group()) if words else None
        if named is not None:
            del words[0]
        if not words:
            return Parsed(command=None, incident=named, typed=text)
        command, said = self._meant(words[0], text)
        # "resolve INC-3" is as clear as "INC-3 resolve"; but in a title, after "merge", and where people's
        # own words follow ("note INC-3 is caused by ..."), a label is part of what is said.
        is_prose = command.in_words and len(words) > 2  # noqa: PLR2004 - the command, the label, and words
        if named is None and len(words) > 1 and command.in_room and command.name != "merge" and not is_prose:
            named = labelled(words[1].group())
            if named is not None:
                del words[1]
        rest = text[words[1].start() :] if len(words) > 1 else ""
        return Parsed(command=command, rest=f"{said} {rest}".strip(), incident=named, typed=text.strip())

    def _meant(self, found: re.Match[str], text: str) -> tuple[Command, str]:
        """Return the command a word stands for, and what the word itself already says of the rest."""
        word = found.group().casefold()
        if word in self._short:
            return self._short[word], word
        level = _LEVEL.match(word)
        if level and SEVERITY in self._words:
            return self._words[SEVERITY], level.group(1)
        if word not in self._words:
            raise self._unknown(found, text)
        return self._words[word], ""

    def _unknown(self, found: re.Match[str], text: str) -> Unknown:
        shown = found.group()[:WORD_SHOWN]
        near = nearest(found.group(), [*self._words, *self._short])
        if near is None:
            return Unknown(f"There is no command “{shown}”. `/incident help` shows what there is.")
        instead = f"{text[: found.start()]}{near}{text[found.end() :]}".strip()
        return Unknown(f"There is no command “{shown}”. Did you mean `/incident {near}`?", instead=instead)

    def help_rows(self) -> Sequence[tuple[str, str]]:
        """Return the help: each command as it is typed, with its other words, and what it does."""
        return [
            (
                f"/incident {command.name} {command.usage}".strip(),
                command.says + (f" (also {', '.join(command.also)})" if command.also else ""),
            )
            for command in self.commands
        ]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that a mistyped one is nearest to, None where it is like no other."""
    bare = word[:WORD_SHOWN].casefold().strip(".,:;!?")
    # A mention is nobody's misspelling: "<!channel>" is near to "cancel".
    near = difflib.get_close_matches(bare, list(known), n=1, cutoff=0.6) if _PLAIN.match(bare) else []
    return near[0] if near else None


def labelled(word: str) -> IncidentId | None:
    """Return the incident that ``INC-3`` names, or None."""
    found = _LABEL.match(word)
    return IncidentId(int(found.group(1))) if found else None


def person_in(text: str) -> tuple[UserId | None, str]:
    """Return the first person mentioned, and the text without the mention."""
    found = _PERSON.search(text)
    if found is None:
        return None, text.strip()
    return UserId(found.group(1)), (text[: found.start()] + text[found.end() :]).strip()


def someone_in(text: str) -> tuple[UserId | None, str]:
    """Return the person mentioned and the rest; refuses an ``@name`` that names nobody Slack knows."""
    person, rest = person_in(text)
    if person is None and rest.startswith("@"):
        name = rest.split()[0][:80]
        msg = f"Slack knows nobody called “{name}”. Choose the name from the list as you type it."
        raise Refused(msg)
    return person, rest


def spoken(text: str) -> str:
    """Return what Slack sent as people typed it: names for mentions, addresses for links, no entities."""
    bare = _TOKEN.sub(_unwrapped, text)
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _unwrapped(token: re.Match[str]) -> str:
    target, name = token.group(1), token.group(2)
    if target.startswith("!"):
        return name or f"@{target[1:].partition('^')[0]}"
    if target.startswith(("@", "#")):
        return f"{target[0]}{name}" if name else token.group()
    return f"{name} ({target})" if name and name not in target else target


def length_in(text: str) -> tuple[timedelta | None, str]:
    """Return the length of time at the end of a text (``30m``, ``1h30m``, ``for 2 hours``), and the rest."""
    words = text.split()
    for at in range(max(len(words) - _LENGTH_WORDS, 0), len(words)):
        said = " ".join(words[at:])
        if _LENGTH.match(said):
            parts = re.findall(_PART, said, re.IGNORECASE)
            length = sum(
                (timedelta(**{_UNITS[unit[0].casefold()]: int(n)}) for n, unit in parts), timedelta()
            )
            return length, " ".join(words[:at])
    return None, text.strip()


def said_to(text: str, us: UserId | None) -> str | None:
    """Return what was said to the bot: what follows its mention at the beginning of a message.

    None where it is mentioned further on: "do not tell @warroom resolve yet" must not resolve anything.
    """
    words = text.lstrip()
    first = _PERSON.match(words)
    if first is None or (us is not None and first.group(1) != us):
        return None
    return words[first.end() :].strip(" \t\n,:")


def named_or_me(text: str) -> tuple[UserId | None, str]:
    """Return the person mentioned and the rest; refuses a name that is no mention, which would be lost."""
    person, rest = someone_in(text)
    word = rest.split(" ", 1)[0] if rest else ""
    if person is None and word and word.casefold() not in ME:
        msg = f"Say who with an @, such as `@{word[:40]}` chosen from Slack's list, or `me` for yourself."
        raise Refused(msg)
    return person, rest.partition(" ")[2] if person is None else rest
