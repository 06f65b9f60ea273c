"""Messages, modals and homes as plain text, the way a person reads them.

For transcripts and failing tests.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from bot.sandbox import elements as parts
from bot.sandbox.state import Channel, Message, View
from bot.sandbox.wire import Json, text_of, unescape
from bot.sandbox.workspace import Workspace


class Screen:
    """Renders the things of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        """Look names up in this workspace."""
        self.workspace = workspace

    def words(self, text: str) -> str:
        """Return markup as it reads: names for ids, labels for links, the fallback of dates."""
        return unescape(re.sub(r"<([^<>]+)>", lambda found: self._reference(found[1]), text))

    def _reference(self, inside: str) -> str:
        target, _, label = inside.partition("|")
        if target.startswith("@"):
            user = self.workspace.users.get(target[1:])
            return f"@{user.name}" if user else f"@{label or target[1:]}"
        if target.startswith("#"):
            channel = self.workspace.channels.all.get(target[1:])
            return f"#{channel.name}" if channel else f"#{label or target[1:]}"
        if target.startswith("!"):
            return label if target.startswith(("!date", "!subteam")) else f"@{target[1:]}"
        return f"{label} ({target})" if label else target

    def name(self, user: str) -> str:
        """Return somebody's name."""
        found = self.workspace.users.get(user)
        return found.name if found else user

    def message(self, message: Message) -> str:
        """Return a message: who, when, what, its buttons and its reactions."""
        when = datetime.fromtimestamp(float(message.ts), tz=UTC).strftime("%H:%M")
        who = self.name(message.user)
        hidden = " (only you)" if message.viewer else ""
        head = f"{when} {who}{hidden}{' (in a thread)' if message.is_reply else ''}:"
        body = self.blocks(message.blocks, message.inputs) if message.blocks else self.words(message.text)
        tail = [f":{name}: {len(people)}" for name, people in message.reactions.items()]
        tail += [f"[file {each.get('name', '')}]" for each in message.files]
        tail += ["(edited)"] if message.edited else []
        return "\n".join(
            [head, *(f"  {line}" for line in body.splitlines()), *([f"  {' '.join(tail)}"] if tail else [])]
        )

    def channel(self, channel: Channel, viewer: str) -> str:
        """Return a channel as its viewer sees it, the oldest line first."""
        name = (
            channel.name
            or f"direct with {', '.join(self.name(each) for each in channel.members if each != viewer)}"
        )
        topic = f": {self.words(str(channel.topic['value']))}" if channel.topic["value"] else ""
        head = f"# {name}{topic}{' (archived)' if channel.archived else ''}"
        return "\n".join([head, *(self.message(each) for each in self.workspace.seen_by(viewer, channel))])

    def view(self, view: View) -> str:
        """Return a modal or a home."""
        content = view.content
        kind = f"== {view.title} ==" if content["type"] == "modal" else "== Home =="
        buttons = [text_of(content.get(each)) for each in ("submit", "close") if content.get(each)]
        held = parts.values(view)
        return "\n".join([kind, self.blocks(view.blocks, held), *(f"[ {each} ]" for each in buttons)])

    def blocks(self, blocks: list[Json], held: dict[str, dict[str, Json]] | None = None) -> str:
        """Return blocks as lines of text."""
        lines = (self._block(each, (held or {}).get(str(each.get("block_id")), {})) for each in blocks)
        return "\n".join(each for each in lines if each)

    def _block(self, block: Json, held: dict[str, Json]) -> str:
        draw: dict[str, Callable[[], str]] = {
            "section": lambda: self._section(block, held),
            "header": lambda: f"**{self.words(text_of(block['text']))}**",
            "divider": lambda: "-" * 20,
            "context": lambda: " ".join(self._small(each) for each in block["elements"]),
            "actions": lambda: " ".join(self._element(each, held) for each in block["elements"]),
            "image": lambda: f"[image: {block['alt_text']}]",
            "input": lambda: self._input(block, held),
        }
        return draw[block["type"]]()

    def _section(self, block: Json, held: dict[str, Json]) -> str:
        lines = [self.words(text_of(block.get("text")))] if block.get("text") else []
        lines += [self.words(text_of(each)) for each in block.get("fields", [])]
        if block.get("accessory"):
            lines.append(
                self._small(block["accessory"])
                if block["accessory"]["type"] == "image"
                else self._element(block["accessory"], held)
            )
        return "\n".join(lines)

    def _small(self, part: Json) -> str:
        return f"[image: {part['alt_text']}]" if part["type"] == "image" else self.words(text_of(part))

    def _input(self, block: Json, held: dict[str, Json]) -> str:
        optional = " (optional)" if block.get("optional") else ""
        hint = f"\n  {self.words(text_of(block['hint']))}" if block.get("hint") else ""
        return (
            f"{self.words(text_of(block['label']))}{optional}: {self._element(block['element'], held)}{hint}"
        )

    def _element(self, element: Json, held: dict[str, Json]) -> str:
        kind = element["type"]
        if kind == "button":
            return f"[ {text_of(element['text'])} ]"
        if kind == "overflow":
            return f"[ ... {' / '.join(text_of(each['text']) for each in element['options'])} ]"
        state = held.get(str(element.get("action_id"))) or parts.initial(element)
        value = state.get(parts.HOLDS[kind][0])
        if kind in ("checkboxes", "radio_buttons"):
            return " ".join(self._tick(each, value) for each in element["options"])
        shown = self._value(value) or text_of(element.get("placeholder")) or " "
        return f"[{shown}]" if kind in parts.TYPED else f"< {shown} >"

    def _tick(self, option: Json, value: object) -> str:
        chosen = value if isinstance(value, list) else [value]
        on = any(isinstance(each, dict) and each.get("value") == option["value"] for each in chosen)
        return f"({'x' if on else ' '}) {self.words(text_of(option['text']))}"

    def _value(self, value: object) -> str:
        if isinstance(value, list):
            return ", ".join(self._value(each) for each in value)
        if isinstance(value, dict):
            return text_of(value.get("text"))
        if value is None:
            return ""
        return f"@{self.name(str(value))}" if str(value) in self.workspace.users else str(value)
