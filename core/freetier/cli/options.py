"""The options that several commands share."""

from __future__ import annotations

import contextlib
from typing import Annotated, TypeAlias

import typer

from freetier.errors import FreetierError


def _names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the name of a model, with the configuration that the line names so far."""
    from freetier.router import Router

    with contextlib.suppress(FreetierError, OSError):
        models = Router(ctx.params.get("config")).list_models()
        return [model.id for model in models if model.id.startswith(incomplete)]
    return []


ConfigOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The configuration; without it FREETIER_CONFIG, else the keys in the environment.",
    ),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Write one JSON document instead of tables.")
]
ModelOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--model", "-m", metavar="NAME", help="An alias or a model.", autocompletion=_names
    ),
]
ModelArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="MODEL", help="An alias or a model.", autocompletion=_names)
]
