"""One router per process and configuration.

Two models over the same accounts have to count together, or each would believe the whole
quota to be its own. So whoever was not given a router shares one.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from freetier.router import Router

KEPT = 64
"""Routers that are kept though nobody uses them just now: with each goes what it counted."""

REMEMBERED = 256
"""Looks of the environment that are remembered; a new one costs reading the configuration."""

# Configurations may hold keys, so only salted digests of them are kept.
_SALT = token_bytes(16)


class SharedRouters:
    """Finds the router of a configuration, or makes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._routers: deque[Router] = deque(maxlen=KEPT)
        self._known: dict[bytes, Router] = {}

    def router(self, kind: type[Router], config: str | Path | Mapping[str, Any] | None) -> Router:
        """Return the router of a file, a mapping, or the environment.

        Raises:
            ConfigError: The configuration cannot be used.
        """
        mark = _mark(config)
        with self._lock:
            if mark not in self._known:
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                self._known[mark] = self._found(kind(config))
            return self._known[mark]

    def _found(self, made: Router) -> Router:
        """Return the router that has the same setup, whatever else has changed around it."""
        for router in self._routers:
            if router.setup == made.setup:
                return router
        self._routers.append(made)
        return made


def _mark(config: str | Path | Mapping[str, Any] | None) -> bytes:
    from freetier.config import environment  # noqa: PLC0415 - with the first shared router

    if isinstance(config, Mapping):
        source = json.dumps(config, sort_keys=True, default=str)
    else:
        source = "" if config is None else _file(Path(config).expanduser().resolve())
    look = json.dumps([type(config).__name__, source, sorted(environment().items())])
    return blake2b(look.encode("utf-8", "surrogatepass"), key=_SALT, digest_size=16).digest()


def _file(path: Path) -> str:
    """Return a file's name with when it was written: a changed file is another one."""
    return f"{path} {path.stat().st_mtime_ns if path.exists() else 0}"


SHARED = SharedRouters()
