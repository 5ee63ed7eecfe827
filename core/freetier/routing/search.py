"""Where limits that are being found meet requests: what was sent, refused, tried, answered.

State lives in this process; what was found is told to the store, with its source and date, so
that others who share it start from there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from freetier.routing import finding
from freetier.routing.finding import Finding
from freetier.routing.limits import OWN
from freetier.routing.lines import Line
from freetier.routing.sought import (
    FOUND,
    MINUTE,
    Told,
    look_for,
    one_more,
    said_of,
    short_line,
    told_of,
    with_unknown,
)
from freetier.values.accounts import Candidate
from freetier.values.faults import Fault, Refused
from freetier.values.quota import Charge, Learned, Metric, Reservation, Tally

if TYPE_CHECKING:
    from freetier.routing.seats import Entry

RECENT = 20_000
"""Requests that are remembered of an account without limits; more a minute are none of ours."""


class Search:
    """What is being found, by candidate key.

    Args:
        lock: Held while anything is noted; several threads send at once.
        spread_ms: By how much the way to a provider may vary.
        learned: Limits that were told or found, by key; the board's own, only read.
    """

    def __init__(
        self, lock: AbstractContextManager[Any], spread_ms: int, learned: Mapping[str, Learned]
    ) -> None:
        self._lock = lock
        self._learned = learned
        self._spread_ms = spread_ms
        self._found: dict[str, Finding] = {}
        self._sent: dict[str, deque[float]] = {}
        self._doubts: dict[str, list[tuple[float, int]]] = {}
        self._unknown: dict[str, tuple[Charge, ...]] = {}

    def sent(self, entry: Entry, now: float) -> None:
        """Note that a request goes to a candidate."""
        key = entry.prepared.candidate.key
        found = self._found.get(key)
        if found is not None:
            found.sent_at = now
        elif short_line(entry.prepared) is None:
            with self._lock:
                sent = self._sent.setdefault(key, deque(maxlen=RECENT))
                while sent and sent[0] <= now - MINUTE:
                    sent.popleft()
                sent.append(now)

    def answered(self, entry: Entry, request: str, now: float) -> Told:
        """Note an answer; return what the store is to be told."""
        if not self._found:
            return ()
        found = self._found.get(entry.prepared.candidate.key)
        if found is None:
            return ()
        with self._lock:
            rose = found.answered(request, now)
        return told_of(entry.prepared, found.amount) if rose else ()

    def let_go(self, entry: Entry, request: str) -> None:
        """Note that a request ended without a verdict on any limit."""
        found = self._found.get(entry.prepared.candidate.key)
        if found is not None:
            found.let_go(request)

    def may_try(self, candidate: Candidate, now: float) -> bool:
        """Tell whether a request may go to a candidate as a marked trial."""
        found = self._found.get(candidate.key)
        return found is not None and found.may_try(now)

    def trial(self, candidate: Candidate, request: str, held: Reservation) -> Reservation:
        """Return a reservation that asks for one request more than the number allows."""
        self._found[candidate.key].tries(request)
        charges = (one_more(charge) for charge in held.charges)
        return replace(held, charges=tuple(charges))

    def counts(self, entry: Entry, refused: Refused) -> bool:
        """Tell whether a refusal may be about a short window of requests that we do not know."""
        if refused.fault is not Fault.RATE_LIMITED:
            return False
        if refused.metric not in {None, Metric.REQUESTS.value}:
            return False
        line = short_line(entry.prepared)
        span = MINUTE if line is None else line.limit.window.span
        if refused.span not in {None, span}:
            return False
        return refused.retry_in is None or refused.retry_in <= span

    def doubts(self, entry: Entry, sent_at: float, now: float) -> bool:
        """Note an unexplained refusal; tell whether to look for the limit from now on."""
        key, line = entry.prepared.candidate.key, short_line(entry.prepared)
        if key in self._found:
            return True
        span = MINUTE if line is None else line.limit.window.span
        with self._lock:
            known = self._doubts.get(key, ())
            kept = [one for one in known if one[0] > now - finding.DOUBTED_FOR * span]
            if not kept or sent_at > kept[-1][0]:  # what was under way says nothing new
                kept.append((now, self._before(key, sent_at)))
            self._doubts[key] = kept
            busy = line is None and kept[-1][1] >= finding.BUSY
            return busy or len(kept) >= finding.DOUBTS

    def _before(self, key: str, sent_at: float) -> int:
        """Return how many requests went in the minute before one."""
        sent = self._sent.get(key, ())
        return bisect_left(sent, sent_at) - bisect_left(sent, sent_at - MINUTE)

    def refused(
        self, entry: Entry, refused: Refused, when: tuple[str, float, float], count: int | None
    ) -> tuple[Told, float]:
        """Take in a refusal that is looked into.

        Args:
            entry: Of the candidate.
            refused: What it said.
            when: Name of the request, when it was sent, and now.
            count: What the store says was accepted within the last span; None if nobody counts.

        Returns:
            What the store is to be told, and how long the candidate is to be left alone.
        """
        request, sent_at, now = when
        key = entry.prepared.candidate.key
        with self._lock:
            found = self._found.get(key)
            if found is None:
                return self._begin(entry, refused, now)
            fell = found.refused(request, sent_at, now, count or 0)
            young = now - found.since < found.span
            shut = found.shut(refused.retry_in)
        told = told_of(entry.prepared, found.amount) if fell else ()
        return told, max(shut, found.since + found.span - now) if young else shut

    def _begin(self, entry: Entry, refused: Refused, now: float) -> tuple[Told, float]:
        """Begin to look for a limit; what was counted before says nothing about it."""
        key, line = entry.prepared.candidate.key, short_line(entry.prepared)
        if line is None:
            count = max(count for _, count in self._doubts[key])
            self._sent.pop(key, None)
            found = finding.begun(MINUTE, count, refused.retry_in, now)
            old: Told = ()
        else:
            found = finding.doubted(line.limit.window.span, self._ceiling(line), now)
            old = ((line.charge, said_of(line.limit, found.amount)),)
        self._found[key] = found
        look_for(entry, found.amount, self._spread_ms)
        shut = found.span if refused.retry_in is None else refused.retry_in
        return (*old, *told_of(entry.prepared, found.amount)), shut

    def _ceiling(self, line: Line) -> int:
        """Return what a window holds as far as anybody said; the user's own number only falls."""
        told = self._learned.get(line.told_key)
        if told is None:
            return line.charge.ceiling
        return min(told.amount, line.charge.ceiling) if line.limit.source in OWN else told.amount

    def unknown(self, entry: Entry) -> tuple[Charge, ...]:
        """Return the charge of a short window that nobody told of, to ask whether it was found."""
        prepared = entry.prepared
        key = prepared.candidate.key
        if key in self._found:
            return ()
        found = self._unknown.get(key)
        if found is None:
            line = None
            if short_line(prepared) is None:
                line = short_line(with_unknown(prepared, 1, self._spread_ms))
            found = self._unknown[key] = () if line is None else (line.charge,)
        return found

    def heard(self, entry: Entry, tallies: Mapping[str, Tally], now: float) -> None:
        """Look for a limit too if somebody who shares the store does."""
        key = entry.prepared.candidate.key
        if key in self._found:
            return
        line = short_line(entry.prepared)
        asked = [line.charge.key] if line else [c.key for c in self._unknown.get(key, ())]
        for one in asked:
            tally = tallies.get(one)
            if tally is not None and tally.learned is not None and tally.learned.source == FOUND:
                self.adopt(entry, tally.learned, now)

    def adopt(self, entry: Entry, learned: Learned, now: float) -> None:
        """Look for a limit from what another process, or a sibling of the account, has found."""
        key, line = entry.prepared.candidate.key, short_line(entry.prepared)
        if key in self._found:
            return
        span = MINUTE if line is None else line.limit.window.span
        found = finding.doubted(span, learned.amount, now)
        if line is None or line.limit.source not in OWN:
            found.most = float("inf")
        self._found[key] = found
        look_for(entry, learned.amount, self._spread_ms)

    def siblings(self, entry: Entry, entries: Iterable[Entry]) -> list[Entry]:
        """Return those at the same provider and model who know as little as this one did."""
        one = entry.prepared.candidate
        return [
            other
            for other in entries
            if other is not entry
            and other.prepared.candidate.provider is one.provider
            and other.prepared.candidate.model.id == one.model.id
            and other.prepared.candidate.key not in self._found
            and short_line(other.prepared) is None
        ]
