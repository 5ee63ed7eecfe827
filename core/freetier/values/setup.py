"""The whole configuration as one value: what a router is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from freetier.values.accounts import Account, Alias
from freetier.values.options import Budgets
from freetier.values.providers import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Pauses in seconds between retries of the *same* candidate; full jitter is applied."""

    initial: float = 1.0
    maximum: float = 30.0
    multiplier: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Accounts, providers, aliases and defaults, checked and merged.

    Attributes:
        accounts: In declared order; disabled ones are left out.
        providers: By name; catalog and the user's own, only those that accounts use.
        aliases: By name; the user's ladders first, then shipped ones.
        default_model: Used when a request names none.
        default_embedding_model: The same for vectors.
        strategy: Name of the strategy.
        allow_paid, allow_training, fetch_media: Defaults of the request options.
        budgets, hedge, on_stream_break: Defaults of the request options.
        backoff: Between retries of the same candidate.
        store: URL of the quota store, or `memory`.
        on_store_failure: What to do when the store cannot be reached.
        queue: Who is served first among those who wait.
        max_waiters: How many may wait at once.
        strict_profile: Whether published features are the plain intersection.
        warnings: What is accepted but does less than it seems.
        origin: Where it came from, for error texts: a file's path, `environment`, `arguments`.
    """

    accounts: tuple[Account, ...] = ()
    providers: Mapping[str, Provider] = field(default_factory=dict)
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    default_model: str | None = None
    default_embedding_model: str | None = None
    strategy: str = "free-first"
    allow_paid: bool = False
    allow_training: bool = True
    fetch_media: bool = False
    budgets: Budgets = field(default_factory=Budgets)
    hedge: bool | float = False
    on_stream_break: Literal["raise", "continue"] = "raise"
    backoff: Backoff = field(default_factory=Backoff)
    store: str = field(default="memory", repr=False)
    on_store_failure: Literal["fail", "memory"] = "fail"
    queue: Literal["booked", "newest-first"] = "booked"
    max_waiters: int = 10_000
    strict_profile: bool = False
    warnings: tuple[str, ...] = ()
    origin: str = "arguments"
