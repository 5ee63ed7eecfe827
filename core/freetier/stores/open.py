"""Opening a store by its URL, and giving it both colours."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from freetier.clock import Clock
from freetier.errors import ConfigError
from freetier.stores.base import AsyncQuotaStore, QuotaStore
from freetier.stores.memory import MemoryStore
from freetier.stores.threaded import Threaded

SCHEMES = ("memory",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One store in both colours; a colour that it does not have is None.

    Attributes:
        sync: For threads.
        aio: For tasks; a store that never blocks is used on the loop as it stands.
        given: Whether the user made it, so that the user closes it.
        keeps: Whether it is still good after `close`, because it lives in memory.
    """

    sync: QuotaStore | None
    aio: AsyncQuotaStore | QuotaStore | None
    given: bool = False
    keeps: bool = False


def open_store(wanted: str | QuotaStore | AsyncQuotaStore, clock: Clock) -> Opened:
    """Open a store.

    Args:
        wanted: `memory`, or a store of the user's own.
        clock: Whose instants the local stores count by.

    Raises:
        ConfigError: The URL means nothing.
    """
    if not isinstance(wanted, str):
        return _both(wanted, given=True)
    if wanted in {"memory", "memory://"}:
        return _both(MemoryStore(clock), given=False, keeps=True)
    scheme = wanted.partition(":")[0]
    raise ConfigError(
        f"unknown kind of store {scheme!r}; there are {', '.join(SCHEMES)}", where="store"
    )


def _both(store: Any, *, given: bool, keeps: bool = False) -> Opened:
    if asyncio.iscoroutinefunction(store.reserve):
        return Opened(sync=None, aio=store, given=given)
    aio = Threaded(store) if getattr(store, "blocking", True) else store
    return Opened(sync=store, aio=aio, given=given, keeps=keeps)
