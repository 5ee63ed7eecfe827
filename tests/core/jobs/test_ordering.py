"""Results in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from freetier.jobs.ordering import Ordering
from freetier.values.jobs import JobResult


def _result(index: int) -> JobResult:
    return JobResult(index=index, item=index)


@given(st.permutations(range(12)))
def test_whatever_comes_first_the_order_is_kept(coming: list[int]) -> None:
    """Each is given back once, as soon as all before it are."""
    order = Ordering(ordered=True, room=100)
    for _ in coming:
        order.take()
    back = [result.index for index in coming for result in order.put(_result(index))]
    assert back == sorted(coming)


@given(st.permutations(range(12)))
def test_unordered_results_come_as_they_are_done(coming: list[int]) -> None:
    """Nothing is held back."""
    order = Ordering(ordered=False, room=100)
    assert [r.index for index in coming for r in order.put(_result(index))] == list(coming)


def test_nobody_runs_further_ahead_than_there_is_room() -> None:
    """While the first is missing."""
    order = Ordering(ordered=True, room=3)
    assert [order.take() for _ in range(3)] == [0, 1, 2]
    assert not order.may_take
    assert not list(order.put(_result(1)))
    assert not order.may_take
    assert [r.index for r in order.put(_result(0))] == [0, 1]
    assert order.may_take
