"""Opening a store by its URL, and giving it both colours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar, cast, runtime_checkable

from freetier.clock import Clock, SystemClock
from freetier.errors import ConfigError
from freetier.stores.base import AsyncQuotaStore, QuotaStore
from freetier.stores.fallback import AsyncFallback, Fallback, Outage
from freetier.stores.memory import MemoryStore
from freetier.stores.threaded import Threaded

T = TypeVar("T")

OnFailure = Literal["fail", "memory"]


@runtime_checkable
class TwoColoured(QuotaStore, Protocol):
    """A store for threads that knows its own twin for tasks."""

    def aio(self) -> AsyncQuotaStore:
        """Return the same store for tasks."""


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

    async def aclose(self) -> None:
        """Let go of what tasks use."""
        if self.aio is not None and asyncio.iscoroutinefunction(self.aio.close):
            await self.aio.close()


def open_store(
    wanted: str | QuotaStore | AsyncQuotaStore, clock: Clock, on_failure: OnFailure = "fail"
) -> Opened:
    """Open a store; nothing is reached before its first use.

    Args:
        wanted: `memory`, `sqlite:///path`, `redis://`, `rediss://`, `valkey://` or
            `postgresql://`, or a store of the user's own.
        clock: Whose instants the local stores count by. Servers judge by their own clock,
            unless this is a simulation's.
        on_failure: Whether a store that cannot be reached fails the call, or a store in
            memory stands in for it.

    Raises:
        ConfigError: The URL means nothing, or what it needs is not installed.
    """
    if not isinstance(wanted, str):
        return _both(wanted)
    if wanted in {"memory", "memory://"}:
        memory = MemoryStore(clock)
        return Opened(sync=memory, aio=memory, keeps=True)
    scheme = wanted.partition(":")[0]
    opener = SCHEMES.get(scheme)
    if opener is None:
        there = ", ".join(("memory", *SCHEMES))
        raise ConfigError(f"unknown kind of store {scheme!r}; there are {there}", where="store")
    store = opener(wanted, clock)
    if on_failure == "fail":
        return Opened(sync=store, aio=store.aio())
    spare, outage = MemoryStore(clock), Outage(clock)
    return Opened(
        sync=Fallback(store, spare, outage), aio=AsyncFallback(store.aio(), spare, outage)
    )


def _both(store: QuotaStore | AsyncQuotaStore) -> Opened:
    if asyncio.iscoroutinefunction(store.reserve):
        return Opened(sync=None, aio=cast("AsyncQuotaStore", store), given=True)
    if isinstance(store, TwoColoured):
        return Opened(sync=store, aio=store.aio(), given=True)
    sync = cast("QuotaStore", store)
    aio = Threaded(sync) if getattr(sync, "blocking", True) else sync
    return Opened(sync=sync, aio=aio, given=True)


def _sqlite(url: str, clock: Clock) -> TwoColoured:
    from freetier.stores.sqlite import SqliteStore  # noqa: PLC0415 - who uses it pays

    start = "sqlite:///"
    path = url.removeprefix(start)
    if not url.startswith(start) or path in {"", ":memory:"}:
        raise ConfigError(
            "a file is written sqlite:///quota.db, or sqlite:////var/lib/quota.db "
            "with an absolute path",
            where="store",
        )
    return SqliteStore(path, clock)


def _redis(url: str, clock: Clock) -> TwoColoured:
    open_redis = _extra("redis", _load_redis)
    return open_redis(url, clock=_simulated(clock))


def _postgres(url: str, clock: Clock) -> TwoColoured:
    store = _extra("postgres", _load_postgres)
    return store(url, _simulated(clock))


def _load_redis() -> Callable[..., TwoColoured]:
    from freetier.stores.redis import open_redis  # noqa: PLC0415 - an extra

    return open_redis


def _load_postgres() -> Callable[..., TwoColoured]:
    from freetier.stores.postgres import PostgresStore  # noqa: PLC0415 - an extra

    return PostgresStore


def _extra(name: str, load: Callable[[], T]) -> T:
    try:
        return load()
    except ImportError as error:
        raise ConfigError(
            f"this kind of store needs more: pip install 'freetier[{name}]' ({error})",
            where="store",
        ) from error


def _simulated(clock: Clock) -> Clock | None:
    """Return a clock only if it is not the machine's: a server's own clock judges."""
    return None if isinstance(clock, SystemClock) else clock


SCHEMES: dict[str, Callable[[str, Clock], TwoColoured]] = {
    "sqlite": _sqlite,
    "redis": _redis,
    "rediss": _redis,
    "valkey": _redis,
    "valkeys": _redis,
    "postgresql": _postgres,
    "postgres": _postgres,
}
