"""What is remembered of a candidate, and its place in one choice of candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freetier.routing import charges as ch
from freetier.routing import health
from freetier.routing.recent import Recent
from freetier.routing.shares import harvest_price, share_left
from freetier.values.accounts import Candidate
from freetier.values.quota import Charge, Cost, Tally

if TYPE_CHECKING:
    from freetier.routing.lineup import Lineup

LATENCY_KEPT = 0.8
"""Share of the old figure in the running mean of a candidate's latency."""

SILENCE_KEPT = health.BREAKER_SPAN
"""Seconds after which silence of earlier is no evidence any more."""


class Entry:
    """What is remembered of one candidate, under whatever name it was found.

    Attributes:
        prepared: Its charges, but for the request and the moment.
        keys: Of its blocks.
        share_left, price: As of `seen_at`, and of what was charged since.
        seen_at: When the store was last asked about it, on the clock of `now`.
        in_flight: Attempts under way.
        latency: Running mean of seconds to the first content; of one that was overtaken, what
            it was waited for.
        usual: The same of answers alone.
        silent: Seconds it was waited for in vain since its last answer.
        recent: What it answered lately.
        seats: Where it is placed.
    """

    __slots__ = (
        "in_flight",
        "keys",
        "latency",
        "prepared",
        "price",
        "recent",
        "seats",
        "seen_at",
        "share_left",
        "silent",
        "silent_at",
        "usual",
    )

    def __init__(self, candidate: Candidate, far_ms: int) -> None:
        self.prepared = ch.prepare(candidate, far_ms)
        self.keys = health.keys(candidate)
        self.in_flight = 0
        self.latency: float | None = None
        self.usual: float | None = None
        self.silent = 0.0
        self.silent_at = float("-inf")
        self.recent = Recent()
        self.share_left = 1.0
        self.price = 0.0
        self.seen_at = float("-inf")
        self.seats: list[Seat] = []

    def takes(self, key: str, cost: Cost) -> int:
        """Return what a cost takes of one window; all its tokens if that is counted no more."""
        lines = self.prepared.lines
        found = (line.amount(cost) for line in lines if line.charge.key == key)
        return next(found, cost.total_tokens)

    def see(self, charges: Sequence[Charge], tallies: Sequence[Tally], now: float) -> None:
        """Take in what the store says of its windows."""
        self.share_left = share_left(charges, tallies)
        self.price = harvest_price(charges, tallies)
        self.seen_at = now

    def charged(self, charges: Sequence[Charge]) -> None:
        """Count a granted reservation until the store is asked again."""
        taken = [c.amount / c.ceiling for c in charges if c.ceiling > 0]
        self.share_left = max(0.0, self.share_left - max(taken, default=0.0))

    def answered(self, seconds: float) -> None:
        """Mix one more answer into what is usual."""
        self.usual = _mixed(self.usual, seconds)
        self.latency = _mixed(self.latency, seconds)
        self.silent = 0.0

    def waited(self, seconds: float, now: float) -> float:
        """Add seconds without an answer that end now; return all of late, each counted once."""
        since = now - self.silent_at
        if since > SILENCE_KEPT:
            self.silent = 0.0
        self.silent += min(seconds, since)
        self.silent_at = now
        return self.silent

    def late(self, seconds: float) -> None:
        """Take in that an answer, which nobody waited for, would have taken longer than this."""
        if self.latency is None or seconds > self.latency:
            self.latency = _mixed(self.latency, seconds)


def _mixed(before: float | None, seconds: float) -> float:
    return seconds if before is None else LATENCY_KEPT * before + (1 - LATENCY_KEPT) * seconds


@dataclass(frozen=True, slots=True)
class Placing:
    """What a place is made of: candidate, entry, rank of its tier, wins by candidate key."""

    candidate: Candidate
    entry: Entry
    tier_rank: int
    wins: Counter[str]


class Seat:
    """A candidate's place among those behind one name; read by strategies like a standing.

    Attributes:
        candidate: With its step in the ladder.
        entry: Shared with every other place of the same candidate.
        tier_rank: Smaller comes first where the alias orders by tier.
        wins: How often it was chosen under this name, whatever was asked of it.
        until: When it is worth asking again, on the clock of `now`; 0 if now.
        rest: Why it rests, if it does.
        lineup: Where it sits.
    """

    __slots__ = ("_wins", "candidate", "entry", "lineup", "rest", "tier_rank", "until")

    def __init__(self, placed: Placing, lineup: Lineup) -> None:
        self.candidate = placed.candidate
        self.entry = placed.entry
        self.tier_rank = placed.tier_rank
        self._wins = placed.wins
        self.until = 0.0
        self.rest = health.READY
        self.lineup = lineup

    @property
    def wins(self) -> int:
        """Return how often it was chosen under this name."""
        return self._wins[self.candidate.key]

    def won(self) -> None:
        """Note that it was chosen."""
        self._wins[self.candidate.key] += 1

    @property
    def share_left(self) -> float:
        """Return the share left of its tightest window."""
        return self.entry.share_left

    @property
    def in_flight(self) -> int:
        """Return the attempts under way at it."""
        return self.entry.in_flight

    @property
    def latency(self) -> float | None:
        """Return recent seconds to the first content."""
        return self.entry.latency

    @property
    def price(self) -> float:
        """Return the price of its dearest window."""
        return self.entry.price

    @property
    def blended(self) -> float:
        """Return dollars per token, 0 if free, infinity if not known."""
        if self.candidate.free:
            return 0.0
        known = self.candidate.prices.blended
        return float("inf") if known is None else known
