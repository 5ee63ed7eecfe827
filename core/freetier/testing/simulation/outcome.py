"""What came of a simulation, as a value: counts by account over time, and text for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from freetier.values.sheets import Sheet, Shown

Counts = tuple[float, ...]
"""A figure for each slice of time."""


_COUNTS = """\
  offered {t.offered}, served {t.served}, told no {t.told_no}, failed {t.failed}
  calls {t.calls}, refused with 429: {t.refused} ({t.refused_share:.2%})"""
_TIMES = """\
  waited for quota p50 {waited[0]:.2f} s, p95 {waited[1]:.2f} s
  answered after p50 {took[0]:.2f} s, p95 {took[1]:.2f} s"""
_HEAD = (
    f"  {'account':<20} {'calls':>8} {'served':>8} {'429':>6} {'failed':>7} {'waited s':>9}   left"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDay:
    """One account over time; each figure once per slice.

    Attributes:
        account: Its label.
        calls: Requests that reached the provider, by its own books.
        served: Answers that reached a caller, by the moment they were asked for.
        refused: Calls it answered with 429, by its own books.
        failed: Calls that met an error other than a 429.
        tokens: Of the answers served, prompts included.
        waited: Seconds that callers had waited who were then served by it.
        left: Share of its tightest window that was left at the end of the slice, by the
            provider's own count, from 0 to 1.
    """

    account: str
    calls: Counts
    served: Counts
    refused: Counts
    failed: Counts
    tokens: Counts
    waited: Counts
    left: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts of a stretch of time.

    Attributes:
        offered: Requests that came.
        served: Answered.
        told_no: Told that the quota does not do.
        failed: Ended with another error.
        calls: Requests that reached a provider.
        refused: Those that it answered with 429.
    """

    offered: int
    served: int
    told_no: int
    failed: int
    calls: int
    refused: int

    @property
    def refused_share(self) -> float:
        """Share of the calls that was refused."""
        return self.refused / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Shown):
    """What came of a simulation.

    Attributes:
        scenario, seed, seconds: What was simulated.
        step: Seconds of one slice.
        offered, told_no, failed: Per slice of their arrival.
        waits: Seconds that each caller who was served had waited for quota, ascending.
        latencies: Seconds from asking to the answer of those served, ascending.
        services: Seconds that the provider alone took for each of them, ascending.
        told_after: Seconds until each caller knew who was told no, ascending.
        errors: How many requests ended with which error.
        accounts: Each account over time.
        wall: Seconds that the simulation took on this machine.
    """

    scenario: str
    seed: int
    seconds: float
    step: float
    offered: Counts
    told_no: Counts
    failed: Counts
    waits: Counts = field(repr=False)
    latencies: Counts = field(repr=False)
    services: Counts = field(repr=False)
    told_after: Counts = field(repr=False)
    errors: Mapping[str, int]
    accounts: tuple[AccountDay, ...] = field(repr=False)
    wall: float

    def totals(self, since: float = 0.0) -> Totals:
        """Return the counts from an instant on, in seconds from the beginning."""
        first = round(since / self.step)

        def whole(columns: Iterable[Sequence[float]]) -> int:
            return round(sum(sum(column[first:]) for column in columns))

        return Totals(
            offered=whole([self.offered]),
            served=whole(a.served for a in self.accounts),
            told_no=whole([self.told_no]),
            failed=whole([self.failed]),
            calls=whole(a.calls for a in self.accounts),
            refused=whole(a.refused for a in self.accounts),
        )

    def served(self, since: float = 0.0, until: float | None = None) -> int:
        """Return the answers that were begun from an instant on, and before another."""
        last = None if until in {None, inf} else round((until or 0.0) / self.step)
        return round(sum(sum(a.served[round(since / self.step) : last]) for a in self.accounts))

    def figures(self) -> dict[str, Any]:
        """Return the main figures as plain values, for JSON."""
        totals = self.totals()
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "seconds": self.seconds,
            "offered": totals.offered,
            "served": totals.served,
            "told_no": totals.told_no,
            "failed": totals.failed,
            "calls": totals.calls,
            "refused": totals.refused,
            "refused_share": totals.refused_share,
            "wait_p50": quantile(self.waits, 0.5),
            "wait_p95": quantile(self.waits, 0.95),
            "latency_p50": quantile(self.latencies, 0.5),
            "latency_p95": quantile(self.latencies, 0.95),
            "told_no_after_p95": quantile(self.told_after, 0.95),
            "errors": dict(self.errors),
            "accounts": {a.account: _account_figures(a) for a in self.accounts},
            "wall_seconds": self.wall,
        }

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the tables that show what came of it."""
        from freetier.display.outcomes import sheets  # noqa: PLC0415 - only those who look load it

        return sheets(self.figures())

    def __str__(self) -> str:
        totals = self.totals()
        waited, took = self.waits, self.latencies
        head = f"{self.scenario}, seed {self.seed}: {self.seconds:g} s of traffic"
        lines = [
            f"{head} in {self.wall:.1f} s",
            _COUNTS.format(t=totals),
            _TIMES.format(
                waited=[quantile(waited, 0.5), quantile(waited, 0.95)],
                took=[quantile(took, 0.5), quantile(took, 0.95)],
            ),
            _HEAD,
        ]
        for one in self.accounts:
            row = _account_figures(one)
            lines.append(
                f"  {one.account:<20} {row['calls']:>8} {row['served']:>8} {row['refused']:>6}"
                f" {row['failed']:>7} {row['waited']:>9.0f} {row['left']:>6.0%}"
            )
        lines += [f"  {count} x {name}" for name, count in self.errors.items()]
        return "\n".join(lines)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the figure below which a share of the others lies; 0 of none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _account_figures(one: AccountDay) -> dict[str, Any]:
    return {
        "calls": round(sum(one.calls)),
        "served": round(sum(one.served)),
        "refused": round(sum(one.refused)),
        "failed": round(sum(one.failed)),
        "tokens": round(sum(one.tokens)),
        "waited": sum(one.waited),
        "left": one.left[-2] if len(one.left) > 1 else 0.0,
    }
