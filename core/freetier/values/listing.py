"""What `list_models()` and `quota_status()` return."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from freetier.values.quota import Metric
from freetier.values.sheets import Sheet, Shown


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

    Durations are seconds, instants seconds since 1970 UTC, money nano-dollars.

    Attributes:
        account, provider: Whose quota it is.
        model: The upstream id, or `None` where the window is the whole account's.
        metric: What is counted.
        window: Its kind and length, for example `rolling:60` or `day@UTC`.
        limit: How much there is in a whole window.
        used: How much is gone, answered and settled.
        reserved: How much is held by requests under way.
        left: How much could be taken now.
        resets_at: When something comes back.
        source, as_of: Where the limit is known from, and the date of the figure.
        blocked_until, blocked_why: Until when, and after which fault, nothing is sent.
        note: For people.
        at_once: Of a bucket or pace: what fits at once, where that is less than the limit.
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
    at_once: int = field(default=0, compare=False)


class QuotaStatus(Shown, tuple[QuotaRow, ...]):  # noqa: SLOT001 - a tuple's kind has no slots
    """The rows of `quota_status()`: a sequence that prints as a table with bars.

    Args:
        rows: One per account, model and window.
        at: When they were read, in seconds since 1970 UTC.
    """

    at: float

    def __new__(cls, rows: Iterable[QuotaRow] = (), at: float = 0.0) -> Self:
        """Take the rows as they are."""
        made = super().__new__(cls, rows)
        made.at = at
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self), self.at

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the table that shows the rows; models that are alike stand on one line."""
        from freetier.display.quota import sheets  # noqa: PLC0415 - only those who look load it

        return sheets(self, self.at)
