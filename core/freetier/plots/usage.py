"""Quota use over time: who answered when, and what was left afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from freetier.display.words import amount
from freetier.history import History, Point
from freetier.plots.style import (
    FAINT,
    RED,
    Picture,
    clock,
    colours,
    empty,
    instants,
    picture,
    quiet,
    whole,
)
from freetier.plots.style import points_of as _points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from freetier.overview import Overview

SLICES = 60
"""Bars over the whole width."""

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200)
DAY = 86_400
LONG = 7200.0
"""Seconds from which the lower half counts answers instead of what is left of a minute."""


def usage(source: Overview | History) -> Picture:
    """Draw who answered when, and the share left of each account's tightest window.

    Over more than two hours that window is a minute's and nearly always used up; then the
    lower half shows how many answers each account has given so far.

    Args:
        source: A router, or a history of its own.

    Raises:
        ImportError: The extra `plots` is not installed.
    """
    points = _points(source)
    made = picture(5.0)
    upper, lower = made.subplots(2, 1, sharex=True, height_ratios=(1.1, 1))
    if not points:
        for axis, title in ((upper, "Answers"), (lower, "Quota left")):
            quiet(axis, title)
            empty(axis, "nothing was sent yet")
        return made
    paint = colours(point.account for point in points)
    _answers(upper, points, paint)
    if points[-1].at - points[0].at > LONG:
        _sums(lower, points, paint)
    else:
        _left(lower, points, paint)
    clock(lower)
    return made


def step(seconds: float) -> int:
    """Return the length of a slice in seconds, a round one."""
    wanted = seconds / SLICES
    return next((s for s in STEPS if s >= wanted), max(1, round(wanted / DAY)) * DAY)


def _answers(axis: Axes, points: Sequence[Point], paint: dict[str, str]) -> None:
    first, last = points[0].at, points[-1].at
    length = step(last - first)
    count = int((last - first) // length) + 1
    begin = instants(points[:1])[0]
    at = [begin + length * (n + 0.5) / DAY for n in range(count)]
    below = [0] * count
    for account, colour in paint.items():
        mine = [0] * count
        for point in points:
            if point.account == account and point.fault is None:
                mine[int((point.at - first) // length)] += 1
        axis.bar(at, mine, 0.86 * length / DAY, bottom=below, color=colour, label=account)
        below = [one + other for one, other in zip(below, mine, strict=True)]
    quiet(axis, f"Answers per {_words(length)}")
    axis.set_ylim(0, max(1, *below) * 1.15)
    whole(axis)
    failed = [point for point in points if point.fault is not None]
    if failed:
        at_top = [axis.get_ylim()[1] * 0.97] * len(failed)
        axis.plot(
            instants(failed), at_top, "x", color=RED, ms=5, mew=1.2, label="refused or failed"
        )
    axis.legend(
        ncols=min(5, len(paint) + 1), fontsize=8.5, frameon=False, loc="lower right",
        bbox_to_anchor=(1.0, 1.0), borderaxespad=0.1, handlelength=1.0, columnspacing=1.2,
    )  # fmt: skip


def _left(axis: Axes, points: Sequence[Point], paint: dict[str, str]) -> None:
    for account, colour in paint.items():
        mine = [p for p in points if p.account == account and p.left is not None]
        if not mine:
            continue
        left = [100 * (point.left or 0.0) for point in mine]
        axis.step(instants(mine), left, where="post", color=colour, linewidth=1.6)
        axis.plot(instants(mine), left, "o", color=colour, ms=2.2)
    quiet(axis, "Left of each account's tightest window, after each answer")
    axis.set_ylim(-4, 104)
    axis.set_yticks([0, 50, 100], ["0 %", "50 %", "100 %"])
    axis.axhline(0, color=FAINT, linewidth=0.8)


def _sums(axis: Axes, points: Sequence[Point], paint: dict[str, str]) -> None:
    for account, colour in paint.items():
        mine = [p for p in points if p.account == account and p.fault is None]
        if not mine:
            continue
        so_far = list(range(1, len(mine) + 1))
        at = instants(mine)
        axis.step(at, so_far, where="post", color=colour, linewidth=1.6)
        axis.annotate(
            amount(so_far[-1]), (at[-1], so_far[-1]), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=8.5, color=colour,
        )  # fmt: skip
    quiet(axis, "Answers so far")
    axis.set_ylim(bottom=0)
    whole(axis)


def _words(seconds: int) -> str:
    for name, length in (("day", DAY), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds % length == 0:
            count = seconds // length
            return name if count == 1 else f"{count} {name}s"
    return f"{seconds} seconds"
