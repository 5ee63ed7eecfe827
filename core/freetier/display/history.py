"""How a history looks: one line per account, with its times and what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from freetier.display.words import amount
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet

if TYPE_CHECKING:
    from freetier.history import Point

HEADS = (
    Head("account"),
    Head("answers"),
    Head("median", right=True),
    Head("p95", right=True),
    Head("tokens", right=True),
    Head("failed attempts", fold=True),
)
P95 = 0.95


def sheets(points: Sequence[Point]) -> tuple[Sheet, ...]:
    """Return the table of a history."""
    if not points:
        return (Sheet(title="History", lead=("Nothing was sent yet.",)),)
    accounts = dict.fromkeys(point.account for point in points)
    most = max(sum(p.account == name and p.fault is None for p in points) for name in accounts)
    rows = tuple(_row(name, [p for p in points if p.account == name], most) for name in accounts)
    return (Sheet(title=f"The last {amount(len(points))} attempts", heads=HEADS, rows=rows),)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the sorted values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _row(account: str, points: Sequence[Point], most: int) -> tuple[Cell, ...]:
    answered = [point for point in points if point.fault is None]
    faults = Counter(str(point.fault).replace("_", " ") for point in points if point.fault)
    times = [point.seconds for point in answered]
    return (
        Mark(account, "strong"),
        Bar(len(answered) / most if most else 0.0, amount(len(answered)), "good"),
        f"{quantile(times, 0.5):.2f} s" if times else "",
        f"{quantile(times, P95):.2f} s" if times else "",
        amount(sum(point.tokens for point in answered)),
        ", ".join(f"{count} {fault}" for fault, count in faults.most_common()),
    )
