"""Where limits that are being found meet requests: what was sent, refused, tried, answered.

State lives in this process; what was found is told to the store, with its source and date, so
that others who share it start from there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
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
    TOKENS,
    Told,
    look_for,
    one_more,
    said_of,
    short_line,
    short_lines,
    suspected,
    taken_of,
    told_of,
    with_unknown,
)
from freetier.values.accounts import Candidate
from freetier.values.faults import Refused
from freetier.values.quota import Charge, Cost, Learned, Metric, Observation, Reservation, Tally

if TYPE_CHECKING:
    from freetier.routing.seats import Entry

ASKED = (Metric.REQUESTS, Metric.TOTAL)
"""What somebody may have found where nobody told anything."""

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
        self._metrics: dict[str, Metric] = {}

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
        return told_of(entry.prepared, found.metric, found.amount) if rose else ()

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
        found = self._found[candidate.key]
        found.tries(request)
        charges = (one_more(charge, found.metric) for charge in held.charges)
        return replace(held, charges=tuple(charges))

    def suspect(self, entry: Entry, refused: Refused, held: Mapping[str, int]) -> Line | None:
        """Make up one's mind what a refusal is about; return its window, if one is known.

        Args:
            entry: Of the candidate.
            refused: What it said.
            held: What is counted in its short windows, by their keys.
        """
        key, lines = entry.prepared.candidate.key, short_lines(entry.prepared)
        if key not in self._found:
            ceilings = [self._ceiling(line) for line in lines]
            units = [held.get(line.charge.key, 0) for line in lines]
            found = suspected(lines, ceilings, units, refused.metric)
            if found in TOKENS and self._is_told(short_line(entry.prepared, found)):
                found = Metric.REQUESTS  # charged ahead: fewer requests help, not fewer tokens
            self._metrics[key] = found
        return self._line(entry)

    def _line(self, entry: Entry) -> Line | None:
        """Return the window that is looked into, if it is one that somebody told of."""
        return short_line(entry.prepared, self._metric(entry))

    def _metric(self, entry: Entry) -> Metric:
        return self._metrics.get(entry.prepared.candidate.key, Metric.REQUESTS)

    def heeded(self, entry: Entry, said: Sequence[Observation]) -> Sequence[Observation]:
        """Return remarks without limits that were told before, and found to be lower."""
        found = self._found.get(entry.prepared.candidate.key)
        return said if found is None else tuple(map(found.heeds, said))

    def takes(self, entry: Entry, cost: Cost) -> int:
        """Return what a request takes of what is looked for."""
        return taken_of(self._metric(entry), cost)

    def counts(self, entry: Entry, refused: Refused) -> bool:
        """Tell whether a haste that was refused may be about a short window we do not know."""
        metric = self._metric(entry)
        instead = metric is Metric.REQUESTS and refused.metric in TOKENS
        if refused.metric not in {None, metric.value} and not instead:
            return False
        line = self._line(entry)
        span = MINUTE if line is None else line.limit.window.span
        if refused.span not in {None, span}:
            return False
        return refused.retry_in is None or refused.retry_in <= span

    def doubts(self, entry: Entry, sent_at: float, now: float) -> bool:
        """Note an unexplained refusal; tell whether to look for the limit from now on."""
        key, line = entry.prepared.candidate.key, self._line(entry)
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
        self,
        entry: Entry,
        refused: Refused,
        when: tuple[str, float, float],
        count: int | None,
        unit: int = 1,
    ) -> tuple[Told, float]:
        """Take in a refusal that is looked into.

        Args:
            entry: Of the candidate.
            refused: What it said.
            when: Name of the request, when it was sent, and now.
            count: What the store says was accepted within the last span; None if nobody counts.
            unit: What the request takes of that.

        Returns:
            What the store is to be told, and how long the candidate is to be left alone.
        """
        request, sent_at, now = when
        key = entry.prepared.candidate.key
        with self._lock:
            found = self._found.get(key)
            if found is None:
                return self._begin(entry, refused, now, unit)
            fell = found.refused(request, sent_at, now, count or 0)
            young = now - found.since < found.span
            shut = found.shut(refused.retry_in)
        told = told_of(entry.prepared, found.metric, found.amount) if fell else ()
        return told, max(shut, found.since + found.span - now) if young else shut

    def _begin(self, entry: Entry, refused: Refused, now: float, unit: int) -> tuple[Told, float]:
        """Begin to look for a limit; what was counted before says nothing about it."""
        key, line, metric = entry.prepared.candidate.key, self._line(entry), self._metric(entry)
        old: Told = ()
        if line is not None:
            found = finding.doubted(line.limit.window.span, self._ceiling(line), now)
            old = ((line.charge, said_of(line.limit, found.amount)),)
            told = self._learned.get(line.told_key)
            found.told = None if told is None else told.amount
        elif metric is Metric.REQUESTS:
            count = max(count for _, count in self._doubts[key])
            found = finding.begun(MINUTE, count, refused.retry_in, now)
        else:
            tokens = max(unit, entry.recent.tokens(now - MINUTE))
            found = finding.begun(MINUTE, tokens, None, now)
        self._sent.pop(key, None)
        found.metric, found.unit = metric, max(1, unit)
        self._found[key] = found
        look_for(entry, metric, found.amount, self._spread_ms)
        shut = found.span if refused.retry_in is None else refused.retry_in
        return (*old, *told_of(entry.prepared, metric, found.amount)), shut

    def _is_told(self, line: Line | None) -> bool:
        """Tell whether the provider itself has said how much a window holds."""
        told = None if line is None else self._learned.get(line.told_key)
        return told is not None and told.source != FOUND

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
            missing = [metric for metric in ASKED if short_line(prepared, metric) is None]
            made = (with_unknown(prepared, metric, 1, self._spread_ms) for metric in missing)
            lines = map(short_line, made, missing)
            found = self._unknown[key] = tuple(line.charge for line in lines if line is not None)
        return found

    def heard(self, entry: Entry, tallies: Mapping[str, Tally], now: float) -> None:
        """Look for a limit too if somebody who shares the store does."""
        key = entry.prepared.candidate.key
        if key in self._found:
            return
        known = (line.charge for line in short_lines(entry.prepared))
        for charge in (*known, *self._unknown.get(key, ())):
            tally = tallies.get(charge.key)
            if tally is not None and tally.learned is not None and tally.learned.source == FOUND:
                self.adopt(entry, charge.metric, tally.learned, now)

    def adopt(self, entry: Entry, metric: Metric, learned: Learned, now: float) -> None:
        """Look for a limit from what another process, or a sibling of the account, has found."""
        key, line = entry.prepared.candidate.key, short_line(entry.prepared, metric)
        if key in self._found:
            return
        span = MINUTE if line is None else line.limit.window.span
        most = learned.amount if line is None else min(learned.amount, self._ceiling(line))
        found = finding.doubted(span, most, now)
        found.metric, found.unit = metric, taken_of(metric, entry.recent.mean)
        own = None if line is None or line.limit.source not in OWN else line.charge.ceiling
        found.most = own or float("inf")
        self._metrics[key] = metric
        self._found[key] = found
        look_for(entry, metric, learned.amount, self._spread_ms)

    def siblings(self, entry: Entry, entries: Iterable[Entry]) -> list[Entry]:
        """Return those at the same provider and model who know as little as this one did."""
        one, metric = entry.prepared.candidate, self._metric(entry)
        return [
            other
            for other in entries
            if other is not entry
            and other.prepared.candidate.provider is one.provider
            and other.prepared.candidate.model.id == one.model.id
            and other.prepared.candidate.key not in self._found
            and short_line(other.prepared, metric) is None
        ]
