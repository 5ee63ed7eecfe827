"""The books answer what was asked, in order, and hold no keys."""

from __future__ import annotations

import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from freetier.testing import Books, Entry

T0 = 1_795_219_200.0


def written(books: Books, at: float, **facts: Any) -> int:
    """Write a request of account `a`."""
    return books.write(at=at, provider="p", **{"account": "a", "model": "m", **facts})


def test_entries_come_in_the_order_they_were_written() -> None:
    """What is written first is read first, as frozen values."""
    books = Books()
    for number in range(3):
        written(books, T0 + number)
    assert [entry.at - T0 for entry in books.entries] == [0, 1, 2]
    assert isinstance(books.entries[0], Entry)
    assert len(books) == 3


def test_queries_pick_by_verdict_account_and_model() -> None:
    """Admitted and refused are two lists; both narrow by account and model."""
    books = Books()
    written(books, T0, input_tokens=5, output_tokens=7)
    written(books, T0, model="n", input_tokens=1, output_tokens=1)
    written(books, T0, account="b", verdict="refused", why="requests per day")
    written(books, T0, verdict="failed")
    assert len(books.admitted()) == 2
    assert len(books.admitted("a", "m")) == 1
    assert [entry.why for entry in books.refused()] == ["requests per day"]
    assert books.refused("a") == []
    assert books.tokens("a") == (6, 8)
    assert books.tokens("a", "m").total == 12


def test_an_entry_is_amended_in_place() -> None:
    """What becomes known later joins the entry; the order stays."""
    books = Books()
    number = written(books, T0)
    written(books, T0 + 1)
    books.amend(number, aborted=True, ended_at=T0 + 2)
    first, second = books.entries
    assert (first.aborted, first.ended_at, second.aborted) == (True, T0 + 2, False)


def test_cleared_books_ignore_what_they_have_forgotten() -> None:
    """A request that ends after `clear` changes no other entry."""
    books = Books()
    old = written(books, T0)
    books.clear()
    new = written(books, T0 + 1)
    books.amend(old, aborted=True)
    books.amend(new, status=500)
    (entry,) = books.entries
    assert (entry.aborted, entry.status) == (False, 500)


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 100))
def test_the_peak_is_the_fullest_window(seconds: list[int], window: int) -> None:
    """No window of that length, end excluded, holds more; one holds as many."""
    books = Books()
    for second in seconds:
        written(books, T0 + second)
    fullest = max((sum(s <= other < s + window for other in seconds) for s in seconds), default=0)
    assert books.peak("a", window) == fullest
    assert books.peak(None, window) == fullest
    assert books.peak("nobody", window) == 0


def test_many_threads_may_write_at_once() -> None:
    """Nothing is lost and every number is given once."""
    books = Books()
    numbers: list[int] = []

    def write() -> None:
        numbers.extend(written(books, T0) for _ in range(200))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1600))
