"""The limits of a candidate as lines: charges that lack only an amount and a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

from freetier.routing.amounts import Amount, amount_of
from freetier.routing.estimate import nano
from freetier.routing.limits import key_of
from freetier.values.accounts import Candidate
from freetier.values.quota import Charge, Kind, Limit, Metric, Scope, Window

PACED = 3600
"""Seconds up to which a window of an unknown kind is paced as well; a longer one only
rolls, because a paced day would hold back quota that callers want now."""

AT_ONCE = Window(kind=Kind.CONCURRENT, span=0)
MONEY_DAY = Window(kind=Kind.CALENDAR, span=86_400, unit="day")
Fill = Callable[[Charge, object], None]


def _slot(name: str) -> Fill:
    fill: Fill = getattr(Charge, name).__set__
    return fill


_AMOUNT, _EDGES = _slot("amount"), _slot("edges")
_OTHERS = [each.name for each in fields(Charge) if each.name not in {"amount", "edges"}]


@dataclass(frozen=True, slots=True)
class Line:
    """A limit of one candidate, ready to be applied.

    Attributes:
        charge: As it will be, but for its amount and edges.
        amount: What a cost takes of it.
        limit: The limit behind it.
        told_key: Under which a told limit of this window is kept; two lines share it
            where one limit became two charges.
        filled: How all else of a charge is filled in.
    """

    charge: Charge
    amount: Amount
    limit: Limit
    told_key: str
    filled: tuple[tuple[Fill, object], ...]

    def charge_of(self, amount: int, around: tuple[int, ...]) -> Charge:
        """Make one charge, as its constructor would in three times the time.

        This runs for every token limit of every request, and most of what a frozen
        value's constructor does is finding the same slots again.
        """
        charge = object.__new__(Charge)
        for fill, value in self.filled:
            fill(charge, value)
        _AMOUNT(charge, amount)
        _EDGES(charge, around)
        return charge

    @property
    def calendar(self) -> Window | None:
        """Return its window if it follows a calendar."""
        window = self.limit.window
        return window if window.kind is Kind.CALENDAR and window.unit else None


def lines_of(candidate: Candidate, spread_ms: int) -> tuple[Line, ...]:
    """Return the lines of a candidate; of two with one key the lower ceiling holds."""
    lines: dict[str, Line] = {}
    for limit, over in _limits(candidate):
        for line in _lines(candidate, limit, over, spread_ms):
            known = lines.get(line.charge.key)
            if known is None or line.charge.ceiling < known.charge.ceiling:
                lines[line.charge.key] = line
    return tuple(lines.values())


def _limits(candidate: Candidate) -> Iterator[tuple[Limit, str]]:
    """Yield every limit and the part of its key that says what it counts over.

    What a user sets for one account counts over that account, whatever pool it is in.
    """
    account, provider = candidate.account, candidate.provider.name
    over = {
        Scope.ACCOUNT: provider,
        Scope.MODEL: f"{provider}/{candidate.model.id}",
        Scope.MACHINE: f"{provider}@machine",
    }
    for limit in (*candidate.limits, *_untold(candidate)):
        yield limit, over.get(limit.scope) or f"{provider}+{limit.pool}"
    own, whole = f"{provider}:{account.id}", Scope.ACCOUNT
    if account.max_concurrency is not None:
        places = account.max_concurrency
        yield Limit(metric=Metric.CONCURRENT, amount=places, window=AT_ONCE, scope=whole), own
    if account.max_daily_spend is not None and not candidate.free:
        spend = nano(account.max_daily_spend)
        yield Limit(metric=Metric.MONEY, amount=spend, window=MONEY_DAY, scope=whole), own


def _untold(candidate: Candidate) -> Iterator[Limit]:
    """Yield the windows that the provider may tell of and no limit speaks of."""
    if candidate.provider.untold:
        spoken = {key_of(limit) for limit in candidate.limits}
        yield from (each for each in candidate.provider.untold if key_of(each) not in spoken)


def _kinds(limit: Limit, spread_ms: int) -> tuple[tuple[Kind, float], ...]:
    """Return the kinds of window that mirror a limit, each with its burst."""
    window = limit.window
    paced = 1 + spread_ms * limit.amount / (window.span * 1000) if window.span else 1.0
    by_one = limit.metric is Metric.REQUESTS
    if limit.metric is Metric.CONCURRENT:
        return ((Kind.CONCURRENT, 0.0),)
    if window.kind is Kind.UNKNOWN:
        rolling = (Kind.ROLLING, 0.0)
        return (rolling, (Kind.PACE, paced)) if by_one and window.span <= PACED else (rolling,)
    if window.kind is Kind.PACE:
        return ((Kind.PACE, window.burst or (paced if by_one else float(limit.amount))),)
    return ((window.kind, window.burst or 0.0),)


def _lines(candidate: Candidate, limit: Limit, over: str, spread_ms: int) -> Iterator[Line]:
    tag = f"{{{candidate.account.pool or candidate.account.id}}}"
    tokens = limit.metric not in {Metric.REQUESTS, Metric.CONCURRENT}
    late = {"sent": False, "answered": True, "unknown": tokens}[limit.counted_at]
    told = ""
    for kind, burst in _kinds(limit, spread_ms):
        label = replace(limit.window, kind=kind).label
        key = f"{tag}|{over}|{limit.metric}|{label}"
        told = told or key
        charge = Charge(
            key=key,
            metric=limit.metric,
            amount=1,
            ceiling=max(0, limit.amount),
            kind=kind,
            span_ms=round(limit.window.span * 1000),
            burst=burst,
            at_answer=late,
        )
        filled = tuple((_slot(name), getattr(charge, name)) for name in _OTHERS)
        yield Line(charge, amount_of(limit), limit, told, filled)
