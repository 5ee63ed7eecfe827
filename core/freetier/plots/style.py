"""What all pictures share: the figure, its colours, and quiet axes."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

try:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator
except ModuleNotFoundError as missing:
    raise ImportError('a picture needs matplotlib: pip install "freetier[plots]"') from missing

from freetier.history import History, Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from freetier.overview import Overview

# Okabe and Ito's colours, which people with any kind of colour vision can tell apart.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C6D31", "#999999")
RED, INK, FAINT, GRID = "#D9544F", "#24292F", "#6E7781", "#D8DEE4"
WIDTH = 9.0
DPI = 110


class Picture(Figure):
    """A figure that a notebook shows, without pyplot and without a window."""

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, format="png", dpi=DPI, facecolor="white")
        return out.getvalue()


def picture(height: float) -> Picture:
    """Return an empty picture of a height in inches."""
    return Picture(figsize=(WIDTH, height), layout="constrained", facecolor="white", dpi=DPI)


def colours(names: Iterable[str]) -> dict[str, str]:
    """Return a colour for each name, in the order given."""
    return {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(dict.fromkeys(names))}


def quiet(axis: Axes, title: str, *, grid: str = "y") -> None:
    """Give an axis a title on the left, a faint grid, and no box."""
    axis.set_title(title, loc="left", fontsize=10.5, fontweight="bold", color=INK, pad=8)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(FAINT)
    axis.tick_params(colors=FAINT, labelsize=8.5, length=0, labelcolor=INK)
    axis.set_axisbelow(True)
    axis.grid(axis=grid, color=GRID, linewidth=0.8)  # type: ignore[arg-type]


def whole(axis: Axes) -> None:
    """Write whole numbers only on the upright axis, few of them."""
    axis.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def clock(axis: Axes) -> None:
    """Write instants on the lower axis as short as they allow."""
    axis.xaxis_date()
    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_formatter(formatter)
    axis.xaxis.get_offset_text().set_fontsize(8.5)


def instants(points: Iterable[Point]) -> list[float]:
    """Return when points were, in the reader's own zone, in matplotlib's days."""
    local = (datetime.fromtimestamp(p.at, UTC).astimezone().replace(tzinfo=None) for p in points)
    return [float(date2num(at)) for at in local]  # type: ignore[no-untyped-call]


def empty(axis: Axes, words: str) -> None:
    """Say that there is nothing to be seen yet."""
    axis.text(0.5, 0.5, words, ha="center", va="center", color=FAINT, transform=axis.transAxes)
    axis.set_xticks([])
    axis.set_yticks([])


def points_of(source: Overview | History) -> tuple[Point, ...]:
    """Return the points of a router or a history in the order of time."""
    history = source if isinstance(source, History) else source.history
    return tuple(sorted(history.points, key=lambda point: point.at))
