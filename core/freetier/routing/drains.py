"""Two accounts that were to be separate, and drain together: told once.

A provider tells how much is left of an account's window. Between two such remarks it falls
by what the account itself was charged; if it falls by what *another* account was charged as
well, and the other's likewise, the provider counts the two together. Only requests are
compared, because a provider counts them whole; tokens are corrected after the remark.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from math import ceil
from typing import Any, NamedTuple

from freetier.values.quota import Charge, Kind, Metric, Observation

ENOUGH = 4
"""Agreeing remarks, in each of the two directions, before anything is said."""

AGAINST = 2
"""Agreeing remarks that one remark against it takes away."""

KEPT = 256
"""Requests between two remarks of one account; with more of them nothing is concluded."""

REFILLED = frozenset({Kind.BUCKET, Kind.PACE, Kind.ROLLING, Kind.COUNTER})
"""Windows in which something may come back between two remarks."""

Pair = tuple[str, str]


class _Place(NamedTuple):
    """Where a charge counts: in which series, of which account, in which window of it."""

    series: _Series
    account: str
    over: str


class _Remark(NamedTuple):
    """What was left, when, after how many requests, and how many of them were under way."""

    left: int
    at_ms: int
    number: int
    under_way: int


@dataclass(slots=True)
class _Series:
    """Windows of one provider, metric and length, over all its accounts and models."""

    number: int = 0
    under_way: int = 0
    sent: deque[tuple[int, str, str, int]] = field(default_factory=lambda: deque(maxlen=KEPT))
    remarks: dict[Pair, _Remark] = field(default_factory=dict)

    def since(self, number: int) -> list[tuple[str, str, int]] | None:
        """Return what was sent after a request, or None if that is forgotten."""
        if self.sent and self.sent[0][0] > number + 1:
            return None
        return [(account, over, n) for at, account, over, n in self.sent if at > number]


@dataclass(frozen=True, slots=True)
class _Fall:
    """How a window fell between two remarks.

    Attributes:
        excess: By how much more than its account's own requests.
        unsure: Requests that may or may not be in it, because they were under way.
        back: How much may have come back meanwhile.
    """

    excess: int
    unsure: int
    back: int

    def verdict(self, taken: int) -> int:
        """Return whether an account that took so much is in it: 1 yes, -1 no, 0 unknown."""
        least = taken - self.back - self.unsure
        if least <= self.unsure:  # it would look alike either way
            return -1 if not taken and self.excess > self.unsure else 0
        return 1 if least <= self.excess <= taken + self.unsure else -1


class Drains:
    """Notes requests and remarks, and finds accounts that drain together.

    Args:
        lock: Held while anything is noted; several threads send at once.
    """

    __slots__ = ("_agreed", "_found", "_lock", "_places", "_series")

    def __init__(self, lock: AbstractContextManager[Any]) -> None:
        self._lock = lock
        self._series: dict[str, _Series] = {}
        self._places: dict[str, _Place] = {}
        self._agreed: dict[Pair, int] = {}  # (who told, whose requests it fell by)
        self._found: dict[Pair, str] = {}

    @property
    def findings(self) -> tuple[str, ...]:
        """Return what was found so far, a sentence for each pair of accounts."""
        return tuple(self._found.values())

    def sent(self, charges: Sequence[Charge]) -> None:
        """Note a request that is about to be sent."""
        with self._lock:
            for charge in charges:
                if charge.metric is Metric.REQUESTS:
                    series, account, over = self._place(charge.key)
                    series.number += 1
                    series.under_way += charge.amount
                    series.sent.append((series.number, account, over, charge.amount))

    def ended(self, charges: Sequence[Charge]) -> None:
        """Note that a request is over."""
        with self._lock:
            for charge in charges:
                if charge.metric is Metric.REQUESTS:
                    self._place(charge.key).series.under_way -= charge.amount

    def told(self, observed: Sequence[tuple[Charge, Observation]], now_ms: int) -> tuple[str, ...]:
        """Take in what the answer to a request under way told; return what is found anew.

        Args:
            observed: Remarks, and the charges of that request which they are about.
            now_ms: Milliseconds on any clock; only differences count.
        """
        found: list[str] = []
        with self._lock:
            for charge, said in observed:
                if said.remaining is not None and charge.metric is Metric.REQUESTS:
                    place = self._place(charge.key)
                    waiting = place.series.under_way - charge.amount
                    number = place.series.number
                    self._compare(place, charge, _Remark(said.remaining, now_ms, number, waiting))
                    found += self._said(place.account)
        return tuple(found)

    def _place(self, key: str) -> _Place:
        place = self._places.get(key)
        if place is None:
            tag, _, window = key.partition("|")
            over, _, length = window.partition("|")
            series = self._series.setdefault(f"{over.partition('/')[0]}|{length}", _Series())
            place = self._places[key] = _Place(series, tag.strip("{}"), over)
        return place

    def _compare(self, place: _Place, charge: Charge, now: _Remark) -> None:
        """Compare a remark with the last one; keep that one while it may still tell something."""
        series, account, over = place
        before = series.remarks.get((account, over))
        sent = None if before is None else series.since(before.number)
        if before is None or sent is None or now.left > before.left:
            series.remarks[account, over] = now  # or the window began anew
            return
        own = sum(n for who, what, n in sent if who == account and what == over)
        others: dict[str, int] = {}
        for who, what, n in sent:
            if who != account and what == over:
                others[who] = others.get(who, 0) + n
        back = 0
        if charge.kind in REFILLED:  # remarks are whole, so what came back in part counts whole
            back = ceil(charge.ceiling * (now.at_ms - before.at_ms) / charge.span_ms)
        fall = _Fall(before.left - now.left - own, before.under_way + now.under_way, back)
        mixed = any(who == account and what != over for who, what, _ in sent)
        if mixed or self._weighed(account, others, fall) or not others:
            series.remarks[account, over] = now

    def _weighed(self, account: str, others: dict[str, int], fall: _Fall) -> bool:
        """Count for and against each other account; tell whether anything was to be learned."""
        suspects = {other for one, other in self._agreed if one == account}
        verdicts = {who: fall.verdict(others.get(who, 0)) for who in {*others, *suspects}}
        alone = sum(1 for verdict in verdicts.values() if verdict > 0) == 1
        for other, verdict in verdicts.items():
            if verdict < 0 or (verdict > 0 and alone):
                pair, step = (account, other), 1 if verdict > 0 else -AGAINST
                self._agreed[pair] = max(0, min(ENOUGH, self._agreed.get(pair, 0) + step))
                if not self._agreed[pair]:
                    del self._agreed[pair]
        return any(verdicts.values())

    def _said(self, account: str) -> list[str]:
        """Return the sentences about pairs that have become certain with this account's remark."""
        found = []
        for one, other in self._agreed:
            pair = (min(one, other), max(one, other))
            if account == one and pair not in self._found and self._certain(pair):
                found.append(_sentence(*pair))
                self._found[pair] = found[-1]
        return found

    def _certain(self, pair: Pair) -> bool:
        there, back = self._agreed.get(pair, 0), self._agreed.get((pair[1], pair[0]), 0)
        return min(there, back) >= ENOUGH


def _sentence(one: str, other: str) -> str:
    return (
        f"accounts {one!r} and {other!r} drain together: what is left of each falls by what "
        "the other takes, so the provider counts them as one; give both the same `pool`, "
        "or requests will be refused"
    )
