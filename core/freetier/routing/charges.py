"""From limits, a cost and an instant to charges: what a reservation asks of the store.

What does not change is worked out once per candidate; charges are remembered by what
they charge, because most requests charge what others did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from freetier.routing.edges import Edges, edges
from freetier.routing.limits import OWN, class_of, span_class
from freetier.routing.lines import Line, lines_of
from freetier.values.accounts import Candidate
from freetier.values.faults import Refused
from freetier.values.quota import Charge, Cost, Learned, Metric, Observation, Reservation

REMEMBERED = 256
"""Different costs kept per candidate; then the memory starts anew."""

ALWAYS = (-(2**62), 2**62)


class Memory:
    """Charges by what they charge, true from one calendar edge to the next."""

    __slots__ = ("charges", "edges", "latest", "since", "until")

    def __init__(self, lines: Sequence[Line], now_ms: int) -> None:
        self.since, self.until = ALWAYS
        self.edges: list[Edges | tuple[()]] = [()] * len(lines)
        self.latest = [line.charge for line in lines]
        self.charges: dict[tuple[int, ...], tuple[Charge, ...]] = {}
        for place, line in enumerate(lines):
            window = line.calendar
            if window is not None and window.unit is not None:
                found = edges(window.unit, window.zone, now_ms)
                self.edges[place] = found
                self.since, self.until = max(self.since, found[1]), min(self.until, found[2])


class Prepared:
    """The charges of one candidate, but for the request and the moment.

    Attributes:
        candidate, lines: Whose, and of which limits.
        short: Its short line by metric, once somebody asked for it (`sought`).
    """

    __slots__ = ("_memory", "candidate", "lines", "short")

    def __init__(self, candidate: Candidate, lines: tuple[Line, ...]) -> None:
        self.candidate = candidate
        self.lines = lines
        self.short: dict[Metric, Line | None] = {}
        self._memory = Memory(lines, 0)

    def memory(self, now_ms: int) -> Memory:
        """Return what is remembered for this instant; replaced whole, so readers need no lock."""
        memory = self._memory
        if not memory.since <= now_ms < memory.until:
            memory = self._memory = Memory(self.lines, now_ms)
        elif len(memory.charges) > REMEMBERED:
            memory.charges = {}
        return memory


def prepare(candidate: Candidate, spread_ms: int = 0) -> Prepared:
    """Work out what never changes about a candidate's charges; once per candidate.

    Args:
        candidate: Whose limits.
        spread_ms: By how much the way there may vary (`far - near`). It widens the burst
            of paces whose kind is only guessed (research on quota, "1 + jitter").
    """
    return Prepared(candidate, lines_of(candidate, spread_ms))


def charges(
    prepared: Prepared,
    cost: Cost,
    now_ms: int,
    learned: Mapping[str, Learned] | None = None,
) -> tuple[Charge, ...]:
    """Return what a request of this cost charges at this instant.

    Args:
        prepared: Of the candidate.
        cost: Estimated or true.
        now_ms: The instant on the store's clock.
        learned: Limits that the provider told, by key. They replace the catalog's, up or
            down; the user's own only down.
    """
    memory = prepared.memory(now_ms)
    taken = (
        cost.input_tokens,
        cost.output_tokens,
        cost.requests,
        cost.cached_tokens,
        cost.money,
        cost.inputs,
    )
    found = memory.charges.get(taken)
    if found is None:
        found = memory.charges[taken] = _charges(prepared.lines, memory, cost)
    if not learned:
        return found
    return tuple(
        _as_learned(line, charge, learned.get(line.told_key))
        for line, charge in zip(prepared.lines, found, strict=True)
    )


def actual_amounts(
    prepared: Prepared, cost: Cost, held: Sequence[Charge] | None = None
) -> tuple[int, ...]:
    """Return what a request of this cost takes of each charge, for settling.

    Args:
        prepared: Of the candidate, as it is now.
        cost: True.
        held: The charges, if the candidate's may be others by now (a limit was found).
    """
    if held is None or _still(prepared, held):
        return tuple(line.amount(cost) for line in prepared.lines)
    lines = {line.charge.key: line for line in prepared.lines}
    return tuple(lines[c.key].amount(cost) if c.key in lines else c.amount for c in held)


def refused_amounts(
    prepared: Prepared, held: Sequence[Charge] | None = None, refused: Refused | None = None
) -> tuple[int, ...]:
    """Return what a request that the provider refused takes: itself, where refusals count.

    Of a window that told when it takes the next one, nothing: it says what it has counted.
    """
    lines = {line.charge.key: line for line in prepared.lines}
    keys = [charge.key for charge in held] if held is not None else list(lines)
    return tuple(_of_refused(lines[key], refused) if key in lines else 0 for key in keys)


def _of_refused(line: Line, refused: Refused | None) -> int:
    limit = line.limit
    if limit.metric is not Metric.REQUESTS or not limit.counts_refused:
        return 0
    if refused is None or refused.retry_in is None:
        return 1
    return int((refused.metric, refused.span) != (limit.metric, limit.window.span))


def _still(prepared: Prepared, held: Sequence[Charge]) -> bool:
    """Tell whether charges are those of the candidate as it is now."""
    lines = prepared.lines
    return len(lines) == len(held) and (not held or lines[-1].charge.key == held[-1].key)


def observed(
    prepared: Prepared, found: Sequence[Charge], observations: Sequence[Observation]
) -> tuple[tuple[Charge, Observation], ...]:
    """Pair what a provider said with the charges it speaks of.

    An observation fits a window of its metric and of its length, calendar or not. Of
    several the one with the told limit is meant, else the first. Its ceiling is the told
    one from here on, because what is left is left of that.

    Args:
        prepared: Of the candidate, as it is now.
        found: The charges that were held for the request.
        observations: What an answer told.
    """
    pairs, lines = [], _lines_of(prepared, found)
    for said in observations:
        length = class_of(said.span)
        fitting = [
            (line, charge)
            for line, charge in lines
            if line.told_key == line.charge.key
            and line.limit.metric is said.metric
            and span_class(line.limit.window) == length
        ]
        fitting.sort(key=lambda one: one[1].ceiling != said.limit)
        if fitting:
            charge = _as_told(*fitting[0], said.limit)
            pairs.append((charge, _of_burst(charge, said)))
    return tuple(pairs)


def _lines_of(prepared: Prepared, held: Sequence[Charge]) -> Iterable[tuple[Line, Charge]]:
    """Return charges with their lines; a limit may have been found since they were made."""
    if _still(prepared, held):
        return tuple(zip(prepared.lines, held, strict=True))
    lines = {line.charge.key: line for line in prepared.lines}
    return [(lines[charge.key], charge) for charge in held if charge.key in lines]


def under(held: Reservation, observed: Sequence[tuple[Charge, Observation]]) -> Reservation:
    """Return a reservation under the limits that were told while it was under way."""
    told = {charge.key: charge.ceiling for charge, _ in observed}
    if all(told.get(charge.key, charge.ceiling) == charge.ceiling for charge in held.charges):
        return held
    found = (replace(c, ceiling=told.get(c.key, c.ceiling)) for c in held.charges)
    return replace(held, charges=tuple(found))


def _charges(lines: Sequence[Line], memory: Memory, cost: Cost) -> tuple[Charge, ...]:
    """Make the charges of a cost; those that charge what the last one did are the last ones."""
    latest, made = memory.latest, []
    for place, line in enumerate(lines):
        amount, around = line.amount(cost), memory.edges[place]
        charge = latest[place]
        if charge.amount != amount or charge.edges is not around:
            charge = latest[place] = line.charge_of(amount, around)
        made.append(charge)
    return tuple(made)


def _as_learned(line: Line, charge: Charge, told: Learned | None) -> Charge:
    return charge if told is None else _as_told(line, charge, told.amount)


def _as_told(line: Line, charge: Charge, limit: int | None) -> Charge:
    """Return a charge under the limit that the provider told; the user's own only falls."""
    if limit is None or limit < 0:
        return charge
    ceiling = min(line.charge.ceiling, limit) if line.limit.source in OWN else limit
    return charge if ceiling == charge.ceiling else replace(charge, ceiling=ceiling)


def _of_burst(charge: Charge, said: Observation) -> Observation:
    """Return a remark in terms of what fits at once, where that is less than the limit.

    What is left is told of the whole limit. A pace that is refilled at the same rate has
    room for its burst while so much is left, and none when nothing is (research on quota, 2).
    """
    if not charge.burst or said.remaining is None:
        return said
    beyond = charge.ceiling - int(charge.burst)
    return replace(said, remaining=max(0, said.remaining + beyond))
