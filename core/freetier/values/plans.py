"""What a router says beforehand: whether a job fits, and when accounts run dry.

Instants are seconds since 1970 UTC, durations seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from freetier.values.quota import Metric
from freetier.values.reports import Skipped
from freetier.values.sheets import Sheet, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one account carries of a job.

    Attributes:
        account, provider: Which one.
        models: Upstream ids that answer, the busiest first.
        requests: How many it answers.
        last_at: When it begins its last one.
    """

    account: str
    provider: str
    models: tuple[str, ...]
    requests: int
    last_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """The limit that a job waits for most.

    Attributes:
        provider: Whose limit.
        metric, window: Which one; the window as in `quota_status()`.
        limit: How much it holds.
        waited: Seconds that accounts of this provider rest because of it, all together.
        source: Who says how much it holds, as in `quota_status()`: `user`, a source of the
            catalog, or `header`, `body` and `found` if it was learned.
    """

    provider: str
    metric: Metric
    window: str
    limit: int
    waited: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What one more account would bring.

    Attributes:
        provider: Where.
        title: The provider's name for people.
        new: Whether no account of yours is there yet.
        ends_at: When the job would end with it; `None` if not even then.
        saves: Seconds; `None` where the job has no end without it.
        key_page: Where to get a key.
    """

    provider: str
    title: str
    new: bool
    ends_at: float | None
    saves: float | None
    key_page: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Shown):
    """Whether a job fits into what the accounts have, and what stands in its way.

    It counts on nobody else using the accounts meanwhile and on answers as long as asked.

    Attributes:
        model: The name that was asked for.
        n_requests: How many there are to be answered.
        input_tokens, output_tokens: Of one request.
        fits: Whether all are answered by `by`, or ever, if no `by` was given.
        starts_at: Now, when the plan was made.
        ends_at: When the last answer has come; `None` if that is beyond `horizon`.
        by: The instant that was asked for.
        served: How many are answered by `by`, or by the horizon.
        horizon: Seconds that were looked ahead.
        shares: The accounts that carry it, the busiest first.
        bottleneck: What it waits for most; `None` if it never waits.
        gains: What one more account would bring, the most first.
        skipped: Candidates that cannot take such a request, with reasons.
        notes: Remarks for people.
    """

    model: str
    n_requests: int
    input_tokens: int
    output_tokens: int
    fits: bool
    starts_at: float
    ends_at: float | None
    by: float | None = None
    served: int = 0
    horizon: float = 0.0
    shares: tuple[Share, ...] = ()
    bottleneck: Bottleneck | None = None
    gains: tuple[Gain, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def takes(self) -> float | None:
        """Return how many seconds it takes, or `None` if it does not end."""
        return None if self.ends_at is None else self.ends_at - self.starts_at

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain JSON-able values."""
        return asdict(self)

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the tables that show this plan."""
        from freetier.display.plans import plan_sheets  # noqa: PLC0415 - only those who look

        return plan_sheets(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRow:
    """One long window of one account at the present pace.

    Attributes:
        account, provider, model: What it counts; `model` is `None` if it counts all of them.
        metric, window: Which window, as in `quota_status()`.
        limit, left: How much it holds, and how much is left.
        pace: Units an hour; 0 if nothing is being used.
        basis: What the pace is taken from: `recent` answers of this router, the `window`'s own
            use since it began, or `idle`.
        dry_at: When nothing is left; `None` if it lasts.
        resets_at: When it is as free as it gets, if that is known.
        source: Who says how much it holds; see `Bottleneck`.
    """

    account: str
    provider: str
    model: str | None
    metric: Metric
    window: str
    limit: int
    left: int
    pace: float
    basis: str
    dry_at: float | None
    resets_at: float | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast(Shown):
    """When each account runs dry at the present pace; a sequence of its rows.

    Only windows of an hour and longer count: shorter ones come back while you wait.

    Attributes:
        now: When it was made.
        rows: One per account, model and window that anything was used of, soonest dry first.
        accounts: When each account has nothing left for anybody, by its id; `None` if it lasts.
    """

    now: float
    rows: tuple[DryRow, ...] = ()
    accounts: dict[str, float | None] = field(default_factory=dict)

    def __iter__(self) -> Iterator[DryRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> DryRow:
        return self.rows[place]

    def as_dict(self) -> dict[str, Any]:
        """Return the forecast as plain JSON-able values."""
        return asdict(self)

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the table that shows this forecast."""
        from freetier.display.plans import forecast_sheets  # noqa: PLC0415 - only those who look

        return forecast_sheets(self)
