"""The table at the end: what was used and is left, beside what one account alone has met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich import box
from rich.table import Table

from freetier.demo.alone import Alone
from freetier.values.listing import QuotaRow

NAMES = {1: "second", 60: "minute", 3600: "hour", 86_400: "day", 604_800: "week"}
HEADS = ("account", "limit", "source", "used", "left", "back in")
RIGHT = frozenset(HEADS[3:])
UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
DAY = 86_400.0
UP_TO = 100
"""How many of a unit are told before the next one is taken."""


def quota_table(rows: Iterable[QuotaRow], alone: Mapping[str, Alone], now: float) -> Table:
    """Return the quota that was used or is blocked, beside what one account alone has met.

    Args:
        rows: `Router.quota_status()`.
        alone: What was measured, by account; empty if nothing was.
        now: Seconds since 1970 UTC.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for head in HEADS:
        table.add_column(head, justify="right" if head in RIGHT else "left")
    if alone:
        table.add_column("alone")
    told: set[str] = set()
    for row in rows:
        if row.used or row.reserved or row.blocked_until:
            known = row.account in told
            told.add(row.account)
            beside = [_met(alone.get(row.account), known=known)] if alone else []
            table.add_row("" if known else row.account, *_cells(row, now), *beside)
    return table


def _cells(row: QuotaRow, now: float) -> tuple[str, ...]:
    blocked = row.blocked_until is not None
    again = row.blocked_until if blocked else row.resets_at
    return (
        limit(row),
        row.source,
        str(row.used),
        "blocked" if blocked else str(row.left),
        "" if again is None else span(max(0.0, again - now)),
    )


def _met(alone: Alone | None, *, known: bool) -> str:
    if alone is None or known:
        return ""
    failed = f", {alone.failed} failed" if alone.failed else ""
    return f"{alone.answered}, {alone.refused}x429{failed}"


def limit(row: QuotaRow) -> str:
    """Return a limit in words: `30/minute, 2 at once`, `8000 total tokens/day (UTC)`."""
    if row.metric == "concurrent":
        return f"{row.limit} at once"
    kind, _, seconds = row.window.partition(":")
    if seconds:
        window = NAMES.get(round(float(seconds))) or f"{seconds} s"
    else:
        unit, _, zone = kind.partition("@")
        window = f"{unit} ({zone})" if zone else unit
    metric = "" if row.metric == "requests" else f" {row.metric.replace('_', ' ')}"
    note = f", {row.note}" if row.note else ""
    return f"{row.limit}{metric}/{window}{note}"


def span(seconds: float) -> str:
    """Return a length of time in words: `47 s`, `78 min`, `18 h`, `12 d`."""
    for name, length in UNITS.items():
        if seconds < UP_TO * length:
            return f"{seconds / length:.0f} {name}"
    return f"{seconds / DAY:.0f} d"
