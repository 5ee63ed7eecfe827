"""Each store does what the memory store does, whatever is asked of it in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    multiple,
    rule,
    run_state_machine_as_test,
)

from freetier.stores.memory import MemoryStore
from freetier.values.faults import Fault
from freetier.values.quota import (
    NEVER_SENT,
    Charge,
    Denied,
    Kind,
    Metric,
    Observation,
    Reservation,
    Settlement,
)
from tests.contract.store_books import Books
from tests.contract.store_desk import Desk
from tests.contract.store_places import COLOURS, SHARED, HandClock, place
from tests.depth import examples

START = 1_800_000_000_000
KINDS = [kind for kind in Kind if kind is not Kind.UNKNOWN]
WINDOWS = 2 * len(KINDS)
EDGES = tuple(range(START - 40_000, START + 4_000_000, 20_000))
KEYS = st.sampled_from(["{a}:account", "{a}:model", "{b}:account"])
WINDOW = st.integers(0, WINDOWS - 1)
AMOUNT = st.integers(0, 5)


def charge(at: int, amount: int) -> Charge:
    """Return a charge of one of the windows; every kind is there twice."""
    kind = KINDS[at % len(KINDS)]
    return Charge(
        key=f"{{a}}:{at}:{kind}",
        metric=Metric.REQUESTS,
        amount=1 if kind in {Kind.CONCURRENT, Kind.PACE} else amount,
        ceiling=4 + at % 3 * 5,
        kind=kind,
        span_ms=20_000 if kind is Kind.CALENDAR else 5000 + at * 700,
        burst=2.0 if kind is Kind.PACE else 0.0,
        edges=EDGES if kind is Kind.CALENDAR else (),
        at_answer=at % 5 == 0,
    )


ALL = [charge(at, 1) for at in range(WINDOWS)]


class Twins(RuleBasedStateMachine):
    """A store and the memory store, told the same at the same instants."""

    new_place: Callable[[], AbstractContextManager[Any]]
    colour: str
    held = Bundle("held")
    over = Bundle("over")

    def __init__(self) -> None:
        super().__init__()
        self.clock = HandClock(START)
        self.memory = MemoryStore(self.clock)
        self.books = Books()
        self.number = 0
        self.places = ExitStack()
        wanted = self.places.enter_context(self.new_place())
        if not isinstance(wanted, str):
            wanted = wanted(self.clock)
        self.store = Desk(wanted, self.colour, self.clock)

    def teardown(self) -> None:
        """Compare everything once more, and clear up."""
        try:
            self.survey()
        finally:
            self.store.end()
            self.places.close()

    def same(self, name: str, *asked: Any, **more: Any) -> Any:
        """Ask both, and want the same answer."""
        expected = getattr(self.memory, name)(*asked, **more)
        assert getattr(self.store, name)(*asked, **more) == expected
        return expected

    @rule(ms=st.integers(0, 15_000))
    def time_passes(self, ms: int) -> None:
        """Let some seconds pass."""
        self.clock.ms += ms

    @rule(
        target=held,
        asked=st.dictionaries(WINDOW, AMOUNT, min_size=1, max_size=4),
        wait=st.sampled_from([None, 0, 3000, 60_000]),
        far=st.integers(0, 2000),
        guard=KEYS,
    )
    def reserve(self, asked: dict[int, int], wait: int | None, far: int, guard: str) -> Any:
        """Ask for some windows at once; nothing is admitted above a ceiling."""
        self.number += 1
        held = Reservation(
            id=str(self.number),
            charges=tuple(charge(at, amount) for at, amount in asked.items()),
            guards=(guard,),
            near_ms=far // 3,
            far_ms=far,
            lease_ms=4000,
        )
        answer = self.same("reserve", held, wait)
        if isinstance(answer, Denied):
            return multiple()
        self.books.granted(held, self.clock.ms + answer.start_in_ms)
        return held

    @rule(
        target=over,
        held=consumes(held),
        more=st.none() | AMOUNT,
        ago=st.none() | AMOUNT,
        opening=st.sampled_from([0, 0, 700, 9000]),
    )
    def settle(
        self, held: Reservation, more: int | None, ago: int | None, opening: int
    ) -> Reservation:
        """Tell what a request took: less, more or nobody knows; and when it was written."""
        held = replace(held, far_ms=held.far_ms + opening)
        amounts = None if more is None else tuple(more for _ in held.charges)
        self.same("settle", held, Settlement(amounts=amounts, answered_ago_ms=ago))
        self.books.settled(held, amounts)
        return held

    @rule(target=over, held=consumes(held))
    def give_back(self, held: Reservation) -> Reservation:
        """Tell that a request was never sent."""
        self.same("settle", held, NEVER_SENT)
        self.books.dropped(held)
        return held

    @rule(held=over, sent=st.booleans())
    def settle_again(self, held: Reservation, sent: bool) -> None:
        """Settle what is settled: nothing changes."""
        self.same("settle", held, Settlement(amounts=None, sent=sent))

    @rule(held=held)
    def ask_again(self, held: Reservation) -> None:
        """Reserve what is held, as after a lost answer; what is over meanwhile is let be."""
        if self.clock.ms - START < 4000:
            self.same("reserve", held, None)

    @rule(at=WINDOW, limit=st.none() | AMOUNT, left=st.none() | AMOUNT, ago=st.integers(0, 900))
    def observe(self, at: int, limit: int | None, left: int | None, ago: int) -> None:
        """Hear the provider."""
        said = Observation(metric=Metric.REQUESTS, span=9, limit=limit, remaining=left)
        self.same("observe", charge(at, 1), said, ago)
        self.same("learned", [one.key for one in ALL])

    @rule(key=KEYS, ms=st.integers(0, 9000), fault=st.sampled_from(Fault))
    def block(self, key: str, ms: int, fault: Fault) -> None:
        """Leave a key alone."""
        self.same("block", key, ms, fault)

    @rule(key=KEYS, span=st.integers(1, 20_000))
    def record_fault(self, key: str, span: int) -> None:
        """Count a fault."""
        self.same("record_fault", key, span)

    @rule(key=KEYS, owner=st.sampled_from("xy"), ms=st.integers(1, 9000))
    def lease(self, key: str, owner: str, ms: int) -> None:
        """Try to become the holder."""
        self.same("lease", key, owner, ms)

    @rule(key=KEYS, owner=st.sampled_from("xy"), clear=st.booleans())
    def release(self, key: str, owner: str, clear: bool) -> None:
        """Let go."""
        self.same("release", key, owner, clear=clear)

    @rule(key=st.none() | KEYS)
    def clear_blocks(self, key: str | None) -> None:
        """Forget blocks."""
        self.same("clear_blocks", None if key is None else [key])

    @rule(at=WINDOW)
    def reset_usage(self, at: int) -> None:
        """Forget the use of one window."""
        key = charge(at, 1).key
        self.same("reset_usage", [key])
        self.books.entries = [e for e in self.books.entries if e.charge.key != key]

    @rule()
    def survey(self) -> None:
        """Look at everything."""
        self.same("survey", ALL, ["{a}:account", "{a}:model", "{b}:account"])


def run(
    new_place: Callable[[], AbstractContextManager[Any]], colour: str, runs: int, **more: Any
) -> None:
    """Let the machine run on new places of one kind."""
    machine = type("Machine", (Twins,), {"new_place": staticmethod(new_place), "colour": colour})
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=runs, stateful_step_count=40, deadline=None, **more),
    )


@pytest.mark.hypothesis
@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("kind", ["memory", *SHARED])
def test_it_does_what_the_memory_store_does(
    kind: str, colour: str, request: pytest.FixtureRequest
) -> None:
    """Same answers, nothing above a ceiling, nothing lost, nothing double."""
    runs = examples(30)
    run(lambda: place(kind, request), colour, runs)


class Generous(MemoryStore):
    """Lets in one more than the limit."""

    def reserve(self, reservation: Reservation, deadline_ms: int | None = None) -> Any:
        """Move every ceiling."""
        more = tuple(replace(c, ceiling=c.ceiling + 1) for c in reservation.charges)
        return super().reserve(replace(reservation, charges=more), deadline_ms)


class Impatient(MemoryStore):
    """Lets a block end early."""

    def block(self, key: str, for_ms: int, fault: Fault) -> None:
        """Let the last one win, and leave the rest as it is."""
        self._ledger.blocks.pop(key, None)
        super().block(key, for_ms, fault)


class Forgetful(MemoryStore):
    """Forgets a window when it is told what a request took."""

    def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Settle, and forget too much."""
        super().settle(reservation, settlement)
        if settlement.amounts:
            self.reset_usage([reservation.charges[0].key])


class Double(MemoryStore):
    """Takes again what is held."""

    def reserve(self, reservation: Reservation, deadline_ms: int | None = None) -> Any:
        """Give every question an id of its own."""
        self.number = getattr(self, "number", 0) + 1
        return super().reserve(replace(reservation, id=f"n{self.number}"), deadline_ms)


@pytest.mark.parametrize("wrong", [Generous, Impatient, Forgetful, Double])
def test_a_planted_mistake_is_found(wrong: type[MemoryStore]) -> None:
    """Four stores that are nearly right are told from right ones."""
    with pytest.raises(AssertionError):
        run(
            lambda: nullcontext(wrong),
            "sync",
            runs=1000,
            database=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
        )
