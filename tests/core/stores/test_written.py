"""The state of a ledger as rows of text: what is written, when, and what can be read again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.errors import StoreError
from freetier.stores import operations as ops
from freetier.stores.operations import Operation, Row
from freetier.stores.written import FOREVER, Change, perform
from freetier.values.faults import Fault
from freetier.values.quota import (
    Charge,
    Denied,
    Granted,
    Kind,
    Metric,
    Observation,
    Reservation,
    Settlement,
)
from freetier.windows import MIRRORS

NOW = 1_800_000_000_000
KINDS = sorted(MIRRORS)


def charge(kind: Kind, ceiling: int = 5) -> Charge:
    """Return a charge of one."""
    return Charge(
        key="{a}:w",
        metric=Metric.REQUESTS,
        amount=1,
        ceiling=ceiling,
        kind=kind,
        span_ms=10_000,
    )


class Rows:
    """Rows in a dictionary, as a store keeps them."""

    def __init__(self) -> None:
        self.rows: dict[Row, str] = {}
        self.untils: dict[Row, int] = {}

    def do(self, operation: Operation[Any], now: int = NOW) -> tuple[Any, list[Change]]:
        """Perform an operation and write what it changed."""
        wanted = (*operation.writes, *operation.reads)
        found = {row: self.rows[row] for row in wanted if row in self.rows}
        result, changes = perform(operation, found, now)
        for row, state, until in changes:
            self.untils[row] = until
            if state is None:
                del self.rows[row]
            else:
                self.rows[row] = state
        return result, changes

    def take(self, held: Reservation, now: int = NOW) -> Any:
        """Reserve at once."""
        return self.do(ops.reserve(held, None), now)[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_window_is_one_row_that_comes_and_changes(kind: Kind) -> None:
    """A grant writes it, a settlement changes it, a second settlement does not."""
    rows, held = Rows(), Reservation(id="r", charges=(charge(kind),))

    _, taken = rows.do(ops.reserve(held, None))
    _, settled = rows.do(ops.settle(held, Settlement(answered_ago_ms=0)))
    _, again = rows.do(ops.settle(held, Settlement(answered_ago_ms=0)))

    assert [change.row for change in taken + settled] == [Row("window", "{a}:w")] * 2
    assert again == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_no_writes_nothing(kind: Kind) -> None:
    """Who is turned away leaves no trace."""
    rows = Rows()
    rows.take(Reservation(id="r", charges=(charge(kind, 1),)))

    answer, changes = rows.do(ops.reserve(Reservation(id="s", charges=(charge(kind, 1),)), None))

    assert isinstance(answer, Denied)
    assert changes == []


@pytest.mark.parametrize("text", ["x", "A" * 24, "\n\n"])
def test_a_log_that_is_not_ours_is_a_typed_error_when_it_is_looked_at(text: str) -> None:
    """Half a text, an odd number of numbers, no letters at all; the row stays as it was."""
    rows, held = Rows(), Reservation(id="r", charges=(charge(Kind.ROLLING),))
    rows.do(ops.reserve(held, None))
    window = Row("window", "{a}:w")
    rows.rows[window] = f'["rolling",[1,{NOW + 5},{NOW + 5}],[["r",0,1,{NOW}]],0,[],0]\n{text}'
    before = dict(rows.rows)

    with pytest.raises(StoreError, match=r"'\{a\}:w' cannot be read"):
        rows.do(ops.settle(held, Settlement(answered_ago_ms=0)))
    assert rows.rows == before


def test_settling_what_nobody_holds_writes_nothing() -> None:
    """A row that was deleted meanwhile does not come back."""
    held = Reservation(id="r", charges=(charge(Kind.ROLLING),))

    assert Rows().do(ops.settle(held, Settlement()))[1] == []


@pytest.mark.parametrize("kind", KINDS)
@given(
    gaps=st.lists(st.integers(0, 4000), min_size=1, max_size=12),
    settled=st.booleans(),
    amount=st.integers(0, 9),
    wait=st.sampled_from([None, 30_000]),
)
def test_a_row_may_be_deleted_when_its_time_is_over(
    kind: Kind, gaps: list[int], settled: bool, amount: int, wait: int | None
) -> None:
    """From then on a new window would answer everything just as this one."""
    rows, now = Rows(), NOW
    for n, gap in enumerate(gaps):
        now += gap
        held = Reservation(id=str(n), charges=(charge(kind),), far_ms=700, lease_ms=3000)
        answer = rows.do(ops.reserve(held, wait), now)[0]
        if isinstance(answer, Granted) and settled:
            rows.do(ops.settle(held, Settlement(amounts=(amount,), answered_ago_ms=0)), now)
    over = rows.untils[Row("window", "{a}:w")]
    deleted = Rows()

    assert over >= now
    for n in range(8):
        held = Reservation(id=f"late{n}", charges=(charge(kind),), far_ms=700, lease_ms=3000)
        assert rows.take(held, over) == deleted.take(held, over)
    looks = ops.survey([charge(kind)], [])
    assert rows.do(looks, over) == deleted.do(looks, over)


def test_blocks_faults_and_leases_are_rows_with_an_end() -> None:
    """Each says until when it matters; learned limits matter for ever."""
    rows = Rows()
    rows.do(ops.block("k", 500, Fault.SERVER))
    rows.do(ops.record_fault("k", 1000))
    rows.do(ops.lease("k", "me", 700))
    said = Observation(metric=Metric.REQUESTS, span=10, limit=7)
    rows.do(ops.observe(charge(Kind.ROLLING), said, 0))

    assert rows.untils == {
        Row("block", "k"): NOW + 500,
        Row("fault", "k"): NOW + 86_400_000,
        Row("lease", "k"): NOW + 700,
        Row("learned", "{a}:w"): FOREVER,
    }


def test_letting_go_deletes_rows() -> None:
    """A cleared key leaves nothing behind."""
    rows = Rows()
    rows.do(ops.block("k", 500, Fault.SERVER))
    rows.do(ops.record_fault("k", 1000))
    rows.do(ops.lease("k", "me", 700))

    rows.do(ops.release("k", "me", clear=True))

    assert rows.rows == {}


@pytest.mark.parametrize(
    "state", ["", "no JSON", "[]", "null", '["rolling"]', '["unheard"]', '["rolling",1,2,3,4,5]']
)
def test_a_row_that_cannot_be_read_is_a_typed_error(state: str) -> None:
    """It is named, and not taken for an empty one."""
    rows = Rows()
    rows.rows[Row("window", "{a}:w")] = state

    with pytest.raises(StoreError, match=r"window of '\{a\}:w'"):
        rows.take(Reservation(id="r", charges=(charge(Kind.ROLLING),)))


def test_names_are_in_one_order() -> None:
    """Whoever locks rows locks them in that order, each once."""
    charges = tuple(
        Charge(
            key=key,
            metric=Metric.REQUESTS,
            amount=1,
            ceiling=1,
            kind=Kind.FIXED,
            span_ms=1000,
        )
        for key in ("b", "a", "c", "a")
    )

    rows = ops.reserve(Reservation(id="r", charges=charges), None).writes
    cleared = ops.release("k", "me", clear=True).writes
    observed = ops.observe(charges[0], Observation(metric=Metric.REQUESTS, span=1), 0).writes

    assert [row.key for row in rows] == ["a", "b", "c"]
    for names in (rows, cleared, observed):
        assert list(names) == sorted(names)
