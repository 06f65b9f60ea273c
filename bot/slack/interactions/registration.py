"""What a listener's module registers: the commands it answers, the buttons and the forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.slack.ids import Action, Form
from bot.slack.interactions.interaction import Listener


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command: its name, the other words people reach for, what follows it, what it does, who answers.

    ``short`` words are the command and what follows it at once: ``/incident fixing``.
    ``in_room`` commands act on an incident: the war room's, or one that is named (``INC-3``); what follows
    those ``in_words`` is a sentence of the person's own.
    """

    name: str
    also: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    usage: str = ""
    says: str
    in_room: bool = True
    in_words: bool = False
    listener: Listener


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What one listener's module answers. `bot.slack.commands` is the sum of them."""

    commands: tuple[Command, ...] = ()
    buttons: Mapping[Action, Listener] = field(default_factory=dict)
    forms: Mapping[Form, Listener] = field(default_factory=dict)
