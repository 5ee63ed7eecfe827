"""The table of commands."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import Annotated

import typer

from freetier import __version__
from freetier.cli import (
    ask,
    chat,
    check,
    demo,
    explain,
    init,
    mapped,
    models,
    plan,
    simulate,
    status,
)
from freetier.cli.statuses import TOLD

app = typer.Typer(
    no_args_is_help=True,
    # Plain help is the same in every terminal, pipe and log.
    rich_markup_mode=None,
    # A traceback of a fault in here is for us, and must not show local variables.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=TOLD,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer hands over the flag
    if wanted:
        typer.echo(f"freetier {__version__}")
        raise typer.Exit


@app.callback()
def freetier(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and leave."
        ),
    ] = False,
) -> None:
    """One model over all your free LLM accounts."""
    del version  # its callback has answered already
    # What a model says may hold letters that the terminal cannot show.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError):  # somebody has put his own in its place
                stream.reconfigure(errors="replace")


# One command to a module; each imports what it needs when it runs.
for command in (
    demo.demo,
    init.init,
    check.check,
    models.models,
    status.status,
    explain.explain,
    ask.ask,
    chat.chat,
    mapped.map_,
    plan.plan,
    plan.forecast,
    simulate.simulate,
):
    app.command(command.__name__.rstrip("_"), epilog=TOLD)(command)
