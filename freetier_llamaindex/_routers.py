"""The router behind a model: the one it was given, or one that equal models share.

Two models over the same accounts have to count together, or the quota would be spent
twice. So routers that are made here are kept, and one that would be like another is that one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from freetier import Router

Config = str | Path | Mapping[str, Any]

KEPT = 64
"""Routers that are kept though nobody uses them just now: with each goes what it counted."""


class SharedRouters:
    """Makes the router of a configuration, or finds the one that is made already."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._routers: deque[Router] = deque(maxlen=KEPT)

    def router(self, config: Config | None) -> Router:
        """Return the router of a file, a mapping, or the environment.

        Raises:
            ConfigError: The configuration cannot be used.
        """
        made = Router(config)
        with self._lock:
            for router in self._routers:
                if router.setup == made.setup:
                    return router
            self._routers.append(made)
            return made


SHARED = SharedRouters()


def single(provider: str, key: str) -> Mapping[str, Any]:
    """Return the configuration of one account."""
    return {"accounts": [{"provider": provider, "id": provider, "auth": {"api_key": key}}]}
