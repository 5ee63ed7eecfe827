"""Accounts, and the candidates and aliases that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal
from urllib.parse import urlsplit

from freetier.values.models import Capability, Model, Prices
from freetier.values.providers import Provider
from freetier.values.quirks import Quirks
from freetier.values.quota import Limit


class Secret:
    """A key that never shows itself: not in `repr`, `str`, comparison errors or pickles."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key itself; only for the line that writes it into a header."""
        return self._value

    def fingerprint(self, salt: str) -> str:
        """Return a short mark that changes with the key and tells nothing of it.

        Args:
            salt: Makes equal keys of different owners look different.
        """
        given = salt.encode("utf-8", "replace") + b"\0" + self._value.encode("utf-8", "replace")
        return blake2b(given, digest_size=4, person=b"freetier").hexdigest()

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a key cannot be pickled; name an environment variable instead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One credential at one provider.

    Attributes:
        id: The user's label; unique; shown everywhere instead of the key.
        provider: The provider's name.
        secret: The key; empty for keyless providers.
        secret_env: Name of the variable the key came from, for pickling.
        base_url: Where this account's requests go.
        pool: Accounts that the provider counts together.
        priority: Lower comes first under `priority`.
        free: Whether the user declared it free; `None` leaves it to the catalog.
        limits: Limits the user wrote; they replace the catalog's of the same metric and span,
            key by key.
        model_limits: The same for single models, by upstream id or canonical name.
        paid_enabled: Whether it may spend money when the request allows it.
        prices: Dollars per token that the user wrote.
        max_daily_spend: Dollars a UTC day; `None` means no cap.
        timeout: Attempt timeout in seconds.
        max_concurrency: Requests under way at once.
        models: The only models it may serve, by upstream id or canonical name.
        headers: Sent with each request.
        proxy, ca_file: How its connections are made.
    """

    id: str
    provider: str
    secret: Secret = field(default_factory=lambda: Secret(""), repr=False)
    secret_env: str | None = None
    base_url: str = ""
    pool: str | None = None
    priority: int = 0
    free: bool | None = None
    limits: tuple[Limit, ...] = ()
    model_limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict)
    paid_enabled: bool = False
    prices: Prices = field(default_factory=Prices)
    max_daily_spend: float | None = None
    timeout: float | None = None
    max_concurrency: int | None = None
    models: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    proxy: str | None = field(default=None, repr=False)
    ca_file: str | None = None


def _host(url: str) -> str:
    """Return host and port of a URL, without a name and password in it."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:  # a setup made by hand; whoever sends there says what is wrong
        return ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """An account and a model: one way to get an answer.

    Compared by identity: a router makes each one once.

    Attributes:
        key: `account/upstream id`; unique within a router.
        account, model, provider: What it is made of.
        limits: All that hold for it, merged.
        free: Whether an answer costs nothing.
        prices: Dollars per token that hold for it.
        order: Position in the declared order.
        step: Position of its step in the ladder it was found through.
        weight: Share under `weighted`.
        named: A person named the model himself, so a withdrawn one is sent all the same.
        home: The provider, and which host of it if the account goes to one of its own: what
            is down takes everybody there with it.
    """

    key: str
    account: Account
    model: Model
    provider: Provider
    limits: tuple[Limit, ...] = ()
    free: bool = True
    prices: Prices = field(default_factory=Prices)
    order: int = 0
    step: int = 0
    weight: float = 1.0
    named: bool = False
    home: str = field(init=False)

    def __post_init__(self) -> None:
        """Find out where it lives."""
        theirs = _host(self.provider.base_url)
        own = _host(self.account.base_url) or theirs
        home = self.provider.name if own == theirs else f"{self.provider.name}@{own}"
        object.__setattr__(self, "home", home)

    @property
    def quirks(self) -> Quirks:
        """Return the deviations that hold for it."""
        return self.provider.quirks


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung of a ladder: a model, at one provider or account or wherever it is served."""

    model: str
    provider: str | None = None
    account: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """A shipped alias: which models of the catalog it takes, and in which order of tiers.

    Attributes:
        tiers: Tiers it takes.
        descending: Whether the highest tier comes first.
        first_found: Take only the first tier that has a candidate.
        needs: Capabilities a model must have.
        min_context: Tokens of context a model must have.
    """

    tiers: tuple[int, ...]
    descending: bool = True
    first_found: bool = False
    needs: frozenset[Capability] = frozenset()
    min_context: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A name for a choice of models: a ladder of steps, or a selector of the catalog."""

    name: str
    steps: tuple[Step, ...] = ()
    selector: Selector | None = None
    strategy: str | None = None
    on_content_refused: Literal["stop", "next"] = "stop"
