"""What a router says beforehand: whether a job fits, and when accounts run dry.

Instants are seconds since 1970 UTC, durations seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from freetier.values.quota import Metric
from freetier.values.reports import Skipped

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


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
    """

    provider: str
    metric: Metric
    window: str
    limit: int
    waited: float


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
class Plan:
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

    def explain(self) -> str:
        """Return the plan as text."""
        return "\n".join(_told(self))

    __str__ = explain


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
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

    def explain(self) -> str:
        """Return the forecast as text, one line per account and window."""
        return "\n".join(_foretold(self))

    __str__ = explain


def span(seconds: float) -> str:
    """Return a duration as people say it: `40 s`, `12 min`, `3 h 05 min`, `2 d 4 h`."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    hours, rest = divmod(round(seconds / MINUTE), 60)
    if seconds < DAY:
        return f"{hours} h {rest:02d} min"
    days, hours = divmod(round(seconds / HOUR), 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def per(window: str) -> str:
    """Return a window's label for people: `rolling:60` is a minute, `day@UTC` a day."""
    unit, _, zone = window.partition("@")
    if zone:
        return unit if zone == "UTC" else f"{unit} ({zone})"
    kind, _, length = window.partition(":")
    seconds = float(length or 0)
    if not seconds:
        return "at once" if kind == "concurrent" else window
    named = {1.0: "second", MINUTE: "minute", HOUR: "hour", DAY: "day"}
    return named.get(seconds) or span(seconds)


def moment(instant: float) -> str:
    """Return an instant as `2026-11-21 14:05 UTC`."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _told(plan: Plan) -> Iterator[str]:
    size = f"{plan.input_tokens:,} + {plan.output_tokens:,} tokens each"
    yield f"{plan.n_requests:,} requests to {plan.model} of {size}: {_verdict(plan)}"
    for share in plan.shares:
        models = ", ".join(share.models)
        yield f"  {share.account}: {share.requests:,} by {models}, until {moment(share.last_at)}"
    if plan.bottleneck is not None:
        tight = plan.bottleneck
        yield (
            f"  waits most for {tight.provider}'s {tight.limit:,} {tight.metric} "
            f"per {per(tight.window)}: {span(tight.waited)} in all"
        )
    for gain in plan.gains:
        where = f" ({gain.key_page})" if gain.key_page else ""
        yield f"  one more account at {gain.title}{where}: {_gain(gain)}"
    for skip in plan.skipped:
        yield f"  -  {skip.candidate} cannot: {skip.detail or skip.reason}"
    for note in plan.notes:
        yield f"  note: {note}"


def _verdict(plan: Plan) -> str:
    fits = "fits" if plan.fits else "does not fit"
    by = f" by {moment(plan.by)}" if plan.by is not None else ""
    if plan.ends_at is None:
        within = f" within {span(plan.horizon)}" if plan.by is None else by
        return f"{fits}{within}; {plan.served:,} are answered by then"
    ends = f"done in {span(plan.ends_at - plan.starts_at)}, at {moment(plan.ends_at)}"
    if plan.fits:
        return f"{fits}{by}; {ends}"
    return f"{fits}{by} ({plan.served:,} are answered by then); {ends}"


def _gain(gain: Gain) -> str:
    if gain.ends_at is None:
        return "not enough either"
    if gain.saves is None:
        return f"done at {moment(gain.ends_at)}"
    return f"{span(gain.saves)} sooner, at {moment(gain.ends_at)}"


def _foretold(forecast: Forecast) -> Iterator[str]:
    yield f"at the pace of {moment(forecast.now)}:"
    if not forecast.rows:
        yield "  nothing was used lately of any window of an hour or longer"
    for row in forecast.rows:
        what = f"{row.account}/{row.model}" if row.model else row.account
        used = f"{row.left:,} of {row.limit:,} {row.metric} a {per(row.window)} left"
        yield f"  {what}: {used}, {_pace(row, forecast.now)}"


def _pace(row: DryRow, now: float) -> str:
    if not row.left:
        back = f", back {moment(row.resets_at)}" if row.resets_at else ""
        return f"dry{back}"
    if not row.pace:
        return "not in use"
    pace = f"{row.pace:,.0f} an hour"
    if row.dry_at is None:
        return f"{pace}: lasts"
    return f"{pace}: dry in {span(row.dry_at - now)}"
