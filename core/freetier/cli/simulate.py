"""`freetier simulate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from freetier.cli.options import JsonOption
from freetier.cli.running import command
from freetier.errors import ConfigError

if TYPE_CHECKING:
    from freetier.testing.simulation.outcome import Outcome

SCENARIO = "A scenario: providers with their true limits, and traffic. YAML, or JSON (*.json)."
SEED = "Of everything that chance decides; the same seed gives the same figures."
PICTURE = "Also draw it over time, into this file (.png, .svg, .pdf); needs the extra 'plots'."


def simulate(
    scenario: Annotated[Path, typer.Argument(help=SCENARIO)],
    *,
    seed: Annotated[int, typer.Option("--seed", help=SEED)] = 0,
    picture: Annotated[Path | None, typer.Option("--picture", help=PICTURE)] = None,
    json: JsonOption = False,
) -> None:
    """Run a virtual day of traffic in seconds, over the real router.

    The providers are fake and keep their own limits by their own clocks. It tells what was
    served, refused, waited for and left, for each account. How a scenario is written is told by
    `python -m pydoc freetier.testing.read_scenario`. The status is 2 if the scenario cannot be
    used or the picture cannot be drawn.
    """
    with command(json=json) as out:
        outcome = _outcome(scenario, seed)
        out.show(outcome, outcome.figures())
        if picture is not None:
            _draw(outcome, picture)


def _outcome(scenario: Path, seed: int) -> Outcome:
    from freetier.testing.simulation import read_scenario
    from freetier.testing.simulation import simulate as run

    read = read_scenario(scenario)
    try:
        return run(read, seed=seed)
    except ConfigError:
        raise
    except ValueError as error:  # limits that no configuration can say
        raise ConfigError(str(error), where=str(scenario)) from error


def _draw(outcome: Outcome, picture: Path) -> None:
    from freetier.testing.simulation.picture import draw

    try:
        draw(outcome, picture)
    except ValueError as error:  # an ending that names no kind of picture
        raise ConfigError(str(error), where="--picture") from error
