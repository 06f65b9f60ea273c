"""The command `warroom` itself."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import incident, jobs
from bot.cli.border import Bordered, await_, settled
from bot.cli.wiring import showing, wiring

app = typer.Typer(
    cls=Bordered,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Runs a data incident from the first failing test to the last finished action item.",
)
app.add_typer(incident.app, name="incident")
app.add_typer(jobs.app, name="jobs")


def _version(wanted: bool) -> None:  # noqa: FBT001 - the library calls it so
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - only now needed

        typer.echo(f"warroom {version('warroom')}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command()
def run(ctx: typer.Context) -> None:
    """Serve Slack until stopped. Creates the database where there is none."""
    # Until it is ready nearly all that is made stays; looking for what does not takes a sixth of the start.
    gc.disable()
    settings = settled(serving=True)
    await_(wiring(ctx).run(settings), serving=True)


@app.command()
def demo(
    ctx: typer.Context,
    *,
    script: Annotated[
        bool,
        typer.Option(
            "--script", help="At full speed, the clock moved by hand; exits with 1 if anything is missing."
        ),
    ] = False,
    empty: Annotated[
        bool, typer.Option("--empty", help="Begin with an empty workspace instead of the story.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the workspace is; 0 takes any free port.")
    ] = 0,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep workspace and database there, and go on from them next time."),
    ] = None,
) -> None:
    """Watch an incident in a browser, in a Slack of our own, and act in it: no account, no tokens."""
    from bot import log  # noqa: PLC0415 - only now needed

    log.configure(level="WARNING")
    scenario = "empty" if empty else "story"
    code = await_(showing(ctx).demo(script=script, scenario=scenario, port=port, keep=keep))
    if code:
        raise typer.Exit(code)


@app.command()
def sandbox(
    ctx: typer.Context,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 0,
) -> None:
    """Serve only the Slack of our own, to develop against."""
    from bot import log  # noqa: PLC0415 - only now needed

    log.configure(level="WARNING")
    await_(showing(ctx).sandbox(port))


@app.command()
def doctor(
    ctx: typer.Context, *, json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Look whether everything is in place; exits with 1 where something is not."""
    from bot.cli import screen, shapes  # noqa: PLC0415 - only now needed

    found = await_(wiring(ctx).doctor(settled()))
    if json:
        screen.as_json([shapes.finding(one) for one in found])
    else:
        screen.findings(found)
    if not all(one.ok for one in found):
        raise typer.Exit(1)


@app.command()
def migrate(ctx: typer.Context) -> None:
    """Create the database, or bring it up to this version."""
    typer.echo(await_(wiring(ctx).migrate(settled())))


@app.command()
def manifest(
    *,
    url: Annotated[bool, typer.Option("--url", help="The link that creates the app in Slack.")] = False,
    host: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Have Slack call this address over HTTP, not by Socket Mode."),
    ] = None,
) -> None:
    """Print the manifest of the Slack app."""
    from bot.cli.manifest import creating_link, manifest_for  # noqa: PLC0415 - only now needed

    text = manifest_for(host)
    typer.echo(creating_link(text) if url else text, nl=url)
