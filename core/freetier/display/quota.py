"""How quota looks: one line per account and window, with a bar for what is left."""

from __future__ import annotations

from collections.abc import Iterable

from freetier.display.words import amount, span
from freetier.values.listing import QuotaRow
from freetier.values.quota import Metric
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet, Tone, When

NAMES = {1: "second", 60: "minute", 3600: "hour", 86_400: "day", 604_800: "week"}
HEADS = (
    Head("account"),
    Head("model"),
    Head("limit"),
    Head("left"),
    Head("resets"),
    Head("known from"),
)
NANO = 1e9
LOW, EMPTY = 0.25, 0.05
"""Shares left from which a window is nearly, and as good as, used up."""

WORDS = {
    Metric.REQUESTS: "",
    Metric.INPUT: " input tokens",
    Metric.OUTPUT: " output tokens",
    Metric.TOTAL: " tokens",
    Metric.UNCACHED: " uncached tokens",
    Metric.INPUTS: " texts",
    Metric.UNITS: " units",
}


def sheets(rows: Iterable[QuotaRow], now: float) -> tuple[Sheet, ...]:
    """Return the table of a quota status.

    Args:
        rows: `Router.quota_status()`.
        now: When they were read, in seconds since 1970 UTC.
    """
    rows = tuple(rows)
    if not rows:
        return (Sheet(title="Quota", lead=("Nothing is counted: no account has a limit.",)),)
    accounts = list(dict.fromkeys(row.account for row in rows))
    models = list(dict.fromkeys((row.account, row.model) for row in rows))
    together = sorted(
        rows, key=lambda r: (accounts.index(r.account), models.index((r.account, r.model)))
    )
    lines = [_line(row, now) for row in together]
    return (Sheet(title="Quota", heads=HEADS, rows=_without_repeats(lines)),)


def _line(row: QuotaRow, now: float) -> tuple[Cell, ...]:
    return (
        Mark(row.account, "strong"),
        row.model or Mark("all models", "dim"),
        limit(row),
        left(row),
        resets(row, now),
        Mark(f"{row.source}, {row.as_of}" if row.as_of else row.source, "dim"),
    )


def _without_repeats(lines: list[tuple[Cell, ...]]) -> tuple[tuple[Cell, ...], ...]:
    """Leave out what the line above says as well, so that accounts and models stand out."""
    out: list[tuple[Cell, ...]] = []
    for place, line in enumerate(lines):
        above = lines[place - 1] if place else None
        if above is None or above[0] != line[0]:
            out.append(line)
        elif above[1] != line[1]:
            out.append(("", *line[1:]))
        else:
            out.append(("", "", *line[2:]))
    return tuple(out)


def limit(row: QuotaRow) -> str:
    """Return a limit in words: `30 / minute`, `8 000 tokens / day (UTC)`, `2 at once`."""
    if row.metric is Metric.CONCURRENT:
        return f"{row.limit} at once"
    most = _amount(row, row.limit)
    note = f", {row.note}" if row.note else ""
    return f"{most}{WORDS.get(row.metric, '')} / {window(row)}{note}"


def window(row: QuotaRow) -> str:
    """Return a row's window in words: `minute`, `5 h`, `day (UTC)`, `day (Los Angeles)`."""
    kind, _, seconds = row.window.partition(":")
    if seconds:
        return NAMES.get(round(float(seconds))) or span(float(seconds))
    unit, _, zone = kind.partition("@")
    return f"{unit} ({zone.rpartition('/')[2].replace('_', ' ')})" if zone else unit


def share_left(row: QuotaRow) -> float:
    """Return the share of a row's limit that is left, 0 to 1."""
    return min(1.0, row.left / row.limit) if row.limit else 0.0


def tone(share: float) -> Tone:
    """Return what a share left means."""
    return "bad" if share <= EMPTY else "warn" if share <= LOW else "good"


def left(row: QuotaRow) -> Cell:
    """Return what is left, as a bar with its number; of a block, why."""
    if row.blocked_until is not None:
        return Mark(f"blocked: {(row.blocked_why or 'fault').replace('_', ' ')}", "bad")
    share = share_left(row)
    held = f", {_amount(row, row.reserved)} under way" if row.reserved else ""
    return Bar(share, f"{_amount(row, row.left)}{held}", tone(share))


def resets(row: QuotaRow, now: float) -> Cell:
    """Return when a row's window, or its block, ends."""
    at = row.resets_at if row.blocked_until is None else row.blocked_until
    return "" if at is None or at <= now else When(at, now)


def _amount(row: QuotaRow, number: int) -> str:
    if row.metric is Metric.MONEY:
        return f"${number / NANO:.2f}"
    return amount(number)
