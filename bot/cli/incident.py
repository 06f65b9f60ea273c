"""`warroom incident ...`: everything one can do to an incident, without Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import typed
from bot.cli.border import await_, opened
from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import ConditionType, Status, label

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.domain.incident.aggregate import Incident
    from bot.domain.shared.vocabulary import Actor, IncidentId
    from bot.usecases.ports import Ports

app = typer.Typer(no_args_is_help=True, help="Declare, follow and end incidents.")

Which = Annotated[str, typer.Argument(metavar="INCIDENT", help="Such as INC-1.")]
As = Annotated[str | None, typer.Option("--as", metavar="U123", help="The Slack person you act for.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Private = Annotated[
    bool, typer.Option("--include-private", help="Private incidents too; each one's timeline says so.")
]
Reason = Annotated[str | None, typer.Option(help="Why.")]
Needed = Annotated[str, typer.Option(help="Why.")]


# -- looking


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that have ended, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many, with --all.")] = 50,
    include_private: Private = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """List the open incidents, the worst first; with --all every one, the newest first."""
    from bot.cli import people, screen, shapes  # noqa: PLC0415 - only now needed

    actor = typed.operator(as_)

    async def read() -> None:
        async with opened(ctx, include_private=include_private) as ports:
            if everything:
                lines = await ports.reads.incidents(seen_by=actor, limit=limit)
            else:
                lines = await ports.reads.open_incidents(seen_by=actor)
            rows = screen.incident_rows(lines)
            names = {} if json else await people.names_in(ctx, (cell for row in rows for cell in row), ports)
            await _record_reading([line.id for line in lines if line.private], actor, ports)
        if json:
            screen.as_json([shapes.line(line) for line in lines])
        else:
            screen.incidents(rows, names)

    await_(read())


@app.command()
def show(
    ctx: typer.Context,
    incident: Which,
    *,
    include_private: Private = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """Show an incident: status, roles, times, the last CAN update, what is needed, its postmortem."""
    from bot.cli import people, screen, shapes  # noqa: PLC0415 - only now needed

    actor, number = typed.operator(as_), typed.incident_id(incident)

    async def read() -> None:
        async with opened(ctx, include_private=include_private) as ports:
            found = await ports.reads.incident(number, seen_by=actor)
            await _record_reading([number] if found.state.private else [], actor, ports)
            if json:
                screen.as_json(shapes.incident(found))
                return
            lines = screen.incident(found)
            names = await people.names_in(ctx, lines, ports)
        screen.say(lines, names)

    await_(read())


@app.command()
def timeline(
    ctx: typer.Context,
    incident: Which,
    *,
    key: Annotated[bool, typer.Option("--key", help="Of what was said, the key moments only.")] = False,
    include_private: Private = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """Show what happened and what was said, oldest first."""
    from bot.cli import people, screen, shapes  # noqa: PLC0415 - only now needed
    from bot.domain.incident.timeline import merge  # noqa: PLC0415 - as above

    actor, number = typed.operator(as_), typed.incident_id(incident)

    async def read() -> None:
        async with opened(ctx, include_private=include_private) as ports:
            history = await ports.reads.history(number, seen_by=actor)
            messages = await ports.reads.messages(number, seen_by=actor)
            words = await ports.reads.words(number, seen_by=actor)
            found = await ports.reads.incident(number, seen_by=actor)
            await _record_reading([number] if found.state.private else [], actor, ports)
            entries = merge(history, messages, lambda text: text and words.get(text), everything=not key)
            if json:
                screen.as_json([shapes.entry(entry) for entry in entries])
                return
            lines = screen.timeline(entries)
            names = await people.names_in(ctx, lines, ports)
        screen.say(lines, names)

    await_(read())


# -- acting


@app.command()
def declare(  # noqa: PLR0913 - one parameter an option
    ctx: typer.Context,
    title: Annotated[str, typer.Argument(help="What people would recognise it by.")],
    *,
    severity: Annotated[str, typer.Option(help="How bad: SEV1 to SEV5, or the number.")],
    summary: Annotated[str | None, typer.Option(help="What is known.")] = None,
    affected: Annotated[str | None, typer.Option(help="What and who is affected.")] = None,
    started: Annotated[str | None, typer.Option(metavar="TIME", help="When it began, in UTC.")] = None,
    private: Annotated[bool, typer.Option("--private", help="Only for those who are invited.")] = False,
    drill: Annotated[bool, typer.Option("--drill", help="For practice.")] = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """Declare an incident. A running bot opens its war room; without one that is owed until it runs."""
    from bot.domain.incident.aggregate import Declaration  # noqa: PLC0415 - only now needed
    from bot.usecases.incident.declare import Declare  # noqa: PLC0415 - as above
    from bot.usecases.incident.declare import declare as declare_it  # noqa: PLC0415 - as above

    actor = typed.operator(as_)

    async def act() -> None:
        async with opened(ctx) as ports:
            said = Declaration(
                title=title,
                severity=ports.policy.scale.find(severity),
                summary=summary,
                affected=affected,
                started_at=typed.moment(started, now=ports.now()),
                private=private,
                drill=drill,
            )
            declared = await declare_it(Declare(actor=actor, said=said), ports)
            line = f"Declared {label(declared.id)} as {declared.state.severity}."
            await _done(ctx, declared, line, ports, json=json)

    await_(act())


@app.command()
def update(  # noqa: PLR0913 - one parameter an option
    ctx: typer.Context,
    incident: Which,
    *,
    conditions: Annotated[str, typer.Option(help="What is wrong, and how badly.")],
    actions: Annotated[str, typer.Option(help="What is being done, and by whom.")],
    kind: Annotated[
        ConditionType | None, typer.Option("--type", help="What kind of wrong. Unsaid: as last time.")
    ] = None,
    blast_radius: Annotated[str | None, typer.Option(help="Who and what it reaches.")] = None,
    need: Annotated[list[str] | None, typer.Option(help="What is missing; may be repeated.")] = None,
    met: Annotated[
        list[str] | None, typer.Option(metavar="NUMBER", help="An open need that is met; may be repeated.")
    ] = None,
    status: Annotated[str | None, typer.Option(help="Move it to this status, too.")] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Post a CAN update: conditions, actions, needs."""
    from bot.domain.incident.aggregate import ReportDraft  # noqa: PLC0415 - only now needed
    from bot.domain.incident.status import find  # noqa: PLC0415 - as above
    from bot.usecases.incident.report import PostReport, post  # noqa: PLC0415 - as above

    async def act(actor: Actor, number: IncidentId, ports: Ports) -> Incident:
        seen = await ports.reads.incident(number, seen_by=actor)
        last = seen.state.last_report
        draft = ReportDraft(
            condition=kind or (last.condition if last else ConditionType.OTHER),
            conditions=conditions,
            actions=actions,
            blast_radius=blast_radius,
            needs=tuple(need or ()),
            met=typed.needs_met(met or (), seen),
        )
        to = find(status) if status else None
        return await post(PostReport(actor=actor, incident=number, draft=draft, status=to), ports)

    _change(ctx, incident, act, as_=as_, json=json, done="Posted a CAN update on {id}.")


@app.command()
def note(
    ctx: typer.Context,
    incident: Which,
    text: Annotated[str, typer.Argument(help="What was not said in the room.")],
    *,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When it happened, in UTC.")] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Write something into the timeline."""
    from bot.usecases.incident.timeline import AddNote  # noqa: PLC0415 - only now needed
    from bot.usecases.incident.timeline import note as note_it  # noqa: PLC0415 - as above

    async def act(actor: Actor, number: IncidentId, ports: Ports) -> Incident:
        occurred = typed.moment(at, now=ports.now())
        command = AddNote(actor=actor, incident=number, body=text, occurred_at=occurred)
        return await note_it(command, ports)

    _change(ctx, incident, act, as_=as_, json=json, done="Noted in {id}.")


@app.command()
def severity(
    ctx: typer.Context,
    incident: Which,
    to: Annotated[str, typer.Argument(metavar="SEVERITY", help="SEV1 to SEV5, or the number.")],
    *,
    reason: Reason = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Say that it is better or worse than thought."""
    from bot.usecases.incident.severity import Rate, rate  # noqa: PLC0415 - only now needed

    async def act(actor: Actor, number: IncidentId, ports: Ports) -> Incident:
        level = ports.policy.scale.find(to)
        return await rate(Rate(actor=actor, incident=number, severity=level, reason=reason), ports)

    _change(ctx, incident, act, as_=as_, json=json, done="{id} is {severity} now.")


@app.command()
def assign(
    ctx: typer.Context,
    incident: Which,
    role: Annotated[str, typer.Argument(help="commander, scribe, liaison or sme.")],
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who: @name, or U123 without Slack.")],
    *,
    workstream: Annotated[str | None, typer.Option(help="What an SME works on.")] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Put a person into a role; a commander who is there already is asked to hand over."""
    from bot.cli import people  # noqa: PLC0415 - only now needed
    from bot.domain.incident.roles import find  # noqa: PLC0415 - as above
    from bot.usecases.incident.roles import Assign  # noqa: PLC0415 - as above
    from bot.usecases.incident.roles import assign as assign_it  # noqa: PLC0415 - as above

    async def act(actor: Actor, number: IncidentId, ports: Ports) -> Incident:
        wanted = find(role)
        who = await people.find(ctx, person, ports)
        command = Assign(actor=actor, incident=number, role=wanted, person=who, workstream=workstream)
        return await assign_it(command, ports)

    _change(ctx, incident, act, as_=as_, json=json, done="{id}: {roles}.")


@app.command()
def status(
    ctx: typer.Context,
    incident: Which,
    to: Annotated[str, typer.Argument(metavar="STATUS", help="investigating, fixing, backfilling ...")],
    *,
    reason: Reason = None,
    into: Annotated[
        str | None, typer.Option(metavar="INCIDENT", help="The one that goes on, for merged.")
    ] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Move it to a status."""
    from bot.domain.incident.status import find  # noqa: PLC0415 - only now needed

    merged_into = typed.incident_id(into) if into else None
    _move(ctx, incident, find(to), reason=reason, into=merged_into, as_=as_, json=json)


@app.command()
def resolve(
    ctx: typer.Context, incident: Which, *, reason: Reason = None, as_: As = None, json: Json = False
) -> None:
    """Say that it is over; a major incident then owes a postmortem."""
    _move(ctx, incident, Status.RESOLVED, reason=reason, as_=as_, json=json)


@app.command()
def close(
    ctx: typer.Context, incident: Which, *, reason: Reason = None, as_: As = None, json: Json = False
) -> None:
    """Close a resolved incident."""
    _move(ctx, incident, Status.CLOSED, reason=reason, as_=as_, json=json)


@app.command()
def reopen(
    ctx: typer.Context, incident: Which, *, reason: Needed, as_: As = None, json: Json = False
) -> None:
    """Take an ended incident back to investigating."""
    _move(ctx, incident, Status.INVESTIGATING, reason=reason, as_=as_, json=json)


@app.command()
def cancel(
    ctx: typer.Context, incident: Which, *, reason: Needed, as_: As = None, json: Json = False
) -> None:
    """Say that it was none: a false alarm, or expected."""
    _move(ctx, incident, Status.CANCELLED, reason=reason, as_=as_, json=json)


@app.command()
def merge(
    ctx: typer.Context,
    incident: Which,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The one that goes on, such as INC-2.")],
    *,
    as_: As = None,
    json: Json = False,
) -> None:
    """Go on in another incident."""
    number = typed.incident_id(into)
    _move(ctx, incident, Status.MERGED, reason=None, into=number, as_=as_, json=json)


@app.command()
def postmortem(
    ctx: typer.Context,
    incident: Which,
    *,
    start: Annotated[bool, typer.Option("--start", help="Ask for one where none is owed.")] = False,
    owner: Annotated[str | None, typer.Option(metavar="PERSON", help="Who writes it: @name or U123.")] = None,
    done: Annotated[str | None, typer.Option(metavar="LINK", help="It is written, and stands here.")] = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Ask for the postmortem, say who owns it, or finish it with a link."""
    from bot.cli import people  # noqa: PLC0415 - only now needed
    from bot.usecases.incident import postmortem as usecase  # noqa: PLC0415 - as above

    if [start, owner is not None, done is not None].count(True) != 1:
        msg = "Say one of --start, --owner PERSON or --done LINK."
        raise Refused(msg)

    async def act(actor: Actor, number: IncidentId, ports: Ports) -> Incident:
        if owner is not None:
            who = await people.find(ctx, owner, ports)
            return await usecase.own(usecase.OwnPostmortem(actor=actor, incident=number, person=who), ports)
        if done is not None:
            finish = usecase.FinishPostmortem(actor=actor, incident=number, link=done)
            return await usecase.finish(finish, ports)
        return await usecase.ask_for(usecase.AskForPostmortem(actor=actor, incident=number), ports)

    _change(ctx, incident, act, as_=as_, json=json, done="{id}: {postmortem}.")


# --


def _move(
    ctx: typer.Context,
    incident: str,
    to: Status,
    *,
    reason: str | None,
    as_: str | None,
    json: bool,
    into: IncidentId | None = None,
) -> None:
    from bot.usecases.incident.status import Move, move  # noqa: PLC0415 - only now needed

    async def act(actor: Actor, number: IncidentId, ports: Ports) -> Incident:
        return await move(Move(actor=actor, incident=number, to=to, reason=reason, into=into), ports)

    _change(ctx, incident, act, as_=as_, json=json, done="{id} is {status} now.")


def _change(
    ctx: typer.Context,
    incident: str,
    act: Callable[[Actor, IncidentId, Ports], Awaitable[Incident]],
    *,
    as_: str | None,
    json: bool,
    done: str,
) -> None:
    """Do one act on one incident, and say in a line what came of it."""
    actor, number = typed.operator(as_), typed.incident_id(incident)

    async def through() -> None:
        async with opened(ctx) as ports:
            changed = await act(actor, number, ports)
            await _done(ctx, changed, done.format(**_told(changed)), ports, json=json)

    await_(through())


def _told(changed: Incident) -> dict[str, str]:
    """Return what a line may say of an incident after an act."""
    state = changed.state
    roles = ", ".join(f"{held.role} <@{held.person}>" for held in state.roles) or "nobody has a role"
    if state.handover:
        roles += f"; <@{state.handover.to}> was asked for the command"
    owed = state.postmortem
    owner = f"owned by <@{owed.owner}>" if owed and owed.owner else "owned by nobody"
    return {
        "id": label(changed.id),
        "status": str(state.status),
        "severity": str(state.severity),
        "roles": roles,
        "postmortem": f"postmortem {owner}" if owed and owed.is_open else "postmortem done",
    }


async def _record_reading(private: Sequence[IncidentId], actor: Actor, ports: Ports) -> None:
    from bot.usecases.incident.audit import note_reading  # noqa: PLC0415 - only now needed

    await note_reading(private, actor, ports)


async def _done(ctx: typer.Context, changed: Incident, line: str, ports: Ports, *, json: bool) -> None:
    """Say what came of an act, and beside it that what follows from it is owed."""
    from bot.cli import people, screen, shapes  # noqa: PLC0415 - only now needed

    if json:
        screen.as_json(shapes.incident(changed))
    else:
        screen.say([line], await people.names_in(ctx, [line], ports))
    backlog = await ports.reads.backlog(now=ports.now())
    typer.echo(screen.owed(backlog, now=ports.now()), err=True)
