"""What people see in a terminal: tables and lines, in UTC, with nothing in them that steers the terminal."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from typing import TYPE_CHECKING

import typer

from bot.domain.shared.vocabulary import ActorKind, label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.domain.incident.aggregate import Incident
    from bot.domain.incident.timeline import Entry, Sentence
    from bot.domain.shared.vocabulary import Actor
    from bot.usecases.doctor import Finding
    from bot.usecases.ports import IncidentLine, JobLine

Shape = dict[str, object]
"""What `bot.cli.shapes` makes of a thing, for programs to read."""

_PIPED_WIDTH = 200


def plain(text: str) -> str:
    """Return a text as a terminal may show it: mentions readable, control characters gone."""
    readable = re.sub(r"<([@#])([A-Z0-9]+)(?:\|[^>]*)?>", r"\1\2", text)
    return "".join(c for c in readable if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def as_json(shape: Shape | list[Shape]) -> None:
    """Print a shape for programs; the output is ASCII, so that no terminal or locale is in the way."""
    typer.echo(json.dumps(shape, indent=2))


def incidents(lines: Sequence[IncidentLine]) -> None:
    """Print incidents as a table."""
    if not lines:
        typer.echo("No incidents.")
        return
    rows = [
        (
            label(line.id),
            str(line.severity),
            str(line.status),
            _one_line(line.title) + _marks(private=line.private, drill=line.drill),
            f"#{line.channel_name}" if line.channel_name else "",
            f"@{line.commander}" if line.commander else "nobody",
            _time(line.declared_at),
        )
        for line in lines
    ]
    _table(("id", "severity", "status", "title", "channel", "commander", "declared (UTC)"), rows)


def incident(one: Incident) -> None:
    """Print all that is known of an incident."""
    state = one.state
    echo = _paragraph
    marks = _marks(private=state.private, drill=state.drill)
    echo(f"{label(one.id)}  {state.severity}  {state.status}{marks}")
    echo(one.title)
    for name, text in (("Summary", state.summary), ("Affected", state.affected)):
        if words := one.text(text):
            echo(f"{name}: {words}")
    echo(f"Declared by {_who(state.declared_by)}")
    echo(f"Channel: #{state.channel_name} ({state.channel})" if state.channel else "Channel: none yet")
    for held in state.roles:
        stream = one.text(held.workstream)
        echo(f"{held.role.capitalize()}: @{held.person}" + (f" ({stream})" if stream else ""))
    for name, moment in state.milestones.items():
        echo(f"{name.capitalize()}: {_time(moment.occurred)} UTC")
    _last_report(one)
    for number, need in enumerate(state.needs, start=1):
        echo(f"Need {number}: {one.text(need.text) or '(erased)'} (since {_time(need.since)} UTC)")
    _postmortem(one)


def _last_report(one: Incident) -> None:
    report = one.state.last_report
    if report is None:
        return
    _paragraph(f"Last update: {_time(report.at)} UTC by {_who(report.by)}")
    _paragraph(f"  Conditions ({report.condition}): {one.text(report.conditions) or '(erased)'}")
    if blast := one.text(report.blast_radius):
        _paragraph(f"  Blast radius: {blast}")
    _paragraph(f"  Actions: {one.text(report.actions) or '(erased)'}")


def _postmortem(one: Incident) -> None:
    owed = one.state.postmortem
    if owed is None:
        return
    owner = f"@{owed.owner}" if owed.owner else "nobody"
    if owed.is_open:
        _paragraph(f"Postmortem: due {_time(owed.due_at)} UTC, owned by {owner}")
    else:
        _paragraph(f"Postmortem: done, {one.text(owed.link) or '(erased)'}")


def timeline(entries: Iterable[Entry]) -> None:
    """Print a timeline, one entry a line; key moments have a star."""
    for entry in entries:
        star = "*" if entry.key_moment else " "
        who = _who(entry.by) if entry.by else "somebody"
        said = ":" if entry.kind == "message" else ""
        edited = " (edited)" if entry.edited and not entry.deleted else ""
        _paragraph(f"{entry.at:%Y-%m-%d %H:%M:%S}  {star} {who}{said} {sentence(entry.sentence)}{edited}")


def sentence(said: Sentence) -> str:
    """Return a sentence of the timeline, its instants in UTC."""
    from bot.domain.incident.timeline import spell  # noqa: PLC0415 - only now needed

    return spell(said, instant=lambda at: f"{_time(at)} UTC", link=str)


def jobs(lines: Sequence[JobLine]) -> None:
    """Print jobs as a table."""
    if not lines:
        typer.echo("No jobs.")
        return
    rows = [
        (
            str(line.id),
            str(line.state),
            line.kind,
            label(line.incident) if line.incident is not None else "",
            _time(line.due_at),
            str(line.attempt),
            _one_line(line.last_error or ""),
        )
        for line in lines
    ]
    _table(("id", "state", "kind", "incident", "due (UTC)", "attempt", "last error"), rows)


def findings(found: Sequence[Finding]) -> None:
    """Print what the doctor found, and what to do."""
    for one in found:
        _paragraph(f"{'ok  ' if one.ok else 'FAIL'}  {one.check}: {one.what}")
        if one.remedy and not one.ok:
            _paragraph(f"      {one.remedy}")


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - only tables need it
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, no_wrap=name not in {"title", "last error"})
    for row in rows:
        # As Text: brackets in a title are no markup.
        table.add_row(*(Text(cell) for cell in row))
    # Into a pipe there is no window to fit.
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False).print(table)


def _paragraph(text: str) -> None:
    typer.echo(plain(text).replace("\n", "\n    "))


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())


def _marks(*, private: bool, drill: bool) -> str:
    return "".join(f" [{name}]" for name, on in (("private", private), ("drill", drill)) if on)


def _who(actor: Actor) -> str:
    if actor.kind is ActorKind.PERSON:
        return f"@{actor.user}"
    named = {ActorKind.SHELL: "the shell", ActorKind.WEB: "the web", ActorKind.SYSTEM: "Warroom"}
    return named[actor.kind] + (f" for @{actor.user}" if actor.user else "")


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
