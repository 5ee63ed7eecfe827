"""What a fake provider limits: written down by the test, enforced by the provider."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal, get_args

Metric = Literal["requests", "input_tokens", "output_tokens", "total_tokens", "concurrent"]
Kind = Literal["fixed", "first", "rolling", "counter", "bucket", "pace", "calendar"]
Scope = Literal["account", "model", "pool"]
Charge = Literal["reserve", "prompt", "end"]
Period = Literal["second", "minute", "hour", "day", "week", "month"]

SECONDS: dict[str, float] = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_592_000,
}
NAMES: dict[float, str] = {seconds: name for name, seconds in SECONDS.items()}


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a fake provider.

    Args:
        amount: how much fits into one window; 0 = never granted.
        per: length of the window, a name or seconds; a month that is not of the calendar
            has 30 days.
        metric: what is counted. `concurrent` needs no window.
        kind: `fixed` on the clock, `first` from the first request, `rolling` log,
            sliding `counter` of two fixed windows, `bucket` refilled continuously,
            `pace` (a bucket with a small burst), `calendar` day, week or month in `zone`.
        scope: `account`, `model` (an account's model) or `pool` (accounts counted together).
        charge: when tokens count: `reserve` prompt and output bound at arrival, corrected
            at the end; `prompt` at arrival, the answer at its end; `end`, all at the end.
        counts_refused: whether a refused call counts like an admitted one (requests only).
        burst: the bucket's capacity, if it is not `amount`; for `pace` 1.
        zone: IANA name, for `calendar`.
        models: only these models count; None = all.
        called: the window's name in headers and bodies, if not that of its length.
        phase: seconds by which fixed windows begin later than multiples of their length.

    Raises:
        ValueError: a kind, metric, scope or charge that does not exist, or does not fit.
    """

    amount: int
    per: Period | float = "minute"
    metric: Metric = "requests"
    kind: Kind = "rolling"
    scope: Scope = "account"
    _: KW_ONLY
    charge: Charge = "reserve"
    counts_refused: bool = False
    burst: int | None = None
    zone: str = "UTC"
    models: tuple[str, ...] | None = None
    called: str | None = None
    phase: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be enforced."""
        for value, kinds in (
            (self.metric, Metric),
            (self.kind, Kind),
            (self.scope, Scope),
            (self.charge, Charge),
        ):
            if value not in get_args(kinds):
                raise ValueError(f"{value!r} is none of {', '.join(get_args(kinds))}")
        if isinstance(self.per, str) and self.per not in SECONDS:
            raise ValueError(f"per={self.per!r} is none of {', '.join(SECONDS)}")
        if self.amount < 0 or self.span <= 0:
            raise ValueError("an amount is 0 or more and a window longer than nothing")
        if self.kind == "calendar" and self.per not in {"day", "week", "month"}:
            raise ValueError("a calendar window is a day, a week or a month")
        if self.burst is not None and self.kind not in {"bucket", "pace"}:
            raise ValueError("only a bucket and a pace have a burst")

    @property
    def span(self) -> float:
        """Length of the window in seconds; of a calendar window its usual length."""
        return SECONDS[self.per] if isinstance(self.per, str) else self.per

    @property
    def window(self) -> str:
        """The window's name, as headers and bodies call it."""
        if self.called is not None:
            return self.called
        return self.per if isinstance(self.per, str) else NAMES.get(self.span, f"{self.per:g}s")

    @property
    def capacity(self) -> int:
        """How much fits at once into an untouched window."""
        if self.kind == "pace":
            return min(self.amount, self.burst or 1)
        return self.amount if self.burst is None else self.burst


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one request takes.

    Args:
        prompt: tokens of the prompt.
        output: tokens of the answer, or their bound while it is not known.
    """

    prompt: int = 0
    output: int = 0


UNITS_OF_ONE = frozenset({"requests", "concurrent"})


def units(metric: Metric, cost: Cost) -> int:
    """Return what a finished request counts in a metric."""
    if metric == "total_tokens":
        return cost.prompt + cost.output
    if metric == "input_tokens":
        return cost.prompt
    return cost.output if metric == "output_tokens" else 1


def units_at_arrival(limit: Limit, bound: Cost) -> int:
    """Return what a limit charges before the answer is known."""
    if limit.charge == "reserve" or limit.metric in UNITS_OF_ONE:
        return units(limit.metric, bound)
    if limit.charge == "prompt":
        return units(limit.metric, Cost(prompt=bound.prompt))
    return 0
