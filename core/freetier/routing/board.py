"""What a router remembers of its candidates; kept from answer to answer, not rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from freetier.routing import charges as ch
from freetier.routing import estimate, fitness, health
from freetier.routing.edges import edges
from freetier.routing.effects import SurveyAnswer
from freetier.routing.lengths import Lengths
from freetier.routing.needs import Needs, needs
from freetier.routing.shares import harvest_price, share_left
from freetier.routing.strategies import order, strategy
from freetier.routing.world import Job, Timing
from freetier.values.accounts import Candidate
from freetier.values.chat import FinishReason, Usage
from freetier.values.faults import Refused
from freetier.values.quota import Charge, Cost, Learned, Observation, Reservation, Tally
from freetier.values.reports import Skipped
from freetier.values.standings import Ordering, Standing, Turn

LATENCY_KEPT = 0.8
"""Share of the old figure in the running mean of a candidate's latency."""

DAY = 86_400.0

FAR_MS = 500
"""How late after sending a provider may count a request that has not been answered:
several round trips of a slow line (research on quota, table 2)."""


class Entry:
    """What is remembered of one candidate, under whatever name it was found."""

    __slots__ = ("in_flight", "keys", "latency", "prepared", "share_left", "wins")

    def __init__(self, candidate: Candidate) -> None:
        self.prepared = ch.prepare(candidate, FAR_MS)
        self.keys = health.keys(candidate)
        self.in_flight = 0
        self.latency: float | None = None
        self.share_left = 1.0
        self.wins = 0


class Board:
    """Entries by candidate key; writers may race, which costs an order and never quota.

    Args:
        given: The strategy: a name, or a callable that orders standings.
    """

    def __init__(self, given: str | Ordering) -> None:
        self._strategy = given if not isinstance(given, str) else strategy(given)
        self._entries: dict[str, Entry] = {}
        self._turns: dict[str, count[int]] = {}
        self._chance: float | None = None
        self.lengths = Lengths()
        self.learned: dict[str, Learned] = {}

    def entry(self, candidate: Candidate) -> Entry:
        """Return what is remembered of a candidate."""
        found = self._entries.get(candidate.key)
        if found is None:
            found = self._entries.setdefault(candidate.key, Entry(candidate))
        return found

    def candidates(self) -> tuple[Candidate, ...]:
        """Return every candidate that anything is remembered of."""
        return tuple(entry.prepared.candidate for entry in list(self._entries.values()))

    def needs(self, job: Job) -> Needs:
        """Return what a request needs; found out once."""
        found = job.prepared.get("needs")
        if found is None:
            found = job.prepared["needs"] = needs(job.request)
        return found  # type: ignore[return-value]

    def cost(self, job: Job, candidate: Candidate) -> Cost:
        """Return what the request is estimated to take there; the same all through it."""
        found = job.prepared.get(candidate.key)
        if found is None:
            found = estimate.cost_of(self.needs(job), candidate, self.lengths, job.options)
            job.prepared[candidate.key] = found
        return found  # type: ignore[return-value]

    def bound(self, job: Job, candidate: Candidate) -> int | None:
        """Return the output bound that has to be sent although the caller set none."""
        cost = self.cost(job, candidate)
        return estimate.bound_of(self.needs(job), candidate, cost, job.options)

    def fit(
        self, job: Job, candidates: Sequence[Candidate]
    ) -> tuple[list[Candidate], list[Skipped]]:
        """Return those that can serve the request at all, and why the others cannot."""
        fit, skipped, asked = [], [], self.needs(job)
        for candidate in candidates:
            why = fitness.unfit(asked, job.options, candidate, self.cost(job, candidate))
            if why is None:
                fit.append(candidate)
            else:
                skipped.append(why)
        return fit, skipped

    def lines(
        self, job: Job, candidates: Sequence[Candidate], wall: float
    ) -> tuple[tuple[Charge, ...], tuple[str, ...]]:
        """Return the charges and guards a survey of these candidates reads."""
        charges: dict[str, Charge] = {}
        guards: dict[str, None] = {}
        for candidate in candidates:
            for charge in self._charges(job, candidate, wall):
                charges[charge.key] = charge
            guards.update(dict.fromkeys(self.entry(candidate).keys.guards))
        return tuple(charges.values()), tuple(guards)

    def _charges(self, job: Job, candidate: Candidate, wall: float) -> tuple[Charge, ...]:
        prepared = self.entry(candidate).prepared
        cost = self.cost(job, candidate)
        return ch.charges(prepared, cost, int(wall * 1000), self.learned)

    def order(
        self, job: Job, candidates: Sequence[Candidate], found: SurveyAnswer, wall: float
    ) -> list[Candidate]:
        """Return candidates in the order of the strategy."""
        tallies = {tally.key: tally for tally in found.tallies}
        self._take_in(found.tallies)
        standings = [
            self._standing(job, candidate, self._charges(job, candidate, wall), tallies)
            for candidate in candidates
        ]
        if self._chance is None:
            self._chance = job.chance  # one for all: golden steps spread from where they begin
        turns = self._turns.setdefault(job.resolved.name, count())
        turn = Turn(counter=next(turns), chance=self._chance)
        return list(order(job.resolved.strategy or self._strategy, standings, turn))

    def _take_in(self, tallies: Sequence[Tally]) -> None:
        for tally in tallies:
            if tally.learned is not None:
                self.learned[tally.key] = tally.learned

    def _standing(
        self,
        job: Job,
        candidate: Candidate,
        charges: tuple[Charge, ...],
        tallies: dict[str, Tally],
    ) -> Standing:
        entry = self.entry(candidate)
        mine = [tallies.get(charge.key) or Tally(charge.key) for charge in charges]
        entry.share_left = share_left(charges, mine)
        return Standing(
            candidate=candidate,
            share_left=entry.share_left,
            in_flight=entry.in_flight,
            latency=entry.latency,
            price=harvest_price(charges, mine),
            wins=entry.wins,
            tier_rank=job.resolved.tier_rank(candidate),
        )

    def reservation(
        self,
        id: str,  # noqa: A002 - the field's name
        job: Job,
        candidate: Candidate,
        wall: float,
    ) -> Reservation:
        """Return the quota to be held for one attempt."""
        lease = job.options.budgets.attempt or 600.0
        return Reservation(
            id=id,
            charges=self._charges(job, candidate, wall),
            guards=self.entry(candidate).keys.guards,
            far_ms=FAR_MS,
            lease_ms=int(max(lease, candidate.provider.attempt or 0) * 2000),
        )

    def keys(self, candidate: Candidate) -> health.Keys:
        """Return the keys of a candidate's blocks."""
        return self.entry(candidate).keys

    def actual(self, candidate: Candidate, usage: Usage, cost: Cost) -> tuple[int, ...]:
        """Return true amounts in the order of the reservation's charges."""
        true = estimate.actual(usage, candidate, cost)
        return ch.actual_amounts(self.entry(candidate).prepared, true)

    def refused(self, candidate: Candidate) -> tuple[int, ...]:
        """Return what a refused call takes."""
        return ch.refused_amounts(self.entry(candidate).prepared)

    def observed(
        self, candidate: Candidate, held: Reservation, said: Sequence[Observation]
    ) -> tuple[tuple[Charge, Observation], ...]:
        """Return the charges that a provider's remarks are about."""
        return ch.observed(self.entry(candidate).prepared, held.charges, said) if said else ()

    def resets_in(self, candidate: Candidate, refused: Refused, wall: float) -> float | None:
        """Return seconds until the calendar's reset of the window that was hit, if it has one."""
        memory = self.entry(candidate).prepared.memory(int(wall * 1000))
        ends = [
            (line.charge.span_ms, around[2] / 1000 - wall)
            for line, around in zip(self.entry(candidate).prepared.lines, memory.edges, strict=True)
            if around and refused.span in {None, line.charge.span_ms / 1000}
        ]
        if ends:
            return max(0.0, min(ends)[1])
        zone = candidate.provider.day_zone
        if refused.span == DAY and zone is not None:
            return edges("day", zone, int(wall * 1000))[2] / 1000 - wall
        return None

    def price(self, candidate: Candidate, usage: Usage) -> float:
        """Return what an answer cost, in US dollars."""
        if candidate.free:
            return 0.0
        output = max(usage.output_tokens, usage.total_tokens - usage.input_tokens)
        return estimate.spent(usage, candidate, output) / estimate.NANO

    def began(self, candidate: Candidate) -> None:
        """Note that an attempt is under way."""
        entry = self.entry(candidate)
        entry.in_flight += 1
        entry.wins += 1

    def ended(self, candidate: Candidate) -> None:
        """Note that it is over, however it ended."""
        self.entry(candidate).in_flight -= 1

    def learn(self, job: Job, candidate: Candidate, usage: Usage, timing: Timing) -> None:
        """Take in what an answer told: lengths, usage, speed."""
        reason = FinishReason.LENGTH if timing.length_stop else FinishReason.STOP
        self.lengths.note(candidate, self.needs(job), usage, reason)
        entry = self.entry(candidate)
        before = entry.latency
        mixed = LATENCY_KEPT * (before or 0) + (1 - LATENCY_KEPT) * timing.first
        entry.latency = timing.first if before is None else mixed
