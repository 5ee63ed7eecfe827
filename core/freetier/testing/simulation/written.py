"""What a scenario file may say, as pydantic models: the edge; inside, values stand for it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from freetier.config.schema import AtLeastOne, Count, Name, Share, Written, no_flag
from freetier.testing.limits import Charge, Kind, Metric, Scope

Number = Annotated[float, BeforeValidator(no_flag)]
Positive = Annotated[float, BeforeValidator(no_flag), Field(gt=0)]


class TrueLimit(Written):
    """One limit as a provider enforces it; see `freetier.testing.Limit`."""

    amount: Count
    per: Any = "minute"
    metric: Metric = "requests"
    kind: Kind = "rolling"
    scope: Scope = "account"
    charge: Charge = "reserve"
    counts_refused: bool = False
    burst: AtLeastOne | None = None
    zone: str = "UTC"
    phase: Any = 0.0


class TroubleEntry(Written):
    """A spell of illness."""

    since: Any
    until: Any
    status: Count = 503
    account: Name | None = None


class ChangeEntry(Written):
    """Other limits from an instant on."""

    at: Any
    limits: list[Any]


class ProviderEntry(Written):
    """One provider."""

    name: Name
    style: Name | None = None
    model: Name = "m"
    accounts: AtLeastOne = 1
    limits: list[Any] = Field(default_factory=list)
    told: bool | list[dict[str, Any]] = True
    says: Literal["headers", "retry-after", "nothing"] = "nothing"
    latency: Any = (0.3, 1.5)
    transit: Any = (0.01, 0.08)
    skew: Number = 0.0
    drift: Number = 0.0
    others: Share = 0.0
    troubles: list[Any] = Field(default_factory=list)
    changes: list[Any] = Field(default_factory=list)


class SizeEntry(Written):
    """One sort of request."""

    share: Share = 1.0
    prompt: Any = 20
    output: Any = 20
    max_tokens: AtLeastOne | None = None


class BurstEntry(Written):
    """Requests that come at once."""

    size: AtLeastOne
    every: Any


class TrafficEntry(Written):
    """Who asks."""

    load: Positive | None = None
    rate: Positive | None = None
    curve: list[Share] = Field(default_factory=list)
    bursts: list[Any] = Field(default_factory=list)
    patience: Any = 30.0
    sizes: list[Any] = Field(default_factory=list)
    stream: bool = False


class ScenarioEntry(Written):
    """A whole file."""

    name: Name = "a scenario"
    about: str = ""
    seconds: Any
    providers: list[Any] = Field(min_length=1)
    traffic: Any
    processes: AtLeastOne = 1
    store: Literal["memory", "sqlite"] = "memory"
    router: dict[str, Any] = Field(default_factory=dict)
    start: Number | None = None
    step: Any = 60.0
