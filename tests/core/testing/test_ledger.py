"""All limits of a request together: all are charged, or none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.testing import Limit
from freetier.testing.ledger import Gauge, Grant, Hit, Ledger, Subject, gauge
from freetier.testing.limits import Cost

T0 = 1_795_219_200.0
ONE = Cost(prompt=10, output=20)
A = Subject("a", "team", "small")
B = Subject("b", "team", "small")
OTHER = Subject("a", "team", "large")


def ledger(*limits: Limit, **own: Any) -> Ledger:
    """Return a ledger that tells every gauge."""

    class Everything:
        def __contains__(self, _key: object) -> bool:
            return True

    return Ledger(limits, own, Everything())


def admitted(book: Ledger, subject: Subject, at: float, cost: Cost = ONE) -> Grant:
    """Return the grant of a request that must be admitted."""
    grant = book.admit(subject, cost, at)
    assert not isinstance(grant, Hit)
    return grant


def refused(book: Ledger, subject: Subject, at: float, cost: Cost = ONE) -> Hit:
    """Return why a request was refused, as it must be."""
    hit = book.admit(subject, cost, at)
    assert isinstance(hit, Hit)
    return hit


def used(book: Ledger, subject: Subject, at: float) -> list[int]:
    """Return what each limit counts."""
    return [gauge.used for gauge in book.gauges(subject, at)]


def test_a_refused_request_is_charged_nowhere() -> None:
    """A full day limit leaves the minute as it was."""
    book = ledger(Limit(10), Limit(1, "day"))
    admitted(book, A, T0)
    hit = refused(book, A, T0 + 1)
    assert used(book, A, T0 + 1) == [1, 1]
    assert (hit.gauge.limit.window, hit.requested, hit.wait) == ("day", 1, 86_399)


def test_the_longest_wait_is_told() -> None:
    """Where several limits are full, the one that stays full longest is named."""
    book = ledger(Limit(1, "minute"), Limit(1, "day"), Limit(1, "hour"))
    admitted(book, A, T0)
    assert refused(book, A, T0).gauge.limit.window == "day"


def test_never_is_longer_than_any_wait() -> None:
    """A request larger than a limit is told so, although another limit is full too."""
    book = ledger(Limit(1, "day"), Limit(25, metric="total_tokens"))
    admitted(book, A, T0, Cost(prompt=1, output=1))
    hit = refused(book, A, T0)
    assert (hit.gauge.limit.metric, hit.requested, hit.wait) == ("total_tokens", 30, None)


@pytest.mark.parametrize(
    ("scope", "others"),
    [("account", [True, False]), ("model", [True, True]), ("pool", [False, False])],
)
def test_a_limit_counts_over_its_scope(scope: str, others: list[bool]) -> None:
    """Another account, and another model of the same account, share it or do not."""
    book = ledger(Limit(1, scope=scope))  # type: ignore[arg-type]
    admitted(book, A, T0)
    free = [not isinstance(book.admit(subject, ONE, T0), Hit) for subject in (B, OTHER)]
    assert free == others


def test_a_limit_of_some_models_leaves_the_others() -> None:
    """`models` narrows a limit."""
    book = ledger(Limit(1, models=("small",)))
    admitted(book, A, T0)
    refused(book, A, T0)
    for _ in range(3):
        admitted(book, OTHER, T0)


def test_an_account_may_have_limits_of_its_own() -> None:
    """They come on top of the provider's."""
    book = ledger(Limit(5), b=(Limit(1),))
    admitted(book, B, T0)
    refused(book, B, T0)
    for _ in range(5):
        admitted(book, A, T0)
    refused(book, A, T0)


def test_refused_calls_count_only_where_the_limit_says_so() -> None:
    """A day that counts refused calls fills up by them; the minute beside it does not."""
    book = ledger(Limit(2, "minute"), Limit(100, "day", counts_refused=True))
    for _ in range(2):
        admitted(book, A, T0)
    for _ in range(5):
        refused(book, A, T0)
    assert used(book, A, T0) == [2, 7]


@pytest.mark.parametrize(
    ("charge", "at_arrival", "at_end"), [("reserve", 30, 14), ("prompt", 10, 14), ("end", 0, 14)]
)
def test_tokens_become_true_at_the_end(charge: str, at_arrival: int, at_end: int) -> None:
    """Whatever was charged at arrival, a settled request counts what it took."""
    book = ledger(Limit(1000, metric="total_tokens", charge=charge))  # type: ignore[arg-type]
    grant = admitted(book, A, T0)
    assert used(book, A, T0) == [at_arrival]
    book.settle(grant, Cost(prompt=10, output=4), T0 + 2)
    assert used(book, A, T0 + 2) == [at_end]


def test_reserved_tokens_leave_with_their_arrival() -> None:
    """In a rolling window a correction does not make an entry younger."""
    book = ledger(Limit(1000, metric="total_tokens"))
    grant = admitted(book, A, T0)
    book.settle(grant, Cost(prompt=10, output=4), T0 + 30)
    assert used(book, A, T0 + 59.9) == [14]
    assert used(book, A, T0 + 60) == [0]


def test_tokens_charged_at_the_end_leave_with_the_end() -> None:
    """What counts when the answer ends is as young as the answer."""
    book = ledger(Limit(1000, metric="total_tokens", charge="end"))
    grant = admitted(book, A, T0)
    book.settle(grant, Cost(prompt=10, output=4), T0 + 30)
    assert used(book, A, T0 + 60) == [14]
    assert used(book, A, T0 + 90) == [0]


def test_a_limit_charged_at_the_end_still_refuses_when_it_is_full() -> None:
    """Nothing is charged at arrival, but a window without room admits nobody."""
    for amount in (14, 42):
        book = ledger(Limit(amount, metric="total_tokens", charge="end"))
        for grant in [admitted(book, A, T0) for _ in range(3)]:
            book.settle(grant, Cost(prompt=10, output=4), T0 + 1)
        assert used(book, A, T0 + 1) == [42]
        assert refused(book, A, T0 + 1).wait == 60


def test_a_slot_is_held_until_the_end() -> None:
    """Concurrency is what is under way."""
    book = ledger(Limit(1, metric="concurrent"))
    grant = admitted(book, A, T0)
    refused(book, A, T0 + 1000)
    book.settle(grant, ONE, T0 + 1000)
    admitted(book, A, T0 + 1000)


def test_a_question_a_hair_too_early_is_forgiven() -> None:
    """Callers' clocks are floats: whoever comes back after exactly the told wait gets in."""
    book = ledger(Limit(1))
    for minute in range(100):
        at = T0 + 0.1 + minute * 60.0
        admitted(book, A, at)
        wait = refused(book, A, at + 17.3).wait
        assert wait is not None
        assert abs(at + 17.3 + wait - (at + 60)) < 1e-5


@pytest.mark.parametrize("kind", ["fixed", "first", "rolling", "counter", "bucket", "pace"])
def test_time_never_goes_back(kind: str) -> None:
    """A stamp before the last one counts as the last one, so a jump back frees nothing."""
    book = ledger(Limit(1, kind=kind))  # type: ignore[arg-type]
    admitted(book, A, T0)
    refused(book, A, T0 - 600)


def test_only_told_gauges_are_read() -> None:
    """What no header tells is not looked up."""
    book = Ledger([Limit(5), Limit(9, "day")], {}, {("requests", "day")})
    assert [gauge.limit.amount for gauge in book.gauges(A, T0)] == [9]


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 50), st.integers(0, 50)),
        min_size=1,
        max_size=40,
    )
)
def test_every_window_of_every_limit_keeps_its_ceiling(
    steps: list[tuple[int, int, int]],
) -> None:
    """Of what was admitted, no minute holds more than 5 requests or 200 reserved tokens."""
    book = ledger(Limit(5), Limit(200, metric="total_tokens"), Limit(12, "hour", kind="fixed"))
    log: list[tuple[float, int]] = []
    at = T0
    for gap, prompt, output in steps:
        at += gap
        cost = Cost(prompt=prompt, output=output)
        if not isinstance(book.admit(A, cost, at), Hit):
            log.append((at, prompt + output))
    for start, _ in log:
        minute = [tokens for t, tokens in log if start <= t < start + 60]
        assert len(minute) <= 5
        assert sum(minute) <= 200
        assert sum(t // 3600 == start // 3600 for t, _ in log) <= 12


@pytest.mark.parametrize("kind", ["rolling", "fixed", "first", "counter", "bucket"])
def test_a_limit_that_changes_goes_on_counting(kind) -> None:
    """What was taken before still counts; other limits begin anew."""
    who = Subject("a", "a", "m")
    other = Limit(9, "hour", "total_tokens")
    books = Ledger([other, Limit(4, kind=kind)], {"a": [Limit(50, "day")]})
    for _ in range(3):
        assert not isinstance(books.admit(who, Cost(prompt=1), 0.0), Hit)
    books.change([Limit(5, kind=kind)], 0.0)
    taken = [books.admit(who, Cost(prompt=1), 0.0) for _ in range(3)]
    assert [isinstance(one, Hit) for one in taken] == [False, False, True]
    assert books.left(who, 0.0) == 0
    used = {g.limit.amount: g.used for g in _every_gauge(books, who)}
    assert used == {5: 5, 50: 5}


def _every_gauge(books: Ledger, who: Subject) -> list[Gauge]:
    return [gauge(line, 0) for line in books._of(who)]
