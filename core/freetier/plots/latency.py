"""Latency by account: each answer a dot, with the median and the slow twentieth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from freetier.display.history import P95, quantile
from freetier.display.words import counted
from freetier.history import History, Point
from freetier.plots.style import FAINT, INK, RED, Picture, colours, empty, picture, quiet
from freetier.plots.style import points_of as _points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from freetier.overview import Overview

GOLDEN = 0.618033988749895
"""Spreads dots that lie on each other, the same way each time."""

WIDE = 40.0
"""Times the fastest that the slowest may take before the axis is logarithmic."""


def latency(source: Overview | History) -> Picture:
    """Draw how long each account took, answer by answer.

    Args:
        source: A router, or a history of its own.

    Raises:
        ImportError: The extra `plots` is not installed.
    """
    points = _points(source)
    paint = colours(point.account for point in points)
    made = picture(1.3 + 0.62 * max(1, len(paint)))
    axis = made.subplots()
    answered = [point for point in points if point.fault is None]
    quiet(axis, "Seconds to the whole answer, by account", grid="x")
    if not answered:
        empty(axis, "no answer yet")
        return made
    _scale(axis, [point.seconds for point in answered])
    for row, (account, colour) in enumerate(paint.items()):
        _account(axis, row, [point for point in points if point.account == account], colour)
    axis.set_yticks(range(len(paint)), list(paint))
    axis.set_ylim(len(paint) - 0.45, -0.55)
    return made


def _scale(axis: Axes, seconds: Sequence[float]) -> None:
    fastest = max(min(seconds), 1e-3)
    if max(seconds) / fastest > WIDE:
        axis.set_xscale("log")
        axis.set_xlim(fastest / 1.5, max(seconds) * 1.5)
        axis.xaxis.set_major_formatter("{x:g} s")
        axis.xaxis.set_minor_formatter("")
    else:
        axis.set_xlim(0, max(seconds) * 1.08)
        axis.xaxis.set_major_formatter("{x:g} s")


def _account(axis: Axes, row: int, points: Sequence[Point], colour: str) -> None:
    answered = [point.seconds for point in points if point.fault is None]
    failed = [point.seconds for point in points if point.fault is not None]
    for times, mark, tint in ((answered, "o", colour), (failed, "x", RED)):
        heights = [row + 0.44 * ((n * GOLDEN) % 1.0 - 0.5) for n in range(len(times))]
        axis.plot(times, heights, mark, color=tint, ms=4, alpha=0.55, mew=1.0 if mark == "x" else 0)
    said = counted(len(failed), "failure") if failed else ""
    if answered:
        middle, slow = quantile(answered, 0.5), quantile(answered, P95)
        axis.plot([middle, middle], [row - 0.3, row + 0.3], color=INK, linewidth=2)
        axis.plot([slow, slow], [row - 0.2, row + 0.2], color=INK, linewidth=1)
        facts = f"{counted(len(answered), 'answer')}, median {middle:.2f} s, p95 {slow:.2f} s"
        said = f"{facts}, {said}" if said else facts
    axis.text(
        1.0, row - 0.34, said, ha="right", va="bottom", fontsize=8, color=FAINT,
        transform=axis.get_yaxis_transform(),
    )  # fmt: skip
