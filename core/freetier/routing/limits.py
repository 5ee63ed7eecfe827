"""Which limits hold for a candidate: the catalog's, overridden key by key by the user's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from freetier.values.accounts import Account
from freetier.values.models import Model
from freetier.values.providers import Provider
from freetier.values.quota import Kind, Limit, Metric, Scope, Window

_NAMED = {1: "second", 60: "minute", 3600: "hour", 86_400: "day", 604_800: "week"}
_MONTH = range(28 * 86_400, 31 * 86_400 + 1)

Key = tuple[Metric, str | float]

ALLOWANCE = "allowance"
"""Source of a limit that is the account's free allowance (`daily_free`): what comes after
it costs money, if the account may pay."""

OWN = frozenset({"user", ALLOWANCE})
"""Sources of limits that a user wrote; no provider can raise them."""


def span_class(window: Window) -> str | float:
    """Return `minute`, `hour`, `day` …, or the length in seconds if it has no such name.

    A day is a day whether it rolls or follows a calendar, so that a figure for one
    replaces a figure for the other.
    """
    if window.kind is Kind.CONCURRENT:
        return "concurrent"
    if window.unit:
        return window.unit
    return class_of(window.span)


def class_of(span: float) -> str | float:
    """Return the name of a length in seconds, or the length if it has none."""
    seconds = round(span)
    return _NAMED.get(seconds) or ("month" if seconds in _MONTH else span)


def key_of(limit: Limit) -> Key:
    """Return what an override must agree on to replace this limit: metric and span."""
    return limit.metric, span_class(limit.window)


def merge(provider: Provider, model: Model, account: Account) -> tuple[Limit, ...]:
    """Return every limit of one candidate.

    Within the catalog, and within what the user wrote, a limit of a model replaces the
    general one of the same metric, span and scope; those of different scopes hold
    together. What the user wrote replaces the catalog's of the same metric and span,
    whatever it counts over; the rest stays. It replaces them key by key: what he left
    open of a limit (`Limit.unsaid`) is as the catalog has it (decisions 6).
    """
    told = _layered(provider.limits, model.limits)
    if not account.limits and not account.model_limits:
        return told
    known = (*told, *provider.untold)
    own = [_filled(limit, known) for limit in account.limits]
    written = _layered(own, [_filled(each, known) for each in model_limits(account, model)])
    replaced = {key_of(limit) for limit in written}
    return (*(limit for limit in told if key_of(limit) not in replaced), *written)


def model_limits(account: Account, model: Model) -> tuple[Limit, ...]:
    """Return what the user wrote for one model, by its upstream id or canonical name."""
    if not account.model_limits:
        return ()
    names = {model.id.casefold(), model.canonical.casefold()}
    written = (v for k, v in account.model_limits.items() if k.casefold() in names)
    return tuple(limit for limits in written for limit in limits)


def _filled(limit: Limit, known: Sequence[Limit]) -> Limit:
    """Return a user's limit with the catalog's facts where he left them open.

    Of several of the same metric and span, the one that counts over the same is meant,
    else the first: how a provider counts is the same for all of them.
    """
    if not limit.unsaid:
        return limit
    same = [each for each in known if key_of(each) == key_of(limit)]
    meant = next((each for each in same if each.scope is limit.scope), same[0] if same else None)
    if meant is None:
        return limit
    return replace(limit, **{name: getattr(meant, name) for name in limit.unsaid})


def capacity(limit: Limit) -> int:
    """Return how much one request may take at most, in the limit's own unit."""
    refills = limit.window.kind in {Kind.BUCKET, Kind.PACE}
    if refills and limit.window.burst and limit.amount > 0:
        return int(limit.window.burst)
    return limit.amount


def _layered(general: Sequence[Limit], special: Sequence[Limit]) -> tuple[Limit, ...]:
    if not special:
        return tuple(general)
    replaced = set(_keys_within(special))
    kept = (limit for limit in general if (*key_of(limit), *_over(limit)) not in replaced)
    return (*kept, *special)


def _keys_within(limits: Iterable[Limit]) -> Iterable[tuple[object, ...]]:
    return ((*key_of(limit), *_over(limit)) for limit in limits)


def _over(limit: Limit) -> tuple[Scope, str | None]:
    return limit.scope, limit.pool
