"""A judge that sees only the fleet's books: could a request that failed have been answered?

It knows the true limits and when the caller would have gone, nothing of the router.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from freetier.testing import Limit
from freetier.testing.books import Entry

SLACK = 1.0
"""Seconds by which a window is taken to be longer: the provider may count late."""

MEMORY = 600.0
"""Seconds for which a fault is known at most before somebody asks again (decisions 8)."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One account and its true limits."""

    provider: str
    account: str
    limits: Sequence[tuple[int, float]]

    @classmethod
    def of(cls, provider: str, account: str, limits: Iterable[Limit]) -> Place:
        """Return the place of an account with rolling windows."""
        spans = {"minute": 60.0, "day": 86_400.0}
        found = tuple((limit.amount, spans[str(limit.window)]) for limit in limits)
        return cls(provider=provider, account=account, limits=found)


class Replay:
    """Looks back at a day through its books."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._admitted: dict[str, list[float]] = {}
        self._good: dict[str, list[float]] = {}
        self._bad: dict[str, list[tuple[float, bool]]] = {}
        for entry in sorted(entries, key=lambda e: e.at):
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        if entry.verdict == "admitted":
            self._admitted.setdefault(entry.account, []).append(entry.at)
        spoilt = bool(entry.why) or entry.verdict in {"failed", "rejected"}
        for name in (entry.account, entry.provider):
            if spoilt:
                forever = entry.verdict == "rejected" or entry.status in {401, 403, 404}
                self._bad.setdefault(name, []).append((entry.at, forever))
            elif entry.verdict == "admitted":
                self._good.setdefault(name, []).append(entry.at)

    def had_room(self, place: Place, at: float) -> bool:
        """Tell whether one more request at an instant had broken no limit, then or later."""
        times = self._admitted.get(place.account, [])
        for amount, span in place.limits:
            wide = span + SLACK
            ends = [at, *times[bisect_left(times, at) : bisect_left(times, at + wide)]]
            for end in ends:
                inside = bisect_right(times, end) - bisect_right(times, end - wide)
                if inside >= amount:
                    return False
        return True

    def was_well(self, place: Place, at: float) -> bool:
        """Tell whether nothing was known against an account or its provider."""
        return not any(self._known_bad(name, at) for name in (place.account, place.provider))

    def _known_bad(self, name: str, at: float) -> bool:
        bad = [(when, forever) for when, forever in self._bad.get(name, ()) if when <= at + SLACK]
        if not bad:
            return False
        when, forever = bad[-1]
        good = [one for one in self._good.get(name, ()) if when < one <= at]
        return not good and (forever or at - when <= MEMORY + SLACK)

    def chance(
        self, places: Iterable[Place], since: float, until: float
    ) -> tuple[str, float] | None:
        """Return who could have answered when, or None if nobody could."""
        instants = [since + step for step in range(int(until - since) + 1)]
        for place in places:
            for at in instants:
                if self.was_well(place, at) and self.had_room(place, at):
                    return place.account, at
        return None
