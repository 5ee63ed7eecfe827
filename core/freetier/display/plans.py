"""How a plan and a forecast look."""

from __future__ import annotations

from collections.abc import Iterator

from freetier.display.quota import WORDS
from freetier.display.words import amount, counted, page, span
from freetier.values.plans import DryRow, Forecast, Gain, Plan
from freetier.values.quota import Metric
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet, When

SHARES = (Head("account"), Head("answers"), Head("with", fold=True), Head("until"))
GAINS = (
    Head("one more account at", cut=True),
    Head("done"),
    Head("sooner by"),
    Head("key from", fold=True),
)
WINDOWS = (
    Head("account"),
    Head("model"),
    Head("window"),
    Head("left"),
    Head("pace", right=True),
    Head("dry"),
    Head("resets"),
)
LEARNED = frozenset({"header", "body", "found"})
"""Sources of limits that are told: what neither the user nor the catalog says."""

LOW = 0.2
"""Share below which a bar warns."""

DUE = 61.0
"""Seconds within which a time is told as a length, not as an instant."""


def plan_sheets(plan: Plan) -> tuple[Sheet, ...]:
    """Return the verdict with who carries the job, and what one account more would bring."""
    size = f"{amount(plan.input_tokens)} + {amount(plan.output_tokens)} tokens each"
    job = f"{amount(plan.n_requests)} requests to {plan.model} of {size}"
    sheets = [
        Sheet(
            title=f"{job}: {'fits' if plan.fits else 'does not fit'}",
            lead=tuple(_verdict(plan)),
            heads=SHARES if plan.shares else (),
            rows=tuple(_shares(plan)),
            notes=tuple(_notes(plan)),
        )
    ]
    if plan.gains:
        rows = tuple(_gain(gain, plan.starts_at) for gain in plan.gains)
        sheets.append(Sheet(heads=GAINS, rows=rows))
    return tuple(sheets)


def _verdict(plan: Plan) -> Iterator[str | Mark]:
    if plan.by is not None and plan.ends_at is not None and not plan.fits:
        given = span(plan.by - plan.starts_at)
        yield Mark(f"in {given} {amount(plan.served)} are answered", "bad")
    if plan.ends_at is None:
        within = span(plan.horizon if plan.by is None else plan.by - plan.starts_at)
        yield Mark(f"in {within} {amount(plan.served)} are answered", "bad")
    else:
        yield Mark(f"done in {span(plan.ends_at - plan.starts_at)}", "good" if plan.fits else "")
    if plan.bottleneck is not None:
        tight = plan.bottleneck
        limit = f"{amount(tight.limit)} {words(tight.metric)} a {per(tight.window)}"
        said = f" ({tight.source})" if tight.source in LEARNED else ""
        yield f"waits most for {limit}{said} at {tight.provider}: {span(tight.waited)}"


def _shares(plan: Plan) -> Iterator[tuple[Cell, ...]]:
    for share in plan.shares:
        part = share.requests / max(1, plan.served)
        yield (
            Mark(share.account, "strong"),
            Bar(part, amount(share.requests)),
            ", ".join(share.models),
            When(share.last_at, plan.starts_at),
        )


def _notes(plan: Plan) -> Iterator[str]:
    for skip in plan.skipped:
        yield f"{skip.candidate} cannot: {skip.detail or skip.reason}"
    yield from plan.notes


def _gain(gain: Gain, now: float) -> tuple[Cell, ...]:
    done: Cell = "not even then" if gain.ends_at is None else When(gain.ends_at, now)
    saved = "" if gain.saves is None else span(gain.saves)
    return (Mark(gain.title, "strong"), done, saved, page(gain.key_page))


def forecast_sheets(forecast: Forecast) -> tuple[Sheet, ...]:
    """Return the table of windows, the soonest dry first."""
    if not forecast.rows:
        idle = "nothing was used lately of any window of an hour or longer"
        return (Sheet(title="Forecast", lead=(idle,)),)
    dry = [at for at in forecast.accounts.values() if at is not None]
    title = "every account lasts" if not dry else f"{counted(len(dry), 'account')} will run dry"
    rows = tuple(_row(row, forecast.now) for row in forecast.rows)
    return (Sheet(title=f"Forecast: {title}", heads=WINDOWS, rows=rows),)


def _row(row: DryRow, now: float) -> tuple[Cell, ...]:
    share = row.left / row.limit if row.limit else 0.0
    left = f"{amount(row.left)} of {amount(row.limit)} {words(row.metric)}"
    return (
        Mark(row.account, "strong"),
        row.model or "",
        per(row.window) + (f" ({row.source})" if row.source in LEARNED else ""),
        Bar(share, left, "good" if share > LOW else "warn" if row.left else "bad"),
        f"{amount(row.pace)} an hour" if row.pace else "",
        _dry(row, now),
        "" if row.resets_at is None else When(row.resets_at, now),
    )


def _dry(row: DryRow, now: float) -> Cell:
    if not row.left:
        return Mark("now", "bad")
    return Mark("lasts", "good") if row.dry_at is None else When(row.dry_at, now)


def words(metric: Metric) -> str:
    """Return what a limit counts, for people."""
    return WORDS.get(metric, f" {metric}").strip() or "requests"


def per(window: str) -> str:
    """Return a window's label for people: `rolling:60` is a minute, `day@UTC` a day."""
    unit, _, zone = window.partition("@")
    if zone:
        return unit if zone == "UTC" else f"{unit} ({zone})"
    kind, _, length = window.partition(":")
    seconds = float(length or 0)
    if not seconds:
        return "at once" if kind == "concurrent" else window
    named = {1.0: "second", 60.0: "minute", 3600.0: "hour", 86_400.0: "day"}
    return named.get(seconds) or span(seconds)
