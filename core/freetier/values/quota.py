"""Limits, windows, charges and what a store says of them.

Instants and lengths inside charges are integers in milliseconds, because they are
compared and stored; lengths that people write (spans of limits) are seconds.
Money is counted in nano-dollars, rounded up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

from freetier.values.faults import Fault
from freetier.values.quick import quick

CUT = 1
"""Milliseconds: the stores' clocks cut, so what came at an instant came up to so much later.

A window on the clock asks which milliseconds an instant may be, and needs nothing more. One
that is measured from a request ends this much after what is known of the request.
"""


class Metric(StrEnum):
    """What a limit counts."""

    REQUESTS = "requests"
    INPUT = "input_tokens"
    OUTPUT = "output_tokens"
    TOTAL = "total_tokens"
    UNCACHED = "uncached_tokens"
    INPUTS = "inputs"  # texts of an embedding call
    CONCURRENT = "concurrent"
    MONEY = "money"  # nano-dollars
    UNITS = "units"  # a provider's own unit, with a rate per token


class Kind(StrEnum):
    """How a window runs (decisions 6)."""

    FIXED = "fixed"  # on the clock
    FIRST = "first"  # from the first request
    ROLLING = "rolling"  # an exact log
    COUNTER = "counter"  # the last window's count fades linearly
    BUCKET = "bucket"  # a capacity that refills continuously
    PACE = "pace"  # a bucket with a small burst
    CALENDAR = "calendar"  # a day, week or month in a zone
    CONCURRENT = "concurrent"  # no window: what is under way
    UNKNOWN = "unknown"  # the number is known, the clock is not


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The span a limit counts over.

    Attributes:
        kind: How it runs.
        span: Length in seconds; of a calendar unit the nominal one (86,400 s a day).
        unit: Only of calendar windows.
        zone: IANA name, only of calendar windows.
        burst: Units that may come at once under a pace; capacity of a bucket if it is
            not the limit's amount.
    """

    kind: Kind
    span: float
    unit: Literal["day", "week", "month"] | None = None
    zone: str = "UTC"
    burst: float | None = None

    @property
    def label(self) -> str:
        """Return a short name that is part of store keys, for example `rolling:60`."""
        if self.kind is Kind.CALENDAR:
            return f"{self.unit}@{self.zone}"
        return f"{self.kind}:{self.span:g}"


class Scope(StrEnum):
    """What a limit counts over."""

    ACCOUNT = "account"
    MODEL = "model"  # one model within one account
    POOL = "pool"  # accounts or models that the provider counts together
    MACHINE = "machine"  # keyless providers count addresses


UNTOLD = 10**15
"""The amount of a limit that nobody has told yet: more than anybody has."""

CountedAt = Literal["sent", "answered", "unknown"]
Source = Literal["user", "header", "body", "found", "official", "observed", "survey", "guess"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One rule of a provider.

    Attributes:
        metric: What it counts.
        amount: How much per window; 0 means never.
        window: The span.
        scope: What it counts over.
        counted_at: When the provider takes the charge.
        counts_refused: Whether refused calls count as requests.
        precharge: Whether the provider charges prompt + `max_tokens` at arrival.
        rate: Units per token, only for `Metric.UNITS`.
        pool: Name of the pool within the account, only for `Scope.POOL`.
        source: Where the figure comes from.
        as_of: Date of the figure, ISO.
        unsaid: Of a user's limit, the fields he left open; there the catalog's hold.
    """

    metric: Metric
    amount: int
    window: Window
    scope: Scope = Scope.MODEL
    counted_at: CountedAt = "sent"
    counts_refused: bool = True
    precharge: bool = False
    rate: float = 1.0
    pool: str | None = None
    source: str = "user"
    as_of: str | None = None
    unsaid: frozenset[str] = field(default=frozenset(), compare=False, repr=False)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one request takes, before it is sent or as reported after it.

    Tokens are counts; `money` is nano-dollars.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    requests: int = 1
    inputs: int = 0
    money: int = 0

    @property
    def total_tokens(self) -> int:
        """Return input and output together."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One line of a reservation: a limit applied to a request.

    Attributes:
        key: Where the store counts it.
        metric: What it counts.
        amount: How much this request takes.
        ceiling: How much the window may hold.
        kind: How the window runs; never `unknown` (that becomes two charges).
        span_ms: Length of the window.
        burst: Capacity of a bucket or burst of a pace, in units.
        edges: Of a calendar window, consecutive starts around now, ascending.
        at_answer: The provider counts when it answers, not when it is asked.
    """

    key: str
    metric: Metric
    amount: int
    ceiling: int
    kind: Kind
    span_ms: int
    burst: float = 0.0
    edges: tuple[int, ...] = ()
    at_answer: bool = False


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Quota held for one attempt.

    Attributes:
        id: Made by the router before asking.
        charges: All of them are taken, or none.
        guards: Keys whose blocks forbid the reservation; only read.
        near_ms, far_ms: The provider stamps the request no earlier than `near` and no later
            than `far` after it was sent (research/quota.md, section 1).
        lease_ms: How long a place of a concurrency limit is held without news.
    """

    id: str
    charges: tuple[Charge, ...]
    guards: tuple[str, ...] = ()
    near_ms: int = 0
    far_ms: int = 0
    lease_ms: int = 120_000


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of a reservation.

    Attributes:
        amounts: True amounts in the order of the charges; `None` keeps the estimates.
        sent: False gives everything back: no byte can have reached the provider.
        answered_ago_ms: How long ago the headers of the answer came; `None` if none came.
    """

    amounts: tuple[int, ...] | None = None
    sent: bool = True
    answered_ago_ms: int | None = None


NEVER_SENT = Settlement(sent=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A limit that the provider told or that was found, kept by the store."""

    amount: int
    source: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockState:
    """Somebody said to leave a key alone."""

    key: str
    until_ms: int
    fault: Fault
    left_ms: int = 0


class Tally(NamedTuple):
    """What a store knows of one charge's window now.

    A tuple, because one is made for each window at each reservation.

    Attributes:
        key: The charge's key.
        used: Settled, with what others used.
        reserved: Held for attempts under way or booked.
        resets_in_ms: Until the window is as free as it gets; `None` if nothing is held.
        learned: The limit the provider told, if it did.
    """

    key: str
    used: int = 0
    reserved: int = 0
    resets_in_ms: int | None = None
    learned: Learned | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The store's yes: send after `start_in_ms` (0 = now)."""

    start_in_ms: int = 0
    tallies: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """The store's no.

    Attributes:
        charge: The charge that was full, or `None` if a guard was blocked.
        retry_in_ms: When it is worth asking again; `None` means never by itself.
        block: The block that stood in the way.
        tallies: Of all charges, in order.
    """

    charge: Charge | None = None
    retry_in_ms: int | None = None
    block: BlockState | None = None
    tallies: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a provider said of one of its windows.

    Attributes:
        metric: What the window counts.
        span: Its length in seconds.
        limit: How much it may hold, if told.
        remaining: How much is left, if told.
        reset_in: Seconds until its end, if told and if it means that.
        source: `header` or `body`.
    """

    metric: Metric
    span: float
    limit: int | None = None
    remaining: int | None = None
    reset_in: float | None = None
    source: Source = "header"
