"""The router behind a model: the one it was given, or one that equal models share.

Two models over the same accounts must count together, or the quota would be spent twice.
So routers that are made here are kept, and one that would be like another is that one.
"""

from __future__ import annotations

import threading
import warnings
from collections import deque
from typing import Any
from weakref import WeakKeyDictionary

from freetier import Router
from freetier.routing.features import Features

KEPT = 64
"""Routers that are kept though nobody uses them just now: with each goes what it counted."""

_lock = threading.Lock()
_made: deque[Router] = deque(maxlen=KEPT)
_features: WeakKeyDictionary[Router, dict[str, Features]] = WeakKeyDictionary()


def made(config: Any, provider: str | None, api_key: str | None) -> Router:  # noqa: ANN401
    """Return the router of a configuration, the same for all that are equal.

    Args:
        config: A file, a mapping, a setup, or `None` for the environment.
        provider: Whose key `api_key` is.
        api_key: Makes a router over this one account; counts only without `config`.

    Raises:
        ConfigError: The configuration cannot be used.
    """
    if api_key and provider and config is None:
        account = {"provider": provider, "id": provider, "auth": {"api_key": api_key}}
        return _shared(Router({"accounts": [account]}))
    return _shared(Router(config))


def warn_of_idle_key() -> None:
    """Say that a key was given and will not be used."""
    warnings.warn(
        "api_key is not used: it needs `provider` to say whose it is, and no `config` or "
        "`router` beside it",
        stacklevel=4,
    )


def features(router: Router, model: str) -> Features:
    """Return what may be asked of an alias; kept, because configurations do not change."""
    known = _features.setdefault(router, {})
    if model not in known:
        known[model] = router.features(model)
    return known[model]


def _shared(router: Router) -> Router:
    with _lock:
        for other in _made:
            if other.setup == router.setup:
                return other
        _made.append(router)
        return router
