"""`warroom jobs`: what is owed, what died of what, another try, or none."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.border import await_, opened, with_database
from bot.cli.wiring import wiring
from bot.domain.shared.errors import Refused

app = typer.Typer(invoke_without_command=True, help="What is owed, and what was given up.")

STATES = ("due", "leased", "done", "dead", "cancelled")


@app.callback()
def jobs(
    ctx: typer.Context,
    *,
    state: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help=f"Of {', '.join(STATES)}; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 200,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List jobs by due time: those still owed or given up, unless --state says otherwise."""
    if ctx.invoked_subcommand is not None:
        return
    from bot.cli import screen, shapes  # noqa: PLC0415 - only now needed
    from bot.usecases.ports import JobState  # noqa: PLC0415 - as above

    wanted = state or ["due", "leased", "dead"]
    for word in wanted:
        if word not in STATES:
            msg = f"There is no state “{word}”. Choose of {', '.join(STATES)}."
            raise Refused(msg, field="state")

    async def read() -> None:
        async with opened(ctx) as ports:
            lines = await ports.reads.jobs(states=[JobState(word) for word in wanted], limit=limit)
        if json:
            screen.as_json([shapes.job(line) for line in lines])
        else:
            screen.jobs(lines)

    await_(read())


@app.command()
def retry(ctx: typer.Context, job: Annotated[int, typer.Argument(metavar="ID", min=1)]) -> None:
    """Put a job that was given up back among those that are owed."""
    settings = with_database()
    if not await_(wiring(ctx).retry_job(settings, job)):
        raise Refused(await_(_why_not(ctx, job)))
    typer.echo(f"Job {job} is due again. A running bot takes it up at once.")


@app.command()
def dismiss(
    ctx: typer.Context,
    job: Annotated[int, typer.Argument(metavar="ID", min=1)],
    why: Annotated[str, typer.Option("--why", help="What is to be known of it later.")],
) -> None:
    """Put a job that was given up aside: it is not tried again, and counts as a problem no longer."""
    from bot.domain.shared.vocabulary import SHELL  # noqa: PLC0415 - only now needed
    from bot.usecases import upkeep  # noqa: PLC0415 - as above

    async def put_aside() -> bool:
        async with opened(ctx) as ports:
            return await upkeep.dismiss(job, ports, actor=SHELL, incident=None, why=why)

    if not await_(put_aside()):
        msg = f"Job {job} is not dead, so nothing is put aside. `warroom jobs --state dead` lists those."
        raise Refused(msg)
    typer.echo(f"Job {job} is put aside.")


async def _why_not(ctx: typer.Context, job: int) -> str:
    """Return why a job is not tried again: there is none, or it was not given up."""
    async with opened(ctx) as ports:
        found = await ports.reads.job(job)
    those = "`warroom jobs --state dead` lists those that were given up."
    if found is None:
        return f"There is no job {job}. {those}"
    return f"Job {job} is not dead but {found.state}, so there is nothing to retry. {those}"
