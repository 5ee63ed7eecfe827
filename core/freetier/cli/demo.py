"""`freetier demo`."""

from __future__ import annotations

from typing import Annotated

import typer

from freetier.cli.running import command
from freetier.cli.statuses import Status

LIVE = "Ask the providers whose keys are set, instead of the model on this machine."
CANNED = "Scripted answers instead of a model; each is marked."


def demo(
    *,
    live: Annotated[bool, typer.Option("--live", help=LIVE)] = False,
    canned: Annotated[bool, typer.Option("--canned", help=CANNED)] = False,
) -> None:
    """Show the main job on a real small model, without any key.

    LangChain and LlamaIndex ask questions over one router. A small real language model runs on
    this machine behind three fronts that limit requests as Groq, Cerebras and OpenRouter do. It
    ends by itself, and well only if every question was answered and a fail-over and a wait were
    seen.
    """
    if live and canned:
        raise typer.BadParameter("--live and --canned exclude each other")
    from freetier.demo.run import Mode, run

    mode = Mode.LIVE if live else Mode.CANNED if canned else Mode.LOCAL
    with command(failing=Status.UNUSABLE) as out:
        if not run(mode):
            out.status = Status.FAILED
