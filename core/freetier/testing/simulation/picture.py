"""A picture of a simulation: what was served, refused, waited and left per account over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freetier.testing.simulation.outcome import Outcome


def draw(outcome: Outcome, path: str | Path) -> None:
    """Write a picture of a simulation; the name's ending (`.png`, `.svg`, `.pdf`) says which.

    Raises:
        ImportError: The extra `plots` is not installed.
    """
    from freetier.plots import day  # noqa: PLC0415 - loads the extra

    day(outcome).savefig(path)
