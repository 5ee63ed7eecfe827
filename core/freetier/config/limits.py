"""Limits as people write them become `Limit` values.

What a user leaves open of a limit is noted in it (`Limit.unsaid`), because there the catalog's
facts hold; what is filled in here holds where the catalog knows nothing.
In `limits:` zero means never. In the old keys (`rpm`, `model_limits`, `daily_free`) zero means
not limited, so it is as if the key were not there (decisions 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import create_model

from freetier.config.checking import check
from freetier.config.places import Place
from freetier.config.schema import LARGEST, AccountEntry, Count, LimitEntry, Written
from freetier.config.windows import read_window
from freetier.values.providers import Provider
from freetier.values.quota import Kind, Limit, Metric, Scope, Window

NANO = 1_000_000_000
LETTERS = {"r": Metric.REQUESTS, "t": Metric.TOTAL, "it": Metric.INPUT, "ot": Metric.OUTPUT}
SPANS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
SHORT = {
    f"{letter}p{span}": (metric, Window(kind=Kind.ROLLING, span=length))
    for letter, metric in LETTERS.items()
    for span, length in SPANS.items()
}
SHORT["concurrent"] = (Metric.CONCURRENT, Window(kind=Kind.CONCURRENT, span=0))
_FIELDS: dict[str, Any] = dict.fromkeys(SHORT, (Count | None, None))
ShortKeys = create_model("ShortKeys", __base__=Written, **_FIELDS)
NAMES = {"tokens": Metric.TOTAL, "dollars": Metric.MONEY}
OLD_KEYS = ("rpm", "rph", "rpd")

COUNTING = frozenset({"counted_at", "counts_refused", "precharge", "rate"})
"""How a provider counts; no figure of the user's says anything of it."""

PLACED = frozenset({"scope", "pool"})
"""What a limit counts over; the place where it is written may say it."""


def account_limits(entry: AccountEntry, provider: Provider, place: Place) -> tuple[Limit, ...]:
    """Return the limits of a whole account: `limits`, the old keys, and `daily_free`.

    Raises:
        ConfigError: One is malformed or given twice.
    """
    zone = provider.day_zone or "UTC"
    found = [
        *read_limits(entry.limits, place.at("limits"), zone=zone, scope=Scope.ACCOUNT),
        *_short({k: getattr(entry, k) or None for k in OLD_KEYS}, Scope.ACCOUNT, COUNTING),
    ]
    allowance = daily_allowance(entry, zone, place)
    return _distinct([*found, *([allowance] if allowance else [])], place)


def model_limits(
    entry: AccountEntry, provider: Provider, place: Place
) -> dict[str, tuple[Limit, ...]]:
    """Return the limits of single models, by the names the user wrote.

    Raises:
        ConfigError: One is malformed or given twice.
    """
    zone = provider.day_zone or "UTC"
    found = {}
    for model, value in entry.model_limits.items():
        there = place.at("model_limits", model)
        limits = read_limits(value, there, zone=zone, scope=Scope.MODEL)
        if isinstance(value, dict):
            limits = tuple(limit for limit in limits if limit.amount)
        found[model] = limits
    return found


def daily_allowance(entry: AccountEntry, zone: str, place: Place) -> Limit | None:
    """Return what `daily_free` and `quota_unit` mean: a day limit on the provider's own day.

    Raises:
        ConfigError: The unit is missing, or there is half a token.
    """
    if not entry.daily_free:
        return None
    if entry.quota_unit is None:
        raise place.at("quota_unit").error("is missing: requests, tokens or dollars")
    metric = {"requests": Metric.REQUESTS, **NAMES}[entry.quota_unit]
    amount = _whole(entry.daily_free, metric, place.at("daily_free"))
    window = read_window("day", place, zone=zone)
    return Limit(
        metric=metric,
        amount=amount,
        window=window,
        scope=Scope.ACCOUNT,
        source="allowance",
        unsaid=COUNTING,
    )


def read_limits(
    value: Any,  # noqa: ANN401 - one of two shapes
    place: Place,
    *,
    zone: str,
    scope: Scope,
) -> tuple[Limit, ...]:
    """Return limits written as a list of lines or as short keys (`rpm: 30`, `tpd: 500000`).

    Args:
        value: What the user wrote.
        place: Where.
        zone: The provider's own zone.
        scope: What lines without a scope count over.

    Raises:
        ConfigError: It is neither, or a line is malformed or given twice.
    """
    if value is None:
        return ()
    if isinstance(value, dict):
        unsaid = COUNTING | {"window"} | _open(scope)
        return tuple(_short(check(ShortKeys, value, place).model_dump(), scope, unsaid))
    if not isinstance(value, list):
        raise place.error("must be a list of limits, or short keys such as rpm, rpd, tpm")
    lines = (_line(item, place.at(index), zone, scope) for index, item in enumerate(value))
    return _distinct(lines, place)


def _open(scope: Scope) -> frozenset[str]:
    """Return what a place leaves open: the limits of a model are that model's."""
    return PLACED if scope is Scope.ACCOUNT else frozenset()


def _short(
    amounts: Mapping[str, int | None], scope: Scope, unsaid: frozenset[str]
) -> Iterator[Limit]:
    for key, amount in amounts.items():
        if amount is not None:
            metric, window = SHORT[key]
            yield Limit(metric=metric, amount=amount, window=window, scope=scope, unsaid=unsaid)


def _line(value: object, place: Place, zone: str, scope: Scope) -> Limit:
    line = check(LimitEntry, value, place)
    metric = NAMES.get(line.metric) or Metric(line.metric)
    if (line.scope == "pool") != (line.pool is not None):
        raise place.error("scope 'pool' and the pool's name go together")
    return Limit(
        metric=metric,
        amount=_whole(line.amount, metric, place.at("amount")),
        window=_window(line, metric, place, zone),
        scope=Scope(line.scope) if line.scope else scope,
        counted_at=line.counted_at,
        counts_refused=line.counts_refused,
        precharge=line.precharge,
        rate=line.rate,
        pool=line.pool,
        unsaid=(COUNTING - line.model_fields_set) | (frozenset() if line.scope else _open(scope)),
    )


def _window(line: LimitEntry, metric: Metric, place: Place, zone: str) -> Window:
    if metric is Metric.CONCURRENT:
        if line.per is not None:
            raise place.at("per").error("what is under way at once has no window")
        return Window(kind=Kind.CONCURRENT, span=0)
    if line.per is None:
        raise place.at("per").error("is missing: for example minute, day or 'rolling 24h'")
    return read_window(line.per, place.at("per"), zone=zone, burst=line.burst)


def _whole(amount: float, metric: Metric, place: Place) -> int:
    if metric is Metric.MONEY:
        nano = int(Decimal(repr(amount)) * NANO)
        if nano > LARGEST:
            raise place.error(f"must be at most {LARGEST // NANO:,} dollars")
        return nano
    if amount != int(amount):
        raise place.error("must be a whole number")
    return int(amount)


def _distinct(limits: Iterable[Limit], place: Place) -> tuple[Limit, ...]:
    seen: dict[tuple[Metric, str, Scope, str | None], Limit] = {}
    for limit in limits:
        key = limit.metric, limit.window.label, limit.scope, limit.pool
        if key in seen:
            raise place.error(f"{limit.metric} per {limit.window.label} is given twice")
        seen[key] = limit
    return tuple(seen.values())
