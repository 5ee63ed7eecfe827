"""How quota looks: one line per account and window, with a bar for what is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from freetier.display.words import amount, span
from freetier.values.listing import QuotaRow
from freetier.values.quota import Metric
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet, Tone, When

NAMES = {1: "second", 60: "minute", 3600: "hour", 86_400: "day", 604_800: "week"}
Models: TypeAlias = "Mapping[str | None, list[QuotaRow]]"

HEADS = (
    Head("account"),
    Head("model", cut=True),
    Head("limit", cut=True),
    Head("left"),
    Head("resets", cut=True),
    Head("known from", spare=True),
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


def sheets(rows: Iterable[QuotaRow], now: float, *, alike: bool = True) -> tuple[Sheet, ...]:
    """Return the table of a quota status.

    Args:
        rows: `Router.quota_status()`.
        now: When they were read, in seconds since 1970 UTC.
        alike: Whether models of an account that are alike in every window stand together.
    """
    groups: dict[tuple[str, str | None], list[QuotaRow]] = {}
    for row in rows:
        groups.setdefault((row.account, row.model), []).append(row)
    if not groups:
        return (Sheet(title="Quota", lead=("Nothing is counted: no account has a limit.",)),)
    accounts = list(dict.fromkeys(account for account, _ in groups))
    lines: list[tuple[Cell, ...]] = []
    for account in accounts:
        mine = {model: several for (whose, model), several in groups.items() if whose == account}
        mine = dict(sorted(mine.items(), key=lambda item: item[0] is not None))
        for name, several in _together(mine, now) if alike else _each(mine):
            lines += _lines(account, name, several, now)
    return (Sheet(title="Quota", heads=HEADS, rows=_without_repeats(lines)),)


def _each(mine: Models) -> Iterator[tuple[Cell, list[QuotaRow]]]:
    for model, rows in mine.items():
        yield model or Mark("all models", "dim"), rows


def _together(mine: Models, now: float) -> Iterator[tuple[Cell, list[QuotaRow]]]:
    """Yield the models that differ in something, and one line for those that do not."""
    alike: dict[tuple[Cell, ...], list[str | None]] = {}
    for model, rows in mine.items():
        look = tuple(cell for row in rows for cell in (limit(row), left(row), resets(row, now)))
        alike.setdefault((model is None, *look), []).append(model)
    for models in alike.values():
        rows = mine[models[0]]
        if len(models) == 1:
            yield from _each({models[0]: rows})
        else:
            yield Mark(f"{len(models)} models, each", "dim"), rows


def _lines(account: str, name: Cell, rows: list[QuotaRow], now: float) -> list[tuple[Cell, ...]]:
    return [
        (
            Mark(account, "strong"),
            name,
            limit(row),
            left(row),
            resets(row, now),
            Mark(f"{row.source}, {row.as_of}" if row.as_of else row.source, "dim"),
        )
        for row in rows
    ]


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
    most = row.at_once or row.limit
    return min(1.0, row.left / most) if most else 0.0


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
