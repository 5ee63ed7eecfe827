"""The lines of `list_models()` and `quota_status()`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from freetier.values.quota import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A name that can be asked for.

    Attributes:
        id: The name.
        kind: Whether it is an alias, a canonical model, or a model that makes embeddings.
        providers: Who serves it here.
        tier: Of a model; 0 for aliases and where it is not known.
        free: Whether somebody serves it for nothing.
    """

    id: str
    kind: Literal["alias", "model", "embedding"]
    providers: tuple[str, ...]
    tier: int = 0
    free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRow:
    """One line of `quota_status()`: one account, model and window.

    Durations are seconds, instants seconds since 1970 UTC.
    """

    account: str
    provider: str
    model: str | None
    metric: Metric
    window: str
    limit: int
    used: int
    reserved: int
    left: int
    resets_at: float | None
    source: str
    as_of: str | None = None
    blocked_until: float | None = None
    blocked_why: str | None = None
    note: str = field(default="", compare=False)
