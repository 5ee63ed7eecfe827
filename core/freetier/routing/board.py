"""What a router remembers of its candidates; kept from answer to answer, not rebuilt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from freetier.routing import charges as ch
from freetier.routing import estimate, fitness, health, hearing
from freetier.routing.custom import Custom
from freetier.routing.drains import Drains
from freetier.routing.edges import edges
from freetier.routing.effects import SurveyAnswer
from freetier.routing.lengths import Lengths
from freetier.routing.lineup import Lineup, Lock
from freetier.routing.needs import Needs, needs
from freetier.routing.search import Search
from freetier.routing.seats import Entry, Placing, Seat
from freetier.routing.spaces import Spaces
from freetier.routing.strategies import sort_key, strategy
from freetier.routing.taught import Taught
from freetier.routing.world import Job, Timing
from freetier.values.accounts import Candidate
from freetier.values.chat import FinishReason, Usage
from freetier.values.faults import Fault, Refused
from freetier.values.quick import maker
from freetier.values.quota import Charge, Cost, Learned, Observation, Reservation, Tally
from freetier.values.standings import Ordering

_reservation = maker(Reservation)

DAY = 86_400.0

FAR_MS = 500
"""How late after sending a provider may count a request that has not been answered:
several round trips of a slow line (research on quota, table 2)."""

LINEUPS_KEPT = 256
"""Choices that are kept in order; the oldest is made anew when it is asked for again."""

SMALLEST = Cost(input_tokens=1, output_tokens=1)


class Board:
    """Entries by candidate key, and lineups by what requests ask for.

    Args:
        given: The strategy: a name, or a callable that orders standings.
        lock: Makes a lock.
    """

    def __init__(self, given: str | Ordering, lock: Lock) -> None:
        strategy(given)  # what is none is found here
        if isinstance(given, str):
            given = given.lower().replace("_", "-")
        self._strategy = given
        self._lock = lock
        self._counting = lock()
        self._entries: dict[str, Entry] = {}
        self._lineups: dict[tuple[object, ...], Lineup] = {}
        self._wins: dict[str, Counter[str]] = {}
        self.lengths = Lengths()
        self.drains = Drains(lock())
        self.spaces = Spaces()
        self.learned: dict[str, Learned] = {}
        self.taught = Taught()
        self.suspects: set[str] = set()
        self.search = Search(lock(), FAR_MS, self.learned)

    def entry(self, candidate: Candidate) -> Entry:
        """Return what is remembered of a candidate."""
        found = self._entries.get(candidate.key)
        if found is None:
            found = self._entries.setdefault(candidate.key, Entry(candidate, FAR_MS))
        return found

    def entries(self) -> tuple[Entry, ...]:
        """Return everything that is remembered."""
        return tuple(self._entries.values())

    def candidates(self) -> tuple[Candidate, ...]:
        """Return every candidate that anything is remembered of."""
        return tuple(entry.prepared.candidate for entry in list(self._entries.values()))

    def needs(self, job: Job) -> Needs:
        """Return what a request needs; found out once."""
        found = job.prepared.get("needs")
        if found is None:
            found = job.prepared["needs"] = needs(job.request)
        return found  # type: ignore[return-value]

    def lineup(self, job: Job) -> Lineup:
        """Return the candidates that can serve requests of this kind, in order."""
        asked, options = self.needs(job), job.options
        media = (asked.image_tokens, asked.audio_tokens, asked.video_tokens, asked.file_tokens)
        key = (
            job.resolved,
            asked.capabilities,
            asked.image_urls,
            tuple(map(bool, media)),
            options.allow_paid,
            options.allow_training,
            options.only,
            options.exclude,
            options.max_cost,
        )
        found = self._lineups.get(key)
        if found is None:
            found = self._lineups[key] = self._made(job, asked)
            while len(self._lineups) > LINEUPS_KEPT:
                self._lineups.pop(next(iter(self._lineups))).leave()
        return found

    def _made(self, job: Job, asked: Needs) -> Lineup:
        small = replace(
            asked, max_tokens=None, text_tokens=0, thought_tokens=0, text_bound=0, longest=0,
            image_tokens=min(1, asked.image_tokens), audio_tokens=min(1, asked.audio_tokens),
            video_tokens=min(1, asked.video_tokens), file_tokens=min(1, asked.file_tokens),
        )  # fmt: skip
        rank, open_, closed = job.resolved.tier_rank, [], []
        wins = self._wins.setdefault(job.resolved.name, Counter())
        for candidate in job.resolved.candidates:
            why = fitness.unfit(small, job.options, candidate, SMALLEST)
            if why is None:
                open_.append(Placing(candidate, self.entry(candidate), rank(candidate), wins))
            else:
                closed.append(why)
        wanted = job.resolved.strategy or self._strategy
        if isinstance(wanted, str):
            return Lineup(open_, sort_key(wanted), tuple(closed), self._lock)
        return Custom.by(wanted, open_, tuple(closed), self._lock)

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

    def charges(self, job: Job, candidate: Candidate, wall: float) -> tuple[Charge, ...]:
        """Return what the request would charge there now."""
        prepared = self.entry(candidate).prepared
        cost = self.cost(job, candidate)
        return ch.charges(prepared, cost, int(wall * 1000), self.learned)

    def adopt(self, tallies: Sequence[Tally]) -> None:
        """Take in the limits that providers told, to whomever."""
        self.learned |= {t.key: t.learned for t in tallies if t.learned is not None}

    def see(
        self, job: Job, seats: Sequence[Seat], found: SurveyAnswer, now: float, wall: float
    ) -> None:
        """Take in a survey of some places: shares, told limits, and blocks."""
        tallies = {tally.key: tally for tally in found.tallies}
        self.adopt(found.tallies)
        for seat in seats:
            charges = self.charges(job, seat.candidate, wall)
            mine = [tallies.get(charge.key) or Tally(charge.key) for charge in charges]
            seat.entry.see(charges, mine, now)
            self.search.heard(seat.entry, tallies, now)
            self._see_blocks(seat, found.blocks, now)
        if seats:
            seats[0].lineup.moved(seats)

    def _see_blocks(self, seat: Seat, blocks: dict[str, tuple[float, Fault]], now: float) -> None:
        """Let a blocked place rest, and wake one that rests for no reason the store knows."""
        keys = seat.entry.keys
        found = [blocks[key] for key in keys.blocks if key in blocks]
        suspects = [key for key in keys.probes if key in blocks]
        self.suspects.update(suspects)
        if found and not seat.until:
            left, fault = max(found)
            why = health.resting(fault, suspected=bool(suspects))
            seat.lineup.rest(seat, now + left, why)
        elif seat.until and not found and (not seat.rest.amount or seat.entry.share_left > 0):
            seat.lineup.wake(seat)

    def wake(self, account: str | None = None) -> None:
        """Ask everybody again, or every candidate of one account: something was cleared."""
        for entry in list(self._entries.values()):
            if account in {None, entry.prepared.candidate.account.id}:
                entry.seen_at = float("-inf")
                for seat in entry.seats:
                    seat.lineup.wake(seat)

    def recovered(self, key: str) -> None:
        """Ask everybody again who was shut under a key: it works again."""
        for entry in list(self._entries.values()):
            if key in entry.keys.guards:
                for seat in entry.seats:
                    seat.lineup.wake(seat)

    def reservation(
        self,
        id: str,  # noqa: A002 - the field's name
        job: Job,
        candidate: Candidate,
        wall: float,
    ) -> Reservation:
        """Return the quota to be held for one attempt."""
        lease = job.options.budgets.attempt or 600.0
        return _reservation(
            id=id,
            charges=self.charges(job, candidate, wall),
            guards=self.entry(candidate).keys.guards,
            far_ms=FAR_MS,
            lease_ms=int(max(lease, candidate.provider.attempt or 0) * 2000),
        )

    def keys(self, candidate: Candidate) -> health.Keys:
        """Return the keys of a candidate's blocks."""
        return self.entry(candidate).keys

    def actual(
        self, candidate: Candidate, usage: Usage, cost: Cost, held: Reservation
    ) -> tuple[int, ...]:
        """Return true amounts in the order of the reservation's charges."""
        true = estimate.actual(usage, candidate, cost)
        return ch.actual_amounts(self.entry(candidate).prepared, true, held.charges)

    def refused(self, candidate: Candidate, held: Reservation, refused: Refused) -> tuple[int, ...]:
        """Return what a refused call takes, in the order of the reservation's charges."""
        return ch.refused_amounts(self.entry(candidate).prepared, held.charges, refused)

    def observed(
        self, candidate: Candidate, held: Reservation, said: Sequence[Observation], wall: float
    ) -> tuple[tuple[Charge, Observation], ...]:
        """Return the charges that a provider's remarks are about; told limits hold at once."""
        if not said:
            return ()
        entry = self.entry(candidate)
        said = self.search.heeded(entry, said)
        return hearing.adopted(entry.prepared, held.charges, said, self.learned, wall)

    def told(
        self, candidate: Candidate, refused: Refused, wall: float
    ) -> tuple[tuple[Charge, Observation], ...]:
        """Return the charge of the limit that a refusal told, if it did; it holds at once."""
        entry = self.entry(candidate)
        said = self.search.heeded(entry, hearing.told_by(refused))
        entry.prepared, said = hearing.opened(entry.prepared, said, refused, FAR_MS)
        charges = ch.charges(entry.prepared, SMALLEST, int(wall * 1000), self.learned)
        return hearing.adopted(entry.prepared, charges, said, self.learned, wall)

    def resets_in(self, candidate: Candidate, refused: Refused, wall: float) -> float | None:
        """Return seconds until the calendar's reset of the window that was hit, if it has one."""
        prepared = self.entry(candidate).prepared
        memory = prepared.memory(int(wall * 1000))
        ends = [
            (line.charge.span_ms, around[2] / 1000 - wall)
            for line, around in zip(prepared.lines, memory.edges, strict=True)
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

    def began(self, candidate: Candidate, held: Reservation) -> None:
        """Note that an attempt is under way, and count what it holds until the next look."""
        entry = self.entry(candidate)
        with self._counting:
            entry.in_flight += 1
            entry.charged(held.charges)

    def ended(self, candidate: Candidate) -> None:
        """Note that an attempt is over; whoever waits for what it gave back may ask again."""
        entry = self.entry(candidate)
        with self._counting:
            entry.in_flight -= 1
        for seat in entry.seats:
            if seat.until and (seat.rest.place or seat.rest.amount):
                seat.lineup.wake(seat)

    def rests(self, candidate: Candidate, until: float, why: health.Rest) -> None:
        """Leave a candidate alone under every name it goes by."""
        for seat in self.entry(candidate).seats:
            seat.lineup.rest(seat, until, why)

    def learn(self, job: Job, candidate: Candidate, usage: Usage, timing: Timing) -> None:
        """Take in what an answer told: lengths, usage, speed."""
        reason = FinishReason.LENGTH if timing.length_stop else FinishReason.STOP
        self.lengths.note(candidate, self.needs(job), usage, reason)
        self.entry(candidate).answered(timing.first)
