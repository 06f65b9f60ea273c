"""From the submitted modal to a usable war room, with 80 ms a Slack call: ``python -m benchmarks.declare``.

Usable means that the channel exists, that the person is in it, and that the card stands there. The sandbox
and the people run in this process, the bot in another one. The ack is measured where Slack measures it: from
sending the submission to having its answer. The announcement of declarations that follow each other at once
waits for Slack's limit of one message a second in a channel.
"""

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.conditions import milliseconds, percentile, show, warroom
from bot.resources import manifest_path
from bot.sandbox import Sandbox
from bot.sandbox.journal import Call
from bot.sandbox.state import Channel
from tests.databases import fresh

N = 20
LATENCY = 0.08


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What one declaration took, in seconds of real time."""

    ack: float
    created: float
    usable: float
    whole: float
    calls: tuple[str, ...]
    trace: tuple[str, ...]


async def _declared(slack: Sandbox, number: int) -> Declared:
    ada = slack.person("ada")
    await ada.command("/incident", f"declare Table {number} has stopped")
    view = await ada.wait_for_modal(timeout=20)
    before, known = len(slack.journal.calls), set(slack.workspace.channels.all)
    began = time.monotonic()
    await ada.submit(view, {"severity": "SEV2"})
    ack = slack.journal.delivered("view_submission")[-1].attempts[-1].seconds
    seen: dict[str, float] = {}

    def look() -> bool:
        now = time.monotonic() - began
        room = next((one for one in slack.workspace.channels.all.values() if one.id not in known), None)
        if room is not None:
            seen.setdefault("created", now)
            if _is_usable(room, ada.id):
                seen.setdefault("usable", now)
        announced = [one for one in slack.workspace.channel("incidents").messages.values() if one.metadata]
        return "usable" in seen and room is not None and _is_whole(room) and len(announced) > number

    await slack.until(look, 60, what="the war room")
    calls = slack.journal.calls[before:]
    await slack.settled()
    return Declared(
        ack=ack,
        created=seen["created"],
        usable=seen["usable"],
        whole=time.monotonic() - began,
        calls=tuple(one.method for one in calls if one.ok),
        trace=tuple(_traced(one, began) for one in calls),
    )


def _is_usable(room: Channel, person: str) -> bool:
    return person in room.members and any(one.metadata for one in room.messages.values())


def _is_whole(room: Channel) -> bool:
    return bool(room.pins and room.bookmarks and room.topic["value"])


def _traced(call: Call, began: float) -> str:
    at = (call.monotonic - began) * 1000
    return f"{at:7.1f} ms +{call.seconds * 1000:5.1f}  {call.method} {call.error or ''}"


async def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="warroom-benchmark-"))
    async with (
        fresh("sqlite", folder) as url,
        Sandbox(manifest_path(), channels=("general", "incidents")) as slack,
    ):
        slack.faults.slow("*", seconds=LATENCY)
        async with warroom(slack, url, folder / "bot.log"):
            await slack.until(
                lambda: slack.journal.called("conversations.join"), 20, what="the bot to be ready"
            )
            runs = [await _declared(slack, number) for number in range(N)]
    rows = [
        (name, milliseconds(percentile(values, 0.5)), milliseconds(percentile(values, 0.95)), target)
        for name, values, target in (
            ("the submission's ack", [one.ack for one in runs], "< 50 ms"),
            ("the channel exists", [one.created for one in runs], ""),
            ("the room is usable", [one.usable for one in runs], "< 400 ms"),
            ("topic, pin, bookmark, announcement", [one.whole for one in runs], ""),
        )
    ]
    calls = max(len(one.calls) for one in runs)
    rows.append(("Slack calls", str(calls), ", ".join(sorted(set(runs[0].calls))), "<= 8"))
    show(f"Declare, {LATENCY * 1000:.0f} ms a Slack call, n={N}", ("what", "median", "p95", "target"), rows)
    print("the first declaration, call by call (start, duration):", *runs[0].trace, sep="\n")  # noqa: T201
    print("the last one:", *runs[-1].trace, sep="\n")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
