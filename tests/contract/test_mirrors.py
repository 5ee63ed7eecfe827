"""Laws of the mirrors, against limiters that share no code with them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freetier.stores.ledger import Ledger
from freetier.testing import Limit
from freetier.testing.limiters import TICKS, limiter
from freetier.values.quota import (
    CUT,
    NEVER_SENT,
    Charge,
    Denied,
    Granted,
    Kind,
    Metric,
    Reservation,
    Settlement,
)
from freetier.windows import MIRRORS
from freetier.windows.plan import earliest
from tests.depth import examples

START = 1_800_000_000_000
MS = TICKS // 1000
"""The providers' ticks in a millisecond, which is what stores count in."""
NAMES = {
    Kind.FIXED: "fixed",
    Kind.FIRST: "first",
    Kind.ROLLING: "rolling",
    Kind.COUNTER: "counter",
    Kind.BUCKET: "bucket",
    Kind.PACE: "pace",
}
KINDS = sorted(NAMES)
MEASURED = {Kind.ROLLING, Kind.FIRST, Kind.BUCKET, Kind.PACE}
"""Windows that are measured from a request, whose instant is only known to the millisecond."""


@dataclass(frozen=True)
class Asked:
    """One request: when after the last, how much, how it travels, what becomes of it.

    Times are in ms, `part` is what comes on top in microseconds, which no store sees.
    """

    gap: int
    units: int
    way: float
    serving: int
    patience: int
    fate: str
    part: int = 0


ASKED = st.builds(
    Asked,
    gap=st.integers(0, 3000),
    units=st.integers(1, 3),
    way=st.floats(0, 1),
    serving=st.integers(0, 4000),
    patience=st.sampled_from([0, 0, 5000, 60_000]),
    fate=st.sampled_from(["answered", "answered", "answered", "lost", "walked away"]),
    part=st.integers(0, 999),
)


@dataclass
class World:
    """A provider with one window, and a ledger that mirrors it.

    The provider's instants are microseconds; the ledger is told whole milliseconds of them,
    cut, as the stores cut theirs.
    """

    kind: Kind
    amount: int
    span: int
    near: int
    far: int
    believed: int | None = None  # the far bound that the mirror is told
    ago: int = 0  # how many ms ago an answer came, as the mirror is told
    ledger: Ledger = field(default_factory=Ledger)
    queue: list[tuple[int, int, str, Any]] = field(default_factory=list)
    numbers: Any = field(default_factory=count)
    refused: list[str] = field(default_factory=list)
    answers: list[Granted | Denied] = field(default_factory=list)

    def __post_init__(self) -> None:
        burst = 1 if self.kind is Kind.PACE else None
        limit = Limit(self.amount, self.span / 1000, kind=NAMES[self.kind], burst=burst)  # type: ignore[arg-type]
        self.provider = limiter(limit)

    def charge(self, units: int) -> Charge:
        """Return the charge of a request."""
        return Charge(
            key="k",
            metric=Metric.REQUESTS,
            amount=1 if self.kind is Kind.PACE else units,
            ceiling=self.amount,
            kind=self.kind,
            span_ms=self.span,
            burst=1.0 if self.kind is Kind.PACE else 0.0,
        )

    def at(self, when: int, what: str, about: Any) -> None:
        """Let something happen."""
        heappush(self.queue, (when, next(self.numbers), what, about))

    def run(self, asked: list[Asked]) -> None:
        """Let requests come, travel, be stamped, answered and settled in order of time."""
        now = START * MS
        for one in asked:
            now += one.gap * MS + one.part
            self.at(now, "asked", one)
        while self.queue:
            when, _, what, about = heappop(self.queue)
            getattr(self, f"_{what}")(when, about)

    def _asked(self, now: int, one: Asked) -> None:
        held = Reservation(
            id=str(next(self.numbers)),
            charges=(self.charge(one.units),),
            near_ms=self.near,
            far_ms=self.far if self.believed is None else self.believed,
        )
        answer = self.ledger.reserve(now // MS, held, one.patience)
        self.answers.append(answer)
        if isinstance(answer, Denied):
            return
        sent = now + answer.start_in_ms * MS
        if one.fate == "walked away" and answer.start_in_ms:
            self.at(now + answer.start_in_ms * MS // 2, "away", held)
            return
        stamp = sent + self.near * MS + int(one.way * (self.far - self.near) * MS)
        self.at(stamp, "stamped", held)
        if one.fate != "lost":
            self.at(stamp + one.serving * MS, "answered", held)

    def _stamped(self, now: int, held: Reservation) -> None:
        units = held.charges[0].amount
        if self.provider.wait(now, units) != 0:
            self.refused.append(f"{held.id} at {now / MS - START}")
        else:
            self.provider.take(now, units)

    def _answered(self, now: int, held: Reservation) -> None:
        self.ledger.settle(now // MS, held, Settlement(answered_ago_ms=self.ago))

    def _away(self, now: int, held: Reservation) -> None:
        self.ledger.settle(now // MS, held, NEVER_SENT)


@pytest.mark.parametrize("kind", KINDS)
@given(
    amount=st.integers(3, 9),
    span=st.integers(1000, 20_000),
    near=st.integers(0, 50),
    way=st.integers(0, 900),
    asked=st.lists(ASKED, max_size=60),
)
@settings(deadline=None, max_examples=examples(150))
def test_what_a_mirror_lets_go_the_provider_takes(
    kind: Kind, amount: int, span: int, near: int, way: int, asked: list[Asked]
) -> None:
    """For any delays within the bounds, bookings and losses, nothing is refused."""
    world = World(kind, amount, span, near, near + way)
    world.run(asked)
    assert not world.refused


@pytest.mark.parametrize("kind", [Kind.ROLLING, Kind.FIXED, Kind.FIRST, Kind.COUNTER, Kind.PACE])
def test_a_mirror_that_is_told_a_wrong_bound_is_refused(kind: Kind) -> None:
    """The control: with the way there left out, the same traffic meets refusals."""
    asked = [Asked(n * 53 % 170, 1, n * 37 % 11 / 10, 1500, 9000, "answered") for n in range(100)]
    # late ones, stamped in the next window, and early ones of that window
    to_the_end = 21_900 - sum(one.gap for one in asked) % 2000
    asked += [Asked(gap, 1, 1.0, 1500, 0, "answered") for gap in (to_the_end, 0, 0, 200, 0, 0)]
    honest = World(kind, 3, 2000, 0, 800)
    honest.run(asked)
    assert not honest.refused
    deceived = World(kind, 3, 2000, 0, 800, believed=0)
    deceived.run(asked)
    assert deceived.refused


@pytest.mark.parametrize("kind", sorted(MEASURED))
def test_what_an_instant_is_cut_by_counts(kind: Kind) -> None:
    """The control: a mirror that took the cut instants for whole ones would be refused."""
    chance = Random(5)
    asked = [
        Asked(1, 1, chance.choice([0.0, 0.25]), 0, 0, "answered", chance.randrange(1000))
        for _ in range(5000)
    ]
    honest, cut = World(kind, 1, 100, 0, 20), World(kind, 1, 100, 0, 20, ago=CUT)
    honest.run(asked)
    assert not honest.refused
    cut.run(asked)
    assert cut.refused


def _one_by_one(world: World, asked: list[tuple[Asked, int]], *, told: bool) -> list[str]:
    """Let one request after the other be answered; some open a connection first, for so long."""
    now = START * MS
    for n, (one, opening) in enumerate(asked):
        now += one.gap * MS + one.part
        held = Reservation(
            id=str(n), charges=(world.charge(one.units),), near_ms=world.near, far_ms=world.far
        )
        if isinstance(world.ledger.reserve(now // MS, held, None), Denied):
            continue
        now += (opening + world.near) * MS + int(one.way * (world.far - world.near) * MS)
        world._stamped(now, held)
        now += one.serving * MS
        late = replace(held, far_ms=held.far_ms + opening) if told else held
        world.ledger.settle(now // MS, late, Settlement(answered_ago_ms=one.serving))
    return world.refused


@pytest.mark.parametrize("kind", KINDS)
@given(
    amount=st.integers(2, 9),
    span=st.integers(1000, 20_000),
    near=st.integers(0, 50),
    way=st.integers(0, 900),
    asked=st.lists(st.tuples(ASKED, st.sampled_from([0, 0, 100, 700, 2500])), max_size=60),
)
@settings(deadline=None, max_examples=examples(100))
def test_a_request_that_is_written_late_is_counted_late_once_that_is_told(
    kind: Kind, amount: int, span: int, near: int, way: int, asked: list[tuple[Asked, int]]
) -> None:
    """However long its connection took to open, nobody after it is refused."""
    world = World(kind, amount, span, near, near + way)
    assert not _one_by_one(world, asked, told=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_late_request_that_is_not_told_of_is_refused(kind: Kind) -> None:
    """The control: the same without a word of the connection."""
    late, soon, next_one = (Asked(gap, 1, 0.5, 40, 0, "answered") for gap in (3500, 53, 29))
    bursts = [(late, 2500), *[(soon, 0)] * 9] * 50
    steady = [(next_one, 2500 if n % 7 == 0 else 0) for n in range(2000)]
    refused = []
    for asked in (bursts, steady):
        refused += _one_by_one(World(kind, 3, 4000, 0, 300), asked, told=False)
        assert not _one_by_one(World(kind, 3, 4000, 0, 300), asked, told=True)
    assert refused


@pytest.mark.parametrize("kind", [k for k in KINDS if k is not Kind.PACE])
@given(
    amount=st.integers(1, 9),
    span=st.integers(1000, 20_000),
    gaps=st.lists(st.integers(0, 3000), max_size=60),
)
@settings(deadline=None, max_examples=examples(150))
def test_without_delay_not_one_is_held_back(
    kind: Kind, amount: int, span: int, gaps: list[int]
) -> None:
    """Who is denied would have been refused, but for the millisecond by which a stamp is cut."""
    world = World(kind, amount, span, 0, 0)
    now = START
    for gap in gaps:
        now += gap
        held = Reservation(id=str(now), charges=(world.charge(1),))
        answer = world.ledger.reserve(now, held, None)
        wait = world.provider.wait(now * TICKS // 1000, 1)
        assert wait is not None
        if isinstance(answer, Granted):
            assert wait == 0
            world.provider.take(now * TICKS // 1000, 1)
            world.ledger.settle(now, held, Settlement(answered_ago_ms=0))
        else:
            assert answer.retry_in_ms is not None
            assert wait > 0 or (kind in MEASURED and answer.retry_in_ms <= CUT)
            assert abs(answer.retry_in_ms - wait * 1000 / TICKS) <= 2
        now += 1  # so that ids differ


@pytest.mark.parametrize("kind", [*KINDS, Kind.CONCURRENT])
@given(
    amount=st.integers(1, 6),
    asked=st.lists(ASKED, max_size=25),
    question=st.integers(0, 100_000),
)
@settings(deadline=None, max_examples=examples(80))
def test_a_question_changes_nothing(
    kind: Kind, amount: int, asked: list[Asked], question: int
) -> None:
    """Asking about any moment leaves the state as it was, and the state survives JSON."""
    world = World(kind if kind in NAMES else Kind.ROLLING, amount, 10_000, 0, 300)
    world.run(asked)
    mirror = world.ledger.mirrors.get("k") or MIRRORS[world.kind]()
    before = json.dumps(mirror.dump())
    held = Reservation(id="q", charges=(world.charge(1),))
    when = START + question
    found = earliest(when, [mirror], held)
    assert json.dumps(mirror.dump()) == before
    again = type(mirror).load(json.loads(before))
    assert json.dumps(again.dump()) == before
    state, text = mirror.packed()
    other = type(mirror).unpacked(json.loads(json.dumps(state)), text)
    assert other.packed() == (state, text)
    assert json.dumps(other.dump()) == before
    assert earliest(when, [again], held) == found


@pytest.mark.parametrize("kind", KINDS)
@given(asked=st.lists(ASKED, min_size=1, max_size=20))
@settings(deadline=None, max_examples=examples(60))
def test_settling_twice_is_settling_once(kind: Kind, asked: list[Asked]) -> None:
    """A second settlement, of any sort, and a settlement of a stranger do nothing."""
    ledger, world = Ledger(), World(kind, 50, 10_000, 0, 100)
    now = START
    for n, one in enumerate(asked):
        now += one.gap
        held = Reservation(id=str(n), charges=(world.charge(one.units),))
        ledger.reserve(now, held, None)
        ledger.settle(now, held, Settlement(answered_ago_ms=0))
        once = json.dumps(ledger.mirror(held.charges[0]).dump())
        ledger.settle(now, held, NEVER_SENT)
        ledger.settle(now, held, Settlement(amounts=(99,)))
        ledger.settle(now, Reservation(id="?", charges=held.charges), Settlement())
        assert json.dumps(ledger.mirror(held.charges[0]).dump()) == once


class Thorough(Ledger):
    """A ledger that never takes the short way."""

    def _taken_at_once(self, now: int, held: Reservation) -> bool:
        del now, held
        return False


@pytest.mark.parametrize("kind", KINDS)
@given(
    amount=st.integers(1, 9),
    span=st.integers(1000, 20_000),
    near=st.integers(0, 50),
    way=st.integers(0, 900),
    asked=st.lists(ASKED, max_size=60),
)
@settings(deadline=None, max_examples=examples(100))
def test_the_short_way_and_the_long_way_come_to_the_same(
    kind: Kind, amount: int, span: int, near: int, way: int, asked: list[Asked]
) -> None:
    """What plainly has room is taken without ageing; every answer is the one of all steps."""
    short = World(kind, amount, span, near, near + way)
    long = World(kind, amount, span, near, near + way, ledger=Thorough())
    for world in (short, long):
        world.run(asked)
    assert short.answers == long.answers
