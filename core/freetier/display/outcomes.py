"""How a simulation looks: what came of all requests, then account by account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from freetier.display.quota import tone
from freetier.display.words import amount, span
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet, Tone

ALL = (Head("of all requests"), Head(""))
EACH = (
    Head("account"),
    Head("answers"),
    Head("429s", right=True),
    Head("failed", right=True),
    Head("waited", right=True),
    Head("left at the end"),
)


def sheets(told: Mapping[str, Any]) -> tuple[Sheet, ...]:
    """Return the tables of a simulation.

    Args:
        told: `Outcome.figures()`.
    """
    offered = told["offered"] or 1
    waits = (Mark("waited for quota", "dim"), _times(told, "wait"))
    took = (Mark("answered after", "dim"), _times(told, "latency"))
    whole = Sheet(
        title=f"{told['scenario']}, seed {told['seed']}: {span(told['seconds'])} of traffic",
        lead=(Mark(f"simulated in {told['wall_seconds']:.1f} s", "dim"),),
        heads=ALL,
        rows=(
            _share("served", told["served"], offered, "good"),
            _share("told no", told["told_no"], offered, "warn"),
            _share("failed", told["failed"], offered, "bad"),
            _share("calls refused with 429", told["refused"], told["calls"] or 1, "bad"),
            waits,
            took,
        ),
        notes=tuple(f"{count} x {name}" for name, count in told["errors"].items()),
    )
    most = max((one["served"] for one in told["accounts"].values()), default=0) or 1
    rows = tuple(_account(name, one, most) for name, one in told["accounts"].items())
    return (whole, Sheet(heads=EACH, rows=rows))


def _share(words: str, count: int, of: int, meaning: Tone) -> tuple[Cell, ...]:
    share = count / of
    return (Mark(words, "dim"), Bar(share, f"{amount(count)} ({share:.1%})", meaning))


def _times(told: Mapping[str, Any], name: str) -> str:
    return f"median {told[f'{name}_p50']:.2f} s, p95 {told[f'{name}_p95']:.2f} s"


def _account(name: str, one: Mapping[str, Any], most: int) -> tuple[Cell, ...]:
    left = one["left"]
    return (
        Mark(name, "strong"),
        Bar(one["served"] / most, amount(one["served"]), "good"),
        str(one["refused"]),
        str(one["failed"]),
        span(one["waited"]),
        Bar(left, f"{left:.0%}", tone(left)),
    )
