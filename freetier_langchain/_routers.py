"""One router per process and configuration, made when a model is first called.

Two models over the same accounts have to count together, or each would believe the whole
quota to be its own. So models that were not given a router share one.
"""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from freetier import Router

Config = str | Path | Mapping[str, Any]

KEPT = 64
"""Routers that are kept though nobody uses them just now: with each goes what it counted."""

REMEMBERED = 256
"""Looks of the environment that are remembered; a new one costs reading the configuration."""

# Configurations may hold keys, so only salted digests of them are kept.
_SALT = os.urandom(16)


class SharedRouters:
    """Finds the router of a configuration, or makes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._routers: deque[Router] = deque(maxlen=KEPT)
        self._known: dict[bytes, Router] = {}

    def router(self, config: Config | None = None) -> Router:
        """Return the router of a file, a mapping, or the environment.

        Raises:
            ConfigError: The configuration cannot be used.
        """
        mark = _mark(config)
        with self._lock:
            if mark not in self._known:
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                self._known[mark] = self._found(Router(config))
            return self._known[mark]

    def _found(self, made: Router) -> Router:
        """Return the router that has the same setup, whatever else has changed around it."""
        for router in self._routers:
            if router.setup == made.setup:
                return router
        self._routers.append(made)
        return made


SHARED = SharedRouters()


def single(provider: str, key: str) -> Mapping[str, Any]:
    """Return the configuration of one account."""
    return {"accounts": [{"provider": provider, "id": provider, "auth": {"api_key": key}}]}


def _mark(config: Config | None) -> bytes:
    if isinstance(config, Mapping):
        source = json.dumps(config, sort_keys=True, default=str)
    else:
        source = "" if config is None else str(Path(config).expanduser().resolve())
    look = json.dumps([type(config).__name__, source, sorted(os.environ.items())])
    return blake2b(look.encode("utf-8", "surrogatepass"), key=_SALT, digest_size=16).digest()
