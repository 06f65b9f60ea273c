"""What can be typed, as the table of commands tells it, and what may have been meant."""

from collections.abc import Sequence

from bot.slack.blocks import Message, actions, button, context, escape, listed, section, sentence
from bot.slack.ids import COMMAND, Action, named
from bot.slack.views.payload import InteractionPayload

PARTS, PART_MAX = 3, 2500
"""How many sections the help takes, and how full each gets: one holds 3,000 characters."""


def page(rows: Sequence[tuple[str, str]]) -> Message:
    """Return the rows: what to type, and what it does."""
    lines = [f"`{escape(typed).replace('`', '')}`  {escape(does)}" for typed, does in rows]
    head = f"*What `{COMMAND}` understands*"
    blocks = [section(head)]
    blocks += [section(listed(part, 2700, each=300)) for part in _parts(lines)]
    blocks.append(
        context(
            "Every button does one of these. In threads, write `@warroom note …`: commands do not work there."
        )
    )
    return Message(text=head, blocks=blocks)


def mistyped(why: str, *, instead: str | None) -> Message:
    """Return that a word is not known, with what may have been meant as a button, and the help as another."""
    text = sentence(why, 600)
    row = [button("Help", Action.HELP, InteractionPayload().pack())]
    again = InteractionPayload(command=instead).pack()
    if instead and InteractionPayload.unpack(again).command == instead:
        row.insert(0, button(f"{COMMAND} {instead}", named(Action.PICK, "meant"), again, style="primary"))
    return Message(text=text, blocks=[section(text), actions("mistyped", row)])


def _parts(lines: Sequence[str]) -> list[Sequence[str]]:
    """Return the lines in parts that fit a section each; the last part takes what is left."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if len(parts) < PARTS and sum(map(len, parts[-1])) + len(parts[-1]) + len(line) > PART_MAX:
            parts.append([])
        parts[-1].append(line)
    return [part for part in parts if part]
