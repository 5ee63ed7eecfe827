"""A forecast: every long window at the present pace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from freetier.foresight.known import known
from freetier.planning import outlook
from freetier.status import counted
from freetier.values.accounts import Candidate
from freetier.values.plans import DryRow, Forecast
from freetier.values.quota import Charge, Cost, Scope, Tally

if TYPE_CHECKING:
    from freetier.engine import Engine
    from freetier.routing.lines import Line


class _Seen(NamedTuple):
    candidate: Candidate
    line: Line
    charge: Charge
    tally: Tally
    source: str


def forecast(engine: Engine) -> Forecast:
    """Return when each account runs dry."""
    wall, now = engine.clock.now(), engine.clock.monotonic()
    rows: dict[str, tuple[DryRow, float | None]] = {}
    recent: Counter[str] = Counter()
    seen: dict[str, _Seen] = {}
    for candidate in counted(engine):
        entry = engine.board.entry(candidate)
        rate = entry.recent.rate(now)
        for line, charge, tally, source in known(engine, candidate, Cost(), wall).windows:
            if charge.span_ms >= outlook.LONG_MS and line.charge.key == line.told_key:
                recent[charge.key] += line.amount(rate.cost) / rate.seconds  # type: ignore[assignment]
                seen[charge.key] = _Seen(candidate, line, charge, tally, source)
    for key, one in seen.items():
        pace = outlook.pace(one.charge, one.tally, recent[key], int(wall * 1000))
        dry = outlook.dry_in(one.charge, one.tally, pace.rate)
        rows[key] = _row(one, pace, dry, wall), dry
    ordered = sorted(rows.values(), key=lambda one: inf if one[1] is None else one[1])
    told = tuple(row for row, _ in ordered if row.pace or not row.left)
    return Forecast(now=wall, rows=told, accounts=_accounts(engine, told))


def _row(one: _Seen, pace: outlook.Pace, dry: float | None, wall: float) -> DryRow:
    candidate, limit, resets = one.candidate, one.line.limit, one.tally.resets_in_ms
    return DryRow(
        account=candidate.account.id,
        provider=candidate.provider.name,
        model=candidate.model.id if limit.scope is Scope.MODEL else None,
        metric=one.charge.metric,
        window=limit.window.label,
        limit=one.charge.ceiling,
        left=outlook.left_of(one.charge, one.tally),
        pace=pace.rate * 3600,
        basis=pace.basis,
        dry_at=None if dry is None else wall + dry,
        resets_at=None if resets is None else wall + resets / 1000,
        source=one.source,
    )


def _accounts(engine: Engine, rows: Sequence[DryRow]) -> dict[str, float | None]:
    """Return when each account has nothing left for anybody.

    A window of the whole account ends all of it; windows of models only when each model
    that is in use has run dry.
    """
    found: dict[str, float | None] = {}
    for account in engine.setup.accounts:
        mine = [row for row in rows if row.account == account.id]
        whole = [row.dry_at for row in mine if row.model is None and row.dry_at is not None]
        models: dict[str, list[float]] = {}
        for row in mine:
            if row.model is not None:
                dries = models.setdefault(row.model, [])
                dries += [] if row.dry_at is None else [row.dry_at]
        if models and all(models.values()):
            whole.append(max(min(dries) for dries in models.values()))
        found[account.id] = min(whole, default=None)
    return found
