"""Providers, models, accounts, and the candidates that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from freetier.values.faults import Fault, FaultScope
from freetier.values.quirks import Quirks
from freetier.values.quota import Limit, Metric


class Secret:
    """A key that never shows itself: not in `repr`, `str`, comparison errors or pickles."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key itself; only for the line that writes it into a header."""
        return self._value

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


class Capability(StrEnum):
    """What a model can do."""

    TOOLS = "tools"
    TOOL_CHOICE = "tool_choice"  # a call can be forced
    PARALLEL_TOOLS = "parallel_tools"
    JSON_OBJECT = "json_object"
    JSON_SCHEMA = "json_schema"
    SCHEMA_WITH_TOOLS = "schema_with_tools"
    VISION = "vision"
    AUDIO = "audio"
    VIDEO = "video"
    FILES = "files"
    REASONING = "reasoning"
    PREFILL = "prefill"
    EMBEDDINGS = "embeddings"


ModelStatus = Literal[
    "active", "uncertain", "rotated_out", "retired", "old_accounts_only", "no_free_quota"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars per single token by direction and modality; `None` means not known."""

    input: float | None = None
    output: float | None = None
    audio_input: float | None = None
    image_input: float | None = None
    video_input: float | None = None
    embedding_input: float | None = None

    @property
    def blended(self) -> float | None:
        """Return (input + 2 x output) / 3, or `None` if neither is known (decisions 7)."""
        if self.input is None and self.output is None:
            return None
        return ((self.input or 0.0) + 2 * (self.output or 0.0)) / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model at one provider.

    Attributes:
        id: The provider's own id, sent on the wire.
        canonical: The name that all providers' copies share.
        family: For signatures and embeddings.
        tier: 1 up to 8B, 2 9-35B, 3 36-100B, 4 over 100B, 5 frontier; 0 if not known.
        context: Tokens of input and output together; `None` if not known.
        max_output: Tokens of output; `None` if not known.
        capabilities: What it can do.
        free: Whether the row is free at this provider.
        status: Whether it is still there.
        variants: Other names people use for it.
        special: Guard, OCR, one language or tiny context: joins no shipped alias.
        gone_since, replaced_by: Of withdrawn models.
        prices: Dollars per token.
        dimensions: Of embedding models.
        normalised: Of embedding models: whether its vectors have length 1.
        batch_max: Of embedding models: texts per call.
        limits: Limits of this model alone.
    """

    id: str
    canonical: str
    family: str = ""
    tier: int = 0
    context: int | None = None
    max_output: int | None = None
    capabilities: frozenset[Capability] = frozenset()
    free: bool = True
    status: ModelStatus = "active"
    variants: tuple[str, ...] = ()
    special: bool = False
    gone_since: str | None = None
    replaced_by: str | None = None
    prices: Prices = field(default_factory=Prices)
    dimensions: int | None = None
    normalised: bool | None = None
    batch_max: int | None = None
    limits: tuple[Limit, ...] = ()

    @property
    def withdrawn(self) -> bool:
        """Tell whether the catalog says that it is gone."""
        return self.status in {"retired", "rotated_out"}

    @property
    def embeds(self) -> bool:
        """Tell whether it makes vectors instead of text."""
        return Capability.EMBEDDINGS in self.capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRule:
    """One ordered rule: an answer that fits means this fault.

    All given conditions must hold; texts are compared without case.
    """

    fault: Fault
    scope: FaultScope
    status: int
    status_max: int | None = None
    match_any: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    span: float | None = None
    reason: str = ""


HeaderRole = Literal["limit", "remaining", "reset", "retry_after"]
HeaderFormat = Literal[
    "int", "go_duration", "seconds", "milliseconds", "epoch_seconds", "epoch_milliseconds"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderRule:
    """What one response header of a provider means; `span` is the window's length in seconds."""

    name: str
    role: HeaderRole
    format: HeaderFormat = "int"
    metric: Metric | None = None
    span: float | None = None
    until_full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSign:
    """A text that names the window which was hit; the metric and span in seconds it stands for."""

    text: str
    span: float
    metric: Metric | None = None
    calendar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One company's API: how to speak to it and what it tells.

    Attributes:
        name: The catalog's name.
        title: For people.
        dialect: Name of the wire language.
        base_url: Without a trailing slash.
        key_env: Names of environment variables that may hold a key.
        status: How free it is.
        keyless: Whether it may be used without a key.
        quirks: Deviations from the dialect.
        headers: What its response headers mean.
        errors: Ordered rules.
        signs: Texts that name a window.
        limits: Limits of an account, if not said per model.
        models: What it offers.
        day_zone: Zone of its day, `None` if not known.
        scope: What the provider counts limits over.
        pooled: Accounts of one person share the quota whatever the key.
        first_content, attempt: Budgets in seconds that this provider needs raised.
        several_accounts: What its terms say of several accounts of one person.
        trains: Whether free use may train models; `None` if not known.
        replaced_by, gone_since: Of providers that are gone.
        note: For people.
        key_page: Where to get a key.
        as_of, source: Date and source of the facts.
    """

    name: str
    title: str
    dialect: str = "openai"
    base_url: str = ""
    key_env: tuple[str, ...] = ()
    status: Literal[
        "free", "trial_credit", "free_uncertain", "keyless", "paid_only", "local", "retired", "own"
    ] = "own"
    keyless: bool = False
    quirks: Quirks = field(default_factory=Quirks)
    headers: tuple[HeaderRule, ...] = ()
    errors: tuple[ErrorRule, ...] = ()
    signs: tuple[WindowSign, ...] = ()
    limits: tuple[Limit, ...] = ()
    models: tuple[Model, ...] = ()
    day_zone: str | None = None
    first_content: float | None = None
    attempt: float | None = None
    several_accounts: Literal[
        "forbidden",
        "forbidden_for_consumers",
        "limits_may_not_be_circumvented",
        "no_clause_found",
        "not_verified",
        "moot",
    ] = "not_verified"
    terms_note: str = ""
    trains: bool | None = None
    gone_since: str | None = None
    replaced_by: str | None = None
    note: str = ""
    key_page: str | None = None
    as_of: str | None = None
    source: str | None = None


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
        limits: Limits the user wrote; they replace the catalog's of the same metric and span.
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
