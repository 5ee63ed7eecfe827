"""What a user may hand to a router instead of what it makes itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freetier.clock import Clock
    from freetier.hooks import Listener
    from freetier.routing.ports import Dialect
    from freetier.stores.base import AsyncQuotaStore, QuotaStore
    from freetier.values.standings import Ordering
    from freetier.values.vectors import Embedder
    from freetier.values.wire import AsyncTransport, Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a user may hand to a router instead of what it makes itself.

    Attributes:
        store: A quota store, in either colour; else the setup's URL is opened.
        transport: Sends requests, in one colour or both.
        clock: Tells time and rests.
        strategy: Orders standings, instead of the setup's named one.
        embedders: Functions that make vectors here, by the name of their model.
        dialects: More wire languages, by the names that provider files give.
        listeners: Are told of every step.
        seed: Of everything that is left to chance.
    """

    store: QuotaStore | AsyncQuotaStore | None = None
    transport: Transport | AsyncTransport | None = None
    clock: Clock | None = None
    strategy: str | Ordering | None = None
    dialects: Sequence[Dialect] = ()
    embedders: Mapping[str, Embedder] = field(default_factory=dict)
    listeners: Iterable[Listener] = ()
    seed: int | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was handed in that could be wrong."""
        own = (self.store, self.transport, self.clock, self.strategy)
        several = (self.dialects, self.embedders, self.listeners)
        return not any(several) and all(one is None for one in own)
