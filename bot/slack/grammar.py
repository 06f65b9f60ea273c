"""``/incident ...``: one table that parses, finds the nearest command and prints the help."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import IncidentId, UserId


class Unknown(Refused):
    """A word that is no command; the sentence names the nearest one, and the help is shown below it."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command: its name, the other words people reach for, what follows it, and what it does.

    ``in_room`` commands act on an incident: the war room's, or one that is named (``INC-3``); what follows
    those ``in_words`` is a sentence of the person's own.
    """

    name: str
    also: tuple[str, ...] = ()
    usage: str = ""
    says: str
    in_room: bool = True
    in_words: bool = False


COMMANDS: tuple[Command, ...] = (
    Command(
        name="declare",
        also=("new", "open", "start", "create"),
        usage="[title]",
        says="Declare an incident and open its war room",
        in_room=False,
    ),
    Command(name="list", also=("ls", "incidents"), says="Show the open incidents", in_room=False),
    Command(name="mine", also=("me", "my"), says="Show the incidents you are part of", in_room=False),
    Command(
        name="status",
        also=("move", "state"),
        usage="[investigating | fixing | backfilling | monitoring]",
        says="Move the incident along; without a word, choose",
    ),
    Command(
        name="severity", also=("sev", "priority"), usage="[1-5] [reason]", says="Change how bad it is rated"
    ),
    Command(
        name="commander",
        also=("ic", "lead", "captain", "command"),
        usage="[@someone]",
        says="Take the command, or ask that someone has it: they decide",
    ),
    Command(name="scribe", also=("notes",), usage="[@someone]", says="Make someone scribe: they document"),
    Command(
        name="liaison",
        also=("comms", "communications"),
        usage="[@someone]",
        says="Make someone liaison: they communicate",
    ),
    Command(
        name="sme",
        also=("expert", "responder", "join"),
        usage="[@someone] [workstream]",
        says="Add an expert, in a workstream: they resolve",
    ),
    Command(name="release", also=("unassign", "drop"), usage="role [@someone]", says="Give a role back"),
    Command(name="agree", also=("yes", "accept"), says="Say yes to a hand-over of the command"),
    Command(name="decline", also=("no", "reject"), says="Say no to a hand-over of the command"),
    Command(
        name="takeover",
        also=("take-over",),
        usage="reason",
        says="Take the command when its holder does not answer",
        in_words=True,
    ),
    Command(
        name="update", also=("can", "report", "up"), says="Post a CAN update: conditions, actions, needs"
    ),
    Command(name="note", also=("log", "add"), usage="text", says="Add a note to the timeline", in_words=True),
    Command(
        name="timeline",
        also=("catchup", "catch-up", "history"),
        says="Catch up: the latest of the timeline, for you alone",
    ),
    Command(name="correct", also=("fix-time", "milestone"), says="Correct when something happened"),
    Command(
        name="resolve",
        also=("fixed", "resolved", "done"),
        usage="[how]",
        says="It is over: service is back",
        in_words=True,
    ),
    Command(
        name="close",
        also=("closed", "finish"),
        usage="[remark]",
        says="Close a resolved incident",
        in_words=True,
    ),
    Command(
        name="cancel",
        also=("cancelled", "canceled", "false-alarm"),
        usage="reason",
        says="It was none: a false alarm, or expected",
        in_words=True,
    ),
    Command(name="reopen", usage="reason", says="It was not over: work on it again", in_words=True),
    Command(name="merge", usage="INC-2", says="Go on in another incident"),
    Command(
        name="postmortem",
        also=("pm", "retro"),
        usage="own | done <link> | start",
        says="Own the postmortem, finish it with a link, or ask for one",
    ),
    Command(
        name="snooze",
        also=("quiet", "mute"),
        usage="[commander | report | postmortem] [30m]",
        says="Keep a reminder quiet for a while",
    ),
    Command(name="help", also=("h", "?", "commands"), says="Show this", in_room=False),
)

ME = frozenset({"me", "myself", "i"})
# Words that say both the command and where to: "/incident fixing".
MOVES = ("investigating", "fixing", "backfilling", "monitoring")

_WORDS = {word: command for command in COMMANDS for word in (command.name, *command.also)}
_LEVEL = re.compile(r"sev-?(\d)\Z")
_WORD = re.compile(r"\S+")
_LABEL = re.compile(r"inc-?(\d{1,9})\Z", re.IGNORECASE)
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_TOKEN = re.compile(r"<([^<>|\s]+)(?:\|([^<>]*))?>")
_LENGTH = re.compile(r"(\d{1,4})\s*(s|m|h|d)\Z", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What was typed: the command (None for nothing at all), what follows, and the incident it names."""

    command: Command | None
    rest: str = ""
    incident: IncidentId | None = None
    typed: str = ""


def parse(text: str) -> Parsed:
    """Return what was typed; refuses a word that is no command, naming the nearest one."""
    words = list(_WORD.finditer(text))
    named = labelled(words[0].group()) if words else None
    if named is not None:
        del words[0]
    if not words:
        return Parsed(command=None, incident=named, typed=text)
    command, said = _meant(words[0].group())
    # "resolve INC-3" is as clear as "INC-3 resolve"; but in a title, after "merge", and where people's own
    # words follow ("note INC-3 is caused by ..."), a label is part of what is said.
    is_prose = command.in_words and len(words) > 2  # noqa: PLR2004 - the command, the label, and words
    if named is None and len(words) > 1 and command.in_room and command.name != "merge" and not is_prose:
        named = labelled(words[1].group())
        if named is not None:
            del words[1]
    rest = text[words[1].start() :] if len(words) > 1 else ""
    return Parsed(command=command, rest=f"{said} {rest}".strip(), incident=named, typed=text.strip())


def _meant(typed: str) -> tuple[Command, str]:
    """Return the command a word stands for, and what the word itself already says of the rest."""
    word = typed.casefold()
    if word in MOVES:
        return _WORDS["status"], word
    if level := _LEVEL.match(word):
        return _WORDS["severity"], level.group(1)
    if word not in _WORDS:
        raise Unknown(unknown(typed))
    return _WORDS[word], ""


def unknown(word: str) -> str:
    """Return the sentence about a word that is no command: the nearest one, and that the help follows."""
    near = difflib.get_close_matches(word.casefold(), [*_WORDS, *MOVES], n=1, cutoff=0.6)
    shown = word[:40]
    if near:
        return f"There is no “{shown}”. Did you mean `/incident {near[0]}`? This is all there is:"
    return f"There is no “{shown}”. This is what there is:"


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
    """Return the length of time at the end of a text (``30m``, ``2h``), and what stands before it."""
    words = text.split()
    found = _LENGTH.match(words[-1]) if words else None
    if found is None:
        return None, text.strip()
    length = timedelta(**{_UNITS[found.group(2).casefold()]: int(found.group(1))})
    return length, " ".join(words[:-1])


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


def help_rows() -> Sequence[tuple[str, str]]:
    """Return the help: each command as it is typed, with its other words, and what it does."""
    return [
        (
            f"/incident {command.name} {command.usage}".strip(),
            command.says + (f" (also {', '.join(command.also)})" if command.also else ""),
        )
        for command in COMMANDS
    ]
