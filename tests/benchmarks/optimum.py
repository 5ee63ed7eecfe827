"""The most that anybody could have served, who knows the future: an exact rule, or a bound.

RULE: imports nothing of `freetier`; its windows are written once more, from the words of the
scenario file, by somebody who stands beside the provider.

- `rule`: exact. Every account has one limit of requests, all of one kind, and all callers
  have the same patience; rolling windows are of one length, buckets alike. First come first
  served, each at the earliest moment at which any account has room, is then optimal: a
  request that goes later frees its place later (rolling and refilling windows), and of
  windows that end, the one that ends soonest is used first.
- `programme`: an upper bound. A linear programme over slices of time that may serve parts of
  requests, sees no bursts within a slice, may let a caller wait for a slice longer, and may
  refuse a large request in favour of several small ones. Concurrency limits are left out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil, floor, inf
from typing import Any
from zoneinfo import ZoneInfo

Request = tuple[float, float, int, int]
"""When it comes, how long it waits, tokens of its prompt and of its answer."""

Limit = Mapping[str, Any]
"""`amount`, `span` in seconds, `metric`, `kind`, and where they mean something `burst`,
`per` (of calendar windows), `zone`, `phase`."""


@dataclass(frozen=True)
class Account:
    """One account as its provider sees it.

    Attributes:
        limits: What holds, by the instant from which it holds.
        away: Spells without service, from and until.
        skew: Seconds by which the provider's clock is ahead.
        start: The first instant, seconds since 1970 UTC; all others count from it.
        count: How many accounts it is, put together.
    """

    limits: Sequence[tuple[float, Sequence[Limit]]]
    away: Sequence[tuple[float, float]] = ()
    skew: float = 0.0
    start: float = 0.0
    count: int = 1


@dataclass(frozen=True)
class Optimum:
    """What the best would have served: how many, from an instant on, and how it was found."""

    by: str
    times: Sequence[float] = field(repr=False)
    weights: Sequence[float] = field(repr=False)

    def served(self, since: float = 0.0, until: float = inf) -> float:
        """Return the answers that are begun from an instant on, and before another."""
        pairs = zip(self.times, self.weights, strict=True)
        return sum(weight for at, weight in pairs if since <= at < until)


def optimum(accounts: Sequence[Account], requests: Sequence[Request], seconds: float) -> Optimum:
    """Return the optimum of a scenario, by the rule where it holds, else by the programme."""
    if rule_holds(accounts, requests):
        times = by_rule(accounts, requests)
        return Optimum("rule", times, [1.0] * len(times))
    return by_programme(accounts, requests, seconds)


def rule_holds(accounts: Sequence[Account], requests: Sequence[Request]) -> bool:
    """Tell whether the exact rule applies."""
    if len({patience for _, patience, _, _ in requests}) > 1:
        return False
    if any(len(account.limits) != 1 for account in accounts):
        return False
    found = [account.limits[0][1] for account in accounts]
    if any(len(limits) != 1 or limits[0]["metric"] != "requests" for limits in found):
        return False
    kinds = {limits[0]["kind"] for limits in found}
    if kinds <= {"bucket", "pace"}:
        alike = {(one[0]["span"], one[0]["amount"], capacity_of(one[0])) for one in found}
        return len(alike) == 1
    same_span = len({limits[0]["span"] for limits in found}) == 1
    return kinds <= {"fixed", "calendar"} or (kinds == {"rolling"} and same_span)


class Rolling:
    """At most so many within any span."""

    def __init__(self, limit: Limit, account: Account) -> None:
        self._amount, self._span = limit["amount"], limit["span"]
        self._stamps: deque[float] = deque()

    def earliest(self, at: float) -> float:
        """Return the first instant from `at` on with room."""
        if not self._amount:
            return inf
        full = len(self._stamps) >= self._amount
        return max(at, self._stamps[-self._amount] + self._span) if full else at

    def take(self, at: float) -> None:
        """Serve one."""
        self._stamps.append(at)
        if len(self._stamps) > self._amount:
            self._stamps.popleft()

    def ends(self, at: float) -> float:
        """Return when room that is not used is lost."""
        return self._span


class Ending:
    """At most so many in each window that begins and ends by itself."""

    def __init__(self, limit: Limit, account: Account) -> None:
        self._amount = limit["amount"]
        self._bounds = bounds_of(limit, account)
        self._start, self._count = -inf, 0

    def earliest(self, at: float) -> float:
        """Return the first instant from `at` on with room."""
        if not self._amount:
            return inf
        at = max(at, self._start)
        start, end = self._bounds(at)
        return end if start == self._start and self._count >= self._amount else at

    def take(self, at: float) -> None:
        """Serve one."""
        start, _ = self._bounds(at)
        if start != self._start:
            self._start, self._count = start, 0
        self._count += 1

    def ends(self, at: float) -> float:
        """Return when room that is not used is lost."""
        return self._bounds(at)[1]


class Refilling:
    """A bucket: so many at once, and so many more in each span."""

    def __init__(self, limit: Limit, account: Account) -> None:
        self._each = limit["span"] / limit["amount"] if limit["amount"] else inf
        self._holds = capacity_of(limit)
        self._full_at = 0.0

    def earliest(self, at: float) -> float:
        """Return the first instant from `at` on with room."""
        if self._each == inf:
            return inf
        return max(at, self._full_at - (self._holds - 1) * self._each)

    def take(self, at: float) -> None:
        """Serve one."""
        self._full_at = max(self._full_at, at) + self._each

    def ends(self, at: float) -> float:
        """Return when room that is not used is lost; sooner where it comes back faster."""
        return max(at, self._full_at) + self._each


WINDOWS: Mapping[str, Callable[[Limit, Account], Any]] = {
    "rolling": Rolling,
    "fixed": Ending,
    "calendar": Ending,
    "bucket": Refilling,
    "pace": Refilling,
}


def by_rule(accounts: Sequence[Account], requests: Sequence[Request]) -> list[float]:
    """Return the moments at which requests are served, first come first served."""
    places = [
        (WINDOWS[a.limits[0][1][0]["kind"]](a.limits[0][1][0], a), sorted(a.away)) for a in accounts
    ]
    served = []
    for at, patience, _, _ in requests:
        found = [(_open(window, away, at), window) for window, away in places]
        best = min(moment for moment, _ in found)
        if best <= at + patience:
            _, _, window = min(
                (window.ends(best), n, window)
                for n, (moment, window) in enumerate(found)
                if moment == best
            )
            window.take(best)
            served.append(best)
    return served


def _open(window: Any, away: Sequence[tuple[float, float]], at: float) -> float:
    """Return the first moment from `at` on with room while the provider is well."""
    moment = window.earliest(at)
    for since, until in away:
        if since <= moment < until:
            moment = window.earliest(until)
    return moment


def capacity_of(limit: Limit) -> float:
    """Return what fits at once into an untouched bucket."""
    if limit["kind"] == "pace":
        return min(limit["amount"], limit.get("burst") or 1)
    return limit.get("burst") or limit["amount"]


def bounds_of(limit: Limit, account: Account) -> Callable[[float], tuple[float, float]]:
    """Return the windows that begin and end by themselves, in seconds from the start."""
    if limit["kind"] == "calendar":
        edges = calendar_edges(limit, account)

        def dated(at: float) -> tuple[float, float]:
            place = bisect_right(edges, at)
            return edges[place - 1], edges[place]

        return dated
    span = limit["span"]
    offset = (account.start + account.skew - limit.get("phase", 0.0)) % span

    def clocked(at: float) -> tuple[float, float]:
        start = floor((at + offset) / span + 1e-12) * span - offset
        return start, start + span

    return clocked


def calendar_edges(limit: Limit, account: Account, days: int = 800) -> list[float]:
    """Return the beginnings of days, weeks or months, in seconds from the start."""
    zone = ZoneInfo(limit.get("zone") or "UTC")
    first = datetime.fromtimestamp(account.start + account.skew, zone).replace(
        hour=0, minute=0, second=0, microsecond=0, tzinfo=None
    ) - timedelta(days=40)
    dates = (first + timedelta(days=n) for n in range(days))
    begins = {
        "day": lambda _: True,
        "week": lambda date: date.weekday() == 0,
        "month": lambda date: date.day == 1,
    }[limit["per"]]
    instants = (d.replace(tzinfo=zone).timestamp() for d in dates if begins(d))
    return [t - account.start - account.skew for t in instants]


SLICES = 1200
SHORTEST = 0.5
"""Slices of the programme, and the shortest one in seconds."""


EARLIER = 1e-7
"""Worth of an answer a slice earlier: of all that serve the most until the end, the earliest."""


def by_programme(
    accounts: Sequence[Account], requests: Sequence[Request], seconds: float
) -> Optimum:
    """Return the bound of a linear programme; accounts that are alike are one large account."""
    return Programme(merged(accounts), requests, seconds).solved()


def merged(accounts: Sequence[Account]) -> list[Account]:
    """Return accounts in which all that are alike are put together, with their limits."""
    alike: dict[str, list[Account]] = {}
    for account in accounts:
        alike.setdefault(repr(account), []).append(account)
    return [_times(group[0], len(group)) for group in alike.values()]


def _times(account: Account, count: int) -> Account:
    def grown(limit: Limit) -> Limit:
        burst = limit.get("burst") or (1 if limit["kind"] == "pace" else None)
        held = {"burst": burst * count} if burst else {}
        return {**limit, "amount": limit["amount"] * count, **held}

    limits = [(since, [grown(limit) for limit in held]) for since, held in account.limits]
    return Account(limits, account.away, account.skew, account.start, count)


class Programme:
    """Cumulated answers by sort of request, account and slice; queues by sort and slice."""

    def __init__(
        self, accounts: Sequence[Account], requests: Sequence[Request], seconds: float
    ) -> None:
        self._accounts = accounts
        patience = max((p for _, p, _, _ in requests), default=0.0)
        self._end = seconds + patience
        sorts = self._sorts(requests)
        self._sorts_of = list(sorts.values())
        wanted = SLICES // max(1, len(sorts) // 2)
        self.width = max(SHORTEST, _round_up(self._end / wanted))
        self._slices = ceil(self._end / self.width)
        self._in_time = max(0, ceil(seconds / self.width) - 1)
        self._rows: list[tuple[dict[int, float], float, float]] = []

    @staticmethod
    def _sorts(requests: Sequence[Request]) -> dict[Any, list[Request]]:
        """Group requests that look alike: same patience, tokens within the same factor of 2."""
        found: dict[Any, list[Request]] = {}
        for request in requests:
            _, patience, prompt, output = request
            key = (patience, prompt.bit_length(), output.bit_length())
            found.setdefault(key, []).append(request)
        return found

    def _place(self, sort: int, account: int, at: int) -> int:
        """Return the column of what an account served of a sort by the end of a slice."""
        return (sort * len(self._accounts) + account) * self._slices + at

    def _row(self, terms: Iterator[tuple[int, float]], low: float, high: float) -> None:
        row: dict[int, float] = {}
        for column, weight in terms:
            row[column] = row.get(column, 0.0) + weight
        self._rows.append((row, low, high))

    def _all_rows(self) -> None:
        for sort, requests in enumerate(self._sorts_of):
            self._demand(sort, requests)
        for place, account in enumerate(self._accounts):
            self._grows(place, account)
            for n, (since, limits) in enumerate(account.limits):
                until = account.limits[n + 1][0] if n + 1 < len(account.limits) else inf
                for limit in limits:
                    self._limit(place, account, limit, (since, until))

    def solved(self) -> Optimum:
        """Solve it with HiGHS, as scipy ships it."""
        import numpy as np
        from scipy.optimize import linprog
        from scipy.sparse import csr_array

        self._columns = len(self._accounts) * len(self._sorts_of) * self._slices
        self._all_rows()
        last = self._slices - 1
        goal = np.zeros(self._columns)
        for sort in range(len(self._sorts_of)):
            for place in range(len(self._accounts)):
                goal[self._place(sort, place, 0) : self._place(sort, place, last)] = -EARLIER
                goal[self._place(sort, place, self._in_time)] -= 1.0
                goal[self._place(sort, place, last)] -= 0.5
        data: list[float] = []
        rows: list[int] = []
        columns: list[int] = []
        most: list[float] = []
        for row, low, high in self._rows:
            for sign, bound in ((1.0, high), (-1.0, -low)):
                if bound < inf:
                    data += [sign * weight for weight in row.values()]
                    columns += row.keys()
                    rows += [len(most)] * len(row)
                    most.append(bound)
        matrix = csr_array((data, (rows, columns)), shape=(len(most), self._columns))
        found = linprog(goal, A_ub=matrix, b_ub=most, bounds=(0, None), method="highs")
        if found.x is None:
            raise RuntimeError(f"the programme was not solved: {found.message}")
        return self._told(found.x)

    def _told(self, solved: Any) -> Optimum:
        times, weights = [], []
        for at in range(self._slices):
            total = 0.0
            for sort in range(len(self._sorts_of)):
                for place in range(len(self._accounts)):
                    total += solved[self._place(sort, place, at)]
                    total -= solved[self._place(sort, place, at - 1)] if at else 0.0
            times.append(at * self.width)
            weights.append(total)
        return Optimum("programme", times, weights)

    def _demand(self, sort: int, requests: Sequence[Request]) -> None:
        """Nobody is served before he comes, nor after he has gone."""
        come = [0] * (self._slices + 1)
        gone = [0] * (self._slices + 1)
        for at, patience, _, _ in requests:
            come[int(at / self.width)] += 1
            gone[min(self._slices, int((at + patience) / self.width))] += 1
        before = left = 0
        lost = self._columns  # cumulated: those who went away
        self._columns += self._slices
        for at in range(self._slices):
            before += come[at]
            left += gone[at]
            served = [(self._place(sort, n, at), 1.0) for n in range(len(self._accounts))]
            self._row(iter([*served, (lost + at, 1.0)]), left, before)
            if at:
                self._row(iter([(lost + at, 1.0), (lost + at - 1, -1.0)]), 0.0, inf)

    def _grows(self, place: int, account: Account) -> None:
        """What was served stays served; while a provider is ill nothing is added."""
        for sort in range(len(self._sorts_of)):
            for at in range(1, self._slices):
                begin, end = at * self.width, (at + 1) * self.width
                shut = any(since <= begin and end <= until for since, until in account.away)
                step = [(self._place(sort, place, at), 1.0), (self._place(sort, place, at - 1), -1)]
                self._row(iter(step), 0.0, 0.0 if shut else inf)

    def _used(self, place: int, metric: str, since: int, until: int) -> Iterator[tuple[int, float]]:
        """Yield the terms of what slices take of a metric, the last one excluded."""
        for sort, requests in enumerate(self._sorts_of):
            weight = _weight(requests, metric)
            if weight and until > 0:
                yield self._place(sort, place, min(until, self._slices) - 1), weight
                if since > 0:
                    yield self._place(sort, place, since - 1), -weight

    def _limit(
        self, place: int, account: Account, limit: Limit, holds: tuple[float, float]
    ) -> None:
        if limit["metric"] == "concurrent":
            return
        first = max(0, ceil(holds[0] / self.width))
        end = min(self._slices, floor(min(holds[1], self._end) / self.width + 1e-9))
        if limit["kind"] in {"bucket", "pace"}:
            self._bucket(place, account, limit, (first, end))
        elif limit["kind"] in {"rolling", "first"}:
            self._rolling(place, limit, first, end)
        else:
            self._ending(place, account, limit, first, end)

    def _rolling(self, place: int, limit: Limit, first: int, end: int) -> None:
        metric, amount, span = limit["metric"], limit["amount"], limit["span"]
        often = 2 if limit["kind"] == "first" else 1  # the end of one window, the begin of the next
        width = max(1, floor(span / self.width + 1e-9))
        most = amount * often if span >= self.width else amount * (ceil(self.width / span) + often)
        for at in range(first, end):
            self._row(self._used(place, metric, at, min(at + width, end)), -inf, most)
        for at in range(first, end, max(1, width)):  # from the beginning: whole windows
            windows = ceil((at + width - first) * self.width / span)
            self._row(self._used(place, metric, first, at + width), -inf, amount * windows)

    def _ending(self, place: int, account: Account, limit: Limit, first: int, end: int) -> None:
        bounds, metric, amount = bounds_of(limit, account), limit["metric"], limit["amount"]
        at = first
        while at < end:
            _, over = bounds(at * self.width + 1e-9)
            inside = max(at + 1, ceil(over / self.width - 1e-9))  # the first slice after it
            touched, to = 1, over
            while to < inside * self.width - 1e-6:
                to = bounds(to + 1e-9)[1]
                touched += 1
            self._row(self._used(place, metric, at, min(inside, end)), -inf, amount * touched)
            whole = floor(over / self.width + 1e-9)
            if whole > at:
                self._row(self._used(place, metric, at, min(whole, end)), -inf, amount)
            at = inside

    def _bucket(self, place: int, account: Account, limit: Limit, holds: tuple[int, int]) -> None:
        """Between any two moments at most what it holds and what comes in: by its level."""
        metric, capacity, (first, end) = limit["metric"], capacity_of(limit), holds
        inflow = limit["amount"] / limit["span"] * self.width
        level = self._columns  # at the beginning of each slice
        self._columns += end - first + 1
        for n in range(end - first + 1):
            self._row(iter([(level + n, 1.0)]), 0.0, capacity)
        for n, at in enumerate(range(first, end)):
            terms = list(self._used(place, metric, at, at + 1))
            step = [(level + n + 1, 1.0), (level + n, -1.0), *terms]
            self._row(iter(step), -inf, inflow)
        if metric == "requests":  # of one account whole ones; parts of several are no answer
            for until in (self._in_time + 1, end):
                came = capacity + inflow * (until - first)
                whole = ceil(came / account.count - 1e-9)
                self._row(self._used(place, metric, first, until), -inf, whole * account.count)


def _weight(requests: Sequence[Request], metric: str) -> float:
    """Return what a request of a sort takes of a metric, on the average."""
    prompt = sum(r[2] for r in requests) / len(requests)
    output = sum(r[3] for r in requests) / len(requests)
    return {
        "requests": 1.0,
        "input_tokens": prompt,
        "output_tokens": output,
        "total_tokens": prompt + output,
    }[metric]


def _round_up(seconds: float) -> float:
    """Return a length that divides minutes, so that slices and windows end together."""
    for nice in (
        0.25,
        0.5,
        1.0,
        2.0,
        3.0,
        5.0,
        10.0,
        15.0,
        20.0,
        30.0,
        60.0,
        120.0,
        180.0,
        300.0,
        600.0,
    ):
        if nice >= seconds:
            return nice
    return ceil(seconds / 3600) * 3600.0
