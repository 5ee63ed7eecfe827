"""The table of quota."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from freetier.demo.alone import Alone
from freetier.demo.tables import limit, quota_table, span
from freetier.values.listing import QuotaRow
from freetier.values.quota import Metric

NOW = 1_795_219_200.0


def row(account="groq-1", window="rolling:60", *, used=0, **facts) -> QuotaRow:
    """Return a row of ten requests."""
    given = {"metric": Metric.REQUESTS, "limit": 10, "left": 10 - used, **facts}
    return QuotaRow(
        account=account,
        provider="groq",
        model=None,
        window=window,
        used=used,
        **{"reserved": 0, "resets_at": None, "source": "user", **given},
    )


def printed(rows, alone=None) -> list[str]:
    """Return the lines of a table, without its head."""
    console = Console(file=io.StringIO(), width=80)
    console.print(quota_table(rows, alone or {}, NOW))
    return [line.rstrip() for line in console.file.getvalue().splitlines()[2:]]


def test_only_what_was_used_or_is_blocked_is_shown():
    """A catalog lists far more than anybody uses."""
    rows = [row("a"), row("b", used=3), row("c", blocked_until=NOW + 60.0)]
    assert [line.split()[0] for line in printed(rows)] == ["b", "c"]


def test_a_row_tells_what_is_left_and_when_it_is_back():
    """The figures are those of the status, in words."""
    (line,) = printed([row(used=4, resets_at=NOW + 47.2)])
    assert line.split() == ["groq-1", "10/minute", "user", "4", "6", "47", "s"]


def test_a_blocked_row_tells_the_end_of_the_block():
    """What the window would have left is of no use then."""
    (line,) = printed([row(used=4, resets_at=NOW + 47.0, blocked_until=NOW + 7200.0)])
    assert line.split() == ["groq-1", "10/minute", "user", "4", "blocked", "2", "h"]


def test_the_measured_account_stands_beside_its_first_row():
    """Once per account, however many windows it has."""
    rows = [row(used=1), row(window="day@UTC", used=1), row("other", used=1)]
    first, second, other = printed(rows, {"groq-1": Alone(3, 11, 0), "other": Alone(1, 2, 3)})
    assert first.endswith("3, 11x429")
    assert second.split()[0] == "10/day"
    assert second.split()[-1] == "9"
    assert other.endswith("1, 2x429, 3 failed")


@pytest.mark.parametrize(
    ("window", "facts", "words"),
    [
        ("rolling:60", {}, "10/minute"),
        ("bucket:60", {"note": "2 at once"}, "10/minute, 2 at once"),
        ("unknown:3600", {}, "10/hour"),
        ("rolling:90", {}, "10/90 s"),
        ("day@UTC", {}, "10/day (UTC)"),
        ("concurrent:0", {"metric": Metric.CONCURRENT}, "10 at once"),
        ("bucket:86400", {"metric": Metric.TOTAL}, "10 total tokens/day"),
    ],
)
def test_a_limit_in_words(window, facts, words):
    """Amount, metric unless it is requests, window, and how much at once."""
    assert limit(row(window=window, **facts)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (99, "99 s"), (100, "2 min"), (5399, "90 min"), (7200, "2 h"), (864_000, "10 d")],
)
def test_a_length_of_time_in_words(seconds, words):
    """One unit, and at most two digits of it."""
    assert span(seconds) == words
