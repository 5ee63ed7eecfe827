"""Everything but accounts, providers and aliases: flat names to checked values.

The names are fields of `Setup`, or `budgets.` and `backoff.` and a field of those.
Where the older words and ours say the same thing in one source, ours win.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from freetier.config.durations import seconds
from freetier.config.places import Place, listed, nearest, quoted
from freetier.config.schema import BackoffEntry, Document, Retry, StateStore

Settings = Mapping[str, Any]

STRATEGIES = (
    "free-first", "priority", "declared", "least-used", "round-robin", "weighted", "least-busy",
    "fastest", "cost-first", "harvest",
)  # fmt: skip
STORES = (
    "memory",
    "sqlite",
    "redis",
    "rediss",
    "unix",
    "valkey",
    "valkeys",
    "postgresql",
    "postgres",
)
PLAIN = (
    "allow_paid", "allow_training", "fetch_media", "on_store_failure", "queue", "max_waiters",
    "strict_profile", "on_stream_break",
)  # fmt: skip


def read_settings(document: Document, place: Place) -> tuple[dict[str, Any], list[str]]:
    """Return the settings that were written, and what is accepted but does little.

    Raises:
        ConfigError: A length of time, a strategy or a store is none.
    """
    warnings: list[str] = []
    found: dict[str, Any] = {
        name: value for name in PLAIN if (value := getattr(document, name)) is not None
    }
    if document.strategy is not None:
        found["strategy"] = strategy(document.strategy, place.at("strategy"))
    found |= _older_bounds(document, place) | _bounds(document, place)
    found |= _retry(document.retry or Retry()) | _backoff(document.backoff, place.at("backoff"))
    if document.hedge is not None:
        found["hedge"] = _hedge(document.hedge, place.at("hedge"))
    if document.attempts is not None:
        found["budgets.attempts"] = document.attempts or None
    if document.state_store is not None:
        found["store"] = _older_store(document.state_store, place.at("state_store"), warnings)
    if document.store is not None:
        found["store"] = _store(document.store, place.at("store"))
    return found, warnings + _idle_keys(document)


def strategy(name: str, place: Place) -> str:
    """Return the name of a strategy with dashes.

    Raises:
        ConfigError: There is none of this name.
    """
    dashed = name.strip().casefold().replace("_", "-")
    if dashed not in STRATEGIES:
        hint = nearest(dashed, STRATEGIES)
        raise place.error(
            f"unknown strategy {quoted(name)}{hint or '; there are ' + listed(STRATEGIES)}"
        )
    return dashed


def _hedge(value: object, place: Place) -> bool | float:
    """Return whether a late answer is hedged: learned, after so many seconds, or never."""
    return value if isinstance(value, bool) else seconds(value, place) or False


def _bounds(document: Document, place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "deadline" in document.model_fields_set:
        found["budgets.deadline"] = _bound(document.deadline, place.at("deadline"))
    if "max_wait" in document.model_fields_set:
        wait, there = document.max_wait, place.at("max_wait")
        found["budgets.max_wait"] = None if wait is None else seconds(wait, there)
    timeouts = document.timeouts
    for name in timeouts.model_fields_set if timeouts else ():
        there = place.at("timeouts", name)
        found[f"budgets.{name}"] = _bound(getattr(timeouts, name), there)
    return found


def _older_bounds(document: Document, place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if document.timeout_ms is not None:
        found["budgets.attempt"] = document.timeout_ms / 1000 or None
    if document.attempt_timeout is not None:
        there = place.at("attempt_timeout")
        found["budgets.attempt"] = _bound(document.attempt_timeout, there)
    return found


def _bound(value: object, place: Place) -> float | None:
    """Return a length in seconds; 0 and null mean that there is no bound (decisions 8)."""
    return (seconds(value, place) or None) if value is not None else None


def _retry(retry: Retry) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if retry.max_retries is not None:
        found["budgets.attempts"] = retry.max_retries + 1
    if retry.initial_backoff_ms is not None:
        found["backoff.initial"] = retry.initial_backoff_ms / 1000
    if retry.max_backoff_ms is not None:
        found["backoff.maximum"] = retry.max_backoff_ms / 1000 or math.inf
    if retry.backoff_multiplier:
        found["backoff.multiplier"] = max(1.0, retry.backoff_multiplier)
    return found


def _backoff(backoff: BackoffEntry | None, place: Place) -> dict[str, Any]:
    if backoff is None:
        return {}
    found: dict[str, Any] = {
        f"backoff.{name}": seconds(value, place.at(name))
        for name in ("initial", "maximum")
        if (value := getattr(backoff, name)) is not None
    }
    if backoff.multiplier is not None:
        found["backoff.multiplier"] = backoff.multiplier
    return found


def _store(url: str, place: Place) -> str:
    scheme = url.partition(":")[0]
    if url != "memory" and (scheme not in STORES[1:] or "://" not in url):
        raise place.error(
            "must be memory, sqlite:///path, redis://host or postgresql://host/database"
            + nearest(scheme, STORES)
        )
    return url


def _older_store(store: StateStore, place: Place, warnings: list[str]) -> str:
    if store.prefix:
        warnings.append("stateStore.prefix: our keys in Redis have their own prefix; it is ignored")
    if store.type == "memory":
        return "memory"
    if store.type == "redis":
        if store.url is None:
            raise place.at("url").error("is missing: redis://host:6379/0")
        return _store(store.url, place.at("url"))
    beside = PurePath(store.path or "state.json").with_suffix(".sqlite")
    warnings.append(
        f"stateStore: quota is kept in {beside}, a SQLite file; the JSON file is not read"
    )
    return f"sqlite:///{beside.as_posix()}"


def _idle_keys(document: Document) -> list[str]:
    warnings = []
    if document.throw_on_exhausted is not None:
        warnings.append("throwOnExhausted does nothing: `QuotaExhausted` is always raised")
    if document.debug is not None:
        warnings.append("debug does nothing: set the level of the logger 'freetier' instead")
    return warnings
