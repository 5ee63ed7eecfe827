"""The wiring of a router: setup, index, board, store, transport, drivers."""

from __future__ import annotations

import os
import random
import threading
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import gmtime, strftime
from typing import TYPE_CHECKING, Any

from freetier.clock import Clock, SystemClock
from freetier.discreet import discreet
from freetier.drivers.common import Shared
from freetier.embedders import WithEmbedders, joined
from freetier.errors import ConfigError, UnknownModel
from freetier.history import History
from freetier.hooks import Listener
from freetier.parts import Parts
from freetier.routing.board import Board
from freetier.routing.candidates import Index
from freetier.routing.queue import Queue
from freetier.routing.resolve import FALLBACK, Resolved, resolve
from freetier.routing.world import Job, World
from freetier.saying import say_once
from freetier.stores.open import Opened, open_store
from freetier.values.chat import ChatRequest
from freetier.values.options import RouteOptions
from freetier.values.quick import maker
from freetier.values.setup import Setup
from freetier.values.vectors import EmbedRequest
from freetier.values.wire import AsyncTransport, Transport

if TYPE_CHECKING:
    from freetier.drivers.aio import AsyncDriver
    from freetier.drivers.sync import SyncDriver
    from freetier.routing.features import Features
    from freetier.routing.ports import Dialect
    from freetier.values.accounts import Candidate

_job = maker(Job)

RESOLVED_KEPT = 1024
"""Names whose meaning is kept; more are looked up again."""


class Engine:
    """Everything behind one `Router`; made from values, opens nothing until first used."""

    def __init__(self, setup: Setup, parts: Parts) -> None:
        self.setup = setup = joined(setup, parts.embedders) if parts.embedders else setup
        self.parts = parts
        self.clock: Clock = parts.clock or SystemClock()
        self.index = Index(setup)
        say_once(setup.warnings)
        self.board = Board(parts.strategy or setup.strategy, threading.Lock)
        self.history = History()
        listeners: list[Listener] = [self.history, *parts.listeners]
        self.shared = Shared(listeners=listeners)
        self.left_open: list[Any] = []
        self._resolved: dict[str, Resolved] = {}
        self.features: dict[str, Features] = {}
        self._chance = random.Random(parts.seed)  # noqa: S311 - spreads load, keeps no secret
        self._begin()
        self.world = World(
            now=self.clock.monotonic,
            wall=self.clock.now,
            chance=self._chance.random,
            new_id=_new_id,
            dialect=_dialects(parts.dialects),
            board=self.board,
            queue=Queue(threading.Lock, newest_first=setup.queue == "newest-first"),
            max_waiters=setup.max_waiters,
            is_watched=lambda: len(listeners) > 1,  # the history hears of ends only
        )
        self._refuse_mixtures()
        _ENGINES.add(self)

    def _refuse_mixtures(self) -> None:
        """Raise for an alias of the user's whose vectors could not be compared."""
        for name, alias in self.setup.aliases.items():
            if alias.selector is not None:
                continue
            with suppress(UnknownModel):  # it takes no part here, and whoever asks is told
                found = self.resolve(name)
                if found.candidates and all(c.model.embeds for c in found.candidates):
                    self.board.spaces.pinned(found, strict=True)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._store: Opened | None = None
        self._transport = self.parts.transport
        self._sync: SyncDriver | None = None
        self._aio: AsyncDriver | None = None

    def after_fork(self) -> None:
        """Begin anew in a child: the parent's connections and locks are dropped, not closed."""
        self.shared = Shared(listeners=self.shared.listeners)
        self.left_open = []
        self._begin()

    @property
    def store(self) -> Opened:
        """Return the store in both colours, opened on first use."""
        if self._store is None:
            with self._lock:
                if self._store is None:
                    with discreet({}):  # a URL may hold a password
                        self._store = open_store(
                            self.parts.store or self.setup.store,
                            self.clock,
                            self.setup.on_store_failure,
                        )
        return self._store

    @property
    def transport(self) -> Transport | AsyncTransport:
        """Return what sends requests, made on first use."""
        if self._transport is None:
            with self._lock:
                if self._transport is None:
                    self._transport = _http()
        return self._transport

    @property
    def sync(self) -> SyncDriver:
        """Return the driver of threads."""
        if self._sync is None:
            from freetier.drivers.sync import SyncDriver  # noqa: PLC0415 - first use

            store, transport = self.store.sync, self.transport
            if store is None or not isinstance(transport, Transport):
                raise ConfigError("this store or transport is for tasks only; use the a-methods")
            own = self.parts.embedders
            transport = WithEmbedders(transport, own) if own else transport
            self._sync = SyncDriver(store, transport, self.clock, self.shared)
        while self.left_open:
            self._settle(self.left_open.pop(), self._sync)
        return self._sync

    @property
    def aio(self) -> AsyncDriver:
        """Return the driver of event loops."""
        if self._aio is None:
            from freetier.drivers.aio import AsyncDriver  # noqa: PLC0415 - first use

            store, transport = self.store.aio, self.transport
            if store is None or not isinstance(transport, AsyncTransport):
                raise ConfigError("this store or transport is for threads only")
            own = self.parts.embedders
            transport = WithEmbedders(transport, own) if own else transport
            self._aio = AsyncDriver(store, transport, self.clock, self.shared)
        if self.left_open and self.store.sync is not None:
            _ = self.sync  # settles what was left open
        return self._aio

    @staticmethod
    def _settle(run: Any, driver: SyncDriver) -> None:
        """Settle a stream that was dropped without being closed."""
        if hasattr(run, "abandon"):
            run.abandon(driver.grants)
        else:
            run.stop()

    def resolve(self, name: str) -> Resolved:
        """Return what a name means; kept, because configurations do not change."""
        found = self._resolved.get(name)
        if found is None:
            today = strftime("%Y-%m-%d", gmtime(self.clock.now()))
            found = resolve(self.index, name, today)
            say_once(found.notes)
            if len(self._resolved) >= RESOLVED_KEPT:
                self._resolved.clear()
                self.features.clear()
            self._resolved[name] = found
        return found

    def job(
        self, request: ChatRequest | EmbedRequest, options: RouteOptions, *, stream: bool
    ) -> Job:
        """Return one request, resolved and ready to be routed."""
        resolved = self.resolve(request.model)
        backoff = self.setup.backoff
        return _job(
            id=_new_id(),
            request=request,
            options=options,
            alias=request.model or self.setup.default_model or FALLBACK,
            resolved=resolved,
            stream=stream,
            backoff=(backoff.initial, backoff.maximum, backoff.multiplier),
            notes=resolved.notes,
            chance=self._chance.random(),
        )

    def close(self) -> None:
        """Close the connections of all threads, and the store if it is the router's own."""
        transport, self._transport = self._transport, self.parts.transport
        if transport is not None and self.parts.transport is None:
            transport.close()  # type: ignore[union-attr]
        self._close_store()
        self._sync = self._aio = None

    async def aclose(self) -> None:
        """Close the connections of the running loop as well."""
        await self.leave_loop()
        if self._store is not None and not self._store.given:
            await self._store.aclose()
        self.close()

    async def leave_loop(self) -> None:
        """Close the connections of the running loop, which is about to end."""
        if self._transport is not None and self.parts.transport is None:
            await self._transport.aclose()  # type: ignore[union-attr]

    def _close_store(self) -> None:
        store = self._store
        if store is not None and not store.given and store.sync is not None:
            store.sync.close()
            if not store.keeps:
                self._store = None


def _new_id() -> str:
    return os.urandom(16).hex()  # as good a name as a UUID's, in a third of its time


def _dialects(more: Iterable[Dialect]) -> Callable[[Candidate], Dialect]:
    from freetier.catalog import fault_table  # noqa: PLC0415 - with the first router
    from freetier.dialects import dialect  # noqa: PLC0415 - with the first router

    table = fault_table()
    made = {own.name: own for own in more}

    def of(candidate: Candidate) -> Dialect:
        name = candidate.provider.dialect
        found = made.get(name)
        if found is None:
            found = made[name] = dialect(name, table)
        return found

    return of


def _http() -> Transport | AsyncTransport:
    from freetier.config import environment  # noqa: PLC0415 - with the first request
    from freetier.drivers.http import HttpTransport  # noqa: PLC0415 - with the first request

    return HttpTransport(environment())


_ENGINES: weakref.WeakSet[Engine] = weakref.WeakSet()


def _after_fork() -> None:
    for engine in list(_ENGINES):
        engine.after_fork()


os.register_at_fork(after_in_child=_after_fork)
