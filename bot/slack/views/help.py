"""What can be typed, as the grammar tells it."""

from collections.abc import Sequence

from bot.slack.blocks import Message, context, escape, listed, section, sentence
from bot.slack.ids import COMMAND

PARTS, PART_MAX = 3, 2500
"""How many sections the help takes, and how full each gets: one holds 3,000 characters."""


def page(rows: Sequence[tuple[str, str]], *, why: str = "") -> Message:
    """Return the rows (what to type, what it does), after a sentence about why they are shown."""
    lines = [f"`{escape(typed).replace('`', '')}`  {escape(does)}" for typed, does in rows]
    head = sentence(why, 600) if why else f"*What `{COMMAND}` understands*"
    blocks = [section(head)]
    blocks += [section(listed(part, 2700, each=300)) for part in _parts(lines)]
    blocks.append(
        context(
            "Every button does one of these. In threads, write `@warroom note …`: commands do not work there."
        )
    )
    return Message(text=head, blocks=blocks)


def _parts(lines: Sequence[str]) -> list[Sequence[str]]:
    """Return the lines in parts that fit a section each; the last part takes what is left."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if len(parts) < PARTS and sum(map(len, parts[-1])) + len(parts[-1]) + len(line) > PART_MAX:
            parts.append([])
        parts[-1].append(line)
    return [part for part in parts if part]
