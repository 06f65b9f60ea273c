"""What people see in a terminal: tables and lines, in UTC, with nothing in them that steers the terminal."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from typing import TYPE_CHECKING

import typer

from bot.cli.people import MENTION
from bot.domain.shared.vocabulary import ActorKind, UserId, label
from bot.usecases.doctor import is_unpaid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from bot.domain.incident.aggregate import Incident
    from bot.domain.incident.timeline import Entry, Sentence
    from bot.domain.shared.vocabulary import Actor
    from bot.usecases.doctor import Finding
    from bot.usecases.ports import Backlog, IncidentLine, JobLine

    Names = Mapping[UserId, str]
    Row = Sequence[str]

Shape = dict[str, object]
"""What `bot.cli.shapes` makes of a thing, for programs to read."""

_PIPED_WIDTH = 200


def plain(text: str, names: Names | None = None) -> str:
    """Return a text as a terminal may show it: mentions as names where known, control characters gone."""
    known = names or {}
    called = MENTION.sub(lambda found: f"@{known.get(UserId(found[1]), found[1])}", text)
    readable = re.sub(r"<([@#])([A-Z0-9]+)(?:\|[^>]*)?>", r"\1\2", called)
    return "".join(c for c in readable if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def sentence(said: Sentence) -> str:
    """Return a sentence of the timeline, its instants in UTC."""
    from bot.domain.incident.timeline import spell  # noqa: PLC0415 - only now needed

    return spell(said, instant=lambda at: f"{at:%Y-%m-%d %H:%M} UTC", link=str)


def as_json(shape: Shape | list[Shape]) -> None:
    """Print a shape for programs; the output is ASCII, so that no terminal or locale is in the way."""
    typer.echo(json.dumps(shape, indent=2))


def say(lines: Iterable[str], names: Names) -> None:
    """Print lines, people by their names where these are known."""
    for line in lines:
        typer.echo(plain(line, names).replace("\n", "\n    "))


def incident_rows(lines: Sequence[IncidentLine]) -> list[Row]:
    """Return incidents as rows of a table."""
    return [
        (
            label(line.id),
            str(line.severity),
            str(line.status),
            line.title + _marks(private=line.private, drill=line.drill),
            f"#{line.channel_name}" if line.channel_name else "",
            f"<@{line.commander}>" if line.commander else "nobody",
            _time(line.declared_at),
        )
        for line in lines
    ]


def incidents(rows: Sequence[Row], names: Names) -> None:
    """Print incidents as a table."""
    if not rows:
        typer.echo("No incidents.")
        return
    _table(("id", "severity", "status", "title", "channel", "commander", "declared (UTC)"), rows, names)


def incident(one: Incident) -> list[str]:
    """Return all that is known of an incident, a line each."""
    state = one.state
    marks = _marks(private=state.private, drill=state.drill)
    lines = [f"{label(one.id)}  {state.severity}  {state.status}{marks}", one.title]
    for name, text in (("Summary", state.summary), ("Affected", state.affected)):
        if words := one.text(text):
            lines.append(f"{name}: {words}")
    lines.append(f"Declared by {_who(state.declared_by)}")
    lines.append(
        f"Channel: #{state.channel_name} ({state.channel})" if state.channel else "Channel: none yet"
    )
    for held in state.roles:
        stream = one.text(held.workstream)
        lines.append(f"{held.role.capitalize()}: <@{held.person}>" + (f" ({stream})" if stream else ""))
    lines += [
        f"{name.capitalize()}: {_time(moment.occurred)} UTC" for name, moment in state.milestones.items()
    ]
    lines += _last_report(one)
    for number, need in enumerate(state.needs, start=1):
        words = one.text(need.text) or "(erased)"
        lines.append(f"Need {number}: {words} (since {_time(need.since)} UTC)")
    return lines + _postmortem(one)


def _last_report(one: Incident) -> list[str]:
    report = one.state.last_report
    if report is None:
        return []
    lines = [
        f"Last CAN update: {_time(report.at)} UTC by {_who(report.by)}",
        f"  Conditions ({report.condition}): {one.text(report.conditions) or '(erased)'}",
    ]
    if blast := one.text(report.blast_radius):
        lines.append(f"  Blast radius: {blast}")
    return [*lines, f"  Actions: {one.text(report.actions) or '(erased)'}"]


def _postmortem(one: Incident) -> list[str]:
    owed = one.state.postmortem
    if owed is None:
        return []
    owner = f"<@{owed.owner}>" if owed.owner else "nobody"
    if owed.is_open:
        return [f"Postmortem: due {_time(owed.due_at)} UTC, owned by {owner}"]
    return [f"Postmortem: done, {one.text(owed.link) or '(erased)'}"]


def timeline(entries: Iterable[Entry]) -> list[str]:
    """Return a timeline, a line an entry; key moments have a star."""
    lines = []
    for entry in entries:
        star = "*" if entry.key_moment else " "
        who = _who(entry.by) if entry.by else "somebody"
        said = ":" if entry.kind == "message" else ""
        edited = " (edited)" if entry.edited and not entry.deleted else ""
        lines.append(f"{entry.at:%Y-%m-%d %H:%M:%S}  {star} {who}{said} {sentence(entry.sentence)}{edited}")
    return lines


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
            line.last_error or "",
        )
        for line in lines
    ]
    _table(("id", "state", "kind", "incident", "due (UTC)", "attempt", "last error"), rows, {})


def owed(backlog: Backlog, *, now: datetime) -> str:
    """Return that what follows from an act is owed, and who does it, as far as the jobs tell."""
    many = f"{backlog.owed} job{'s' if backlog.owed != 1 else ''}"
    if is_unpaid(backlog, now=now):
        since = _time(backlog.oldest_due or now)
        return f"What follows is owed ({many}), and nothing was done since {since} UTC: start `warroom run`."
    return f"What follows is owed ({many}); a running bot does it at once. Without one: `warroom run`."


def findings(found: Sequence[Finding]) -> None:
    """Print what the doctor found, and what to do."""
    for one in found:
        _paragraph(f"{'ok  ' if one.ok else 'FAIL'}  {one.check}: {one.what}")
        if one.remedy and not one.ok:
            _paragraph(f"      {one.remedy}")


def _table(columns: Sequence[str], rows: Sequence[Row], names: Names) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - only tables need it
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, no_wrap=name not in {"title", "last error"})
    for row in rows:
        # As Text: brackets in a title are no markup.
        table.add_row(*(Text(_one_line(cell, names)) for cell in row))
    # Into a pipe there is no window to fit.
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False).print(table)


def _paragraph(text: str) -> None:
    typer.echo(plain(text).replace("\n", "\n    "))


def _one_line(text: str, names: Names) -> str:
    return " ".join(plain(text, names).split())


def _marks(*, private: bool, drill: bool) -> str:
    return "".join(f" [{name}]" for name, on in (("private", private), ("drill", drill)) if on)


def _who(actor: Actor) -> str:
    if actor.kind is ActorKind.PERSON:
        return f"<@{actor.user}>"
    named = {ActorKind.SHELL: "the shell", ActorKind.WEB: "the web", ActorKind.SYSTEM: "Warroom"}
    return named[actor.kind] + (f" for <@{actor.user}>" if actor.user else "")


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
