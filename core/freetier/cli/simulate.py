"""`freetier simulate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from freetier.cli.statuses import Status, interruptible

SCENARIO = "A scenario: providers with their true limits, and traffic. YAML, or JSON (*.json)."
SEED = "Of everything that chance decides; the same seed gives the same figures."
PICTURE = "Also draw it over time, into this file (.png, .svg, .pdf); needs the extra 'plots'."


def simulate(
    scenario: Annotated[Path, typer.Argument(help=SCENARIO)],
    *,
    seed: Annotated[int, typer.Option("--seed", help=SEED)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures as JSON.")] = False,
    picture: Annotated[Path | None, typer.Option("--picture", help=PICTURE)] = None,
) -> None:
    """Run a virtual day or week of traffic in seconds, over the real router.

    The providers are fake and keep their own limits by their own clocks. It tells what was
    served, refused, waited for and left, for each account.
    """
    from freetier.errors import FreetierError
    from freetier.testing.simulation import read_scenario
    from freetier.testing.simulation import simulate as run

    with interruptible():
        try:
            outcome = run(read_scenario(scenario), seed=seed)
            if picture is not None:
                from freetier.testing.simulation.picture import draw

                draw(outcome, picture)
        except (FreetierError, ImportError, ValueError, OSError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(Status.UNUSABLE) from error
    typer.echo(json.dumps(outcome.figures(), indent=2) if as_json else str(outcome))
