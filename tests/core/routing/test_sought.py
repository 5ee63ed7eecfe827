"""The window that a limit is looked for in: which one it is, and how it is counted meanwhile."""

from __future__ import annotations

import pytest

from freetier.routing.charges import charges, prepare
from freetier.routing.sought import (
    one_more,
    short_line,
    short_lines,
    suspected,
    taken_of,
    told_of,
    with_unknown,
)
from freetier.values.quota import UNTOLD, Cost, Kind, Metric
from tests.core.routing.setups import candidate, limit

RPM, TPM = limit("requests", 30, source="official"), limit("total_tokens", 6000, source="official")
COST = Cost(input_tokens=100, output_tokens=30)


@pytest.mark.parametrize(
    ("held", "named", "expected"),
    [
        ((15, 5900), None, Metric.TOTAL),
        ((29, 100), None, Metric.REQUESTS),
        ((29, 100), "total_tokens", Metric.TOTAL),
        ((15, 5900), "requests", Metric.REQUESTS),
        ((15, 5900), "money", Metric.TOTAL),
        ((0, 0), None, Metric.REQUESTS),
    ],
)
def test_a_refusal_is_about_what_it_names_or_what_is_fullest(held, named, expected) -> None:
    """Of the windows that somebody told of; if nobody did, about requests."""
    lines = short_lines(prepare(candidate(RPM, TPM)))
    assert suspected(lines, (30, 6000), held, named) is expected
    silent = Metric.TOTAL if named == "total_tokens" else Metric.REQUESTS
    assert suspected((), (), (), named) is silent


def test_short_is_up_to_an_hour_and_has_a_number() -> None:
    """Days are another matter, and so is a window that nobody has given a number."""
    open_ = limit("requests", UNTOLD, source="untold")
    assert short_lines(prepare(candidate(open_, limit("total_tokens", 9, "day")))) == ()
    lines = short_lines(prepare(candidate(limit("requests", 900, "hour"), RPM, TPM)))
    assert [line.charge.ceiling for line in lines] == [30, 6000]


def test_a_window_of_tokens_that_nobody_told_rolls_and_counts_from_the_answer() -> None:
    """Nobody says when they are charged; the late moment is safe. What is told stays."""
    made = with_unknown(prepare(candidate(RPM)), Metric.TOTAL, 4000, 0)
    requests, tokens = made.lines
    assert requests.charge.ceiling == 30
    assert (tokens.charge.kind, tokens.charge.ceiling) == (Kind.ROLLING, 4000)
    assert tokens.charge.at_answer
    (told,) = told_of(made, Metric.TOTAL, 3500)
    assert (told[0].key, told[1].limit, told[1].source) == (tokens.charge.key, 3500, "found")


@pytest.mark.parametrize(("source", "amount"), [("official", 20), ("user", 30)])
def test_the_users_own_number_stays_above_what_is_found(source: str, amount: int) -> None:
    """What was found is learned, and holds below it; the catalogue's is replaced."""
    prepared = prepare(candidate(limit("requests", 30, source=source)))
    line = short_line(with_unknown(prepared, Metric.REQUESTS, 20, 0))
    assert line is not None
    assert (line.limit.amount, line.limit.window.kind) == (amount, Kind.UNKNOWN)


def test_a_trial_asks_for_what_it_takes_of_the_window_that_is_found() -> None:
    """And for nothing more of any other."""
    day = limit("total_tokens", 9000, "day")
    held = charges(prepare(candidate(RPM, TPM, day)), COST, 0)
    assert [one_more(c, Metric.TOTAL).ceiling for c in held] == [30, 6130, 9000]
    assert [one_more(c, Metric.REQUESTS).ceiling for c in held] == [31, 6000, 9000]


def test_a_request_takes_one_at_least() -> None:
    """Of tokens as many as it has."""
    metrics = (Metric.REQUESTS, Metric.INPUT, Metric.TOTAL)
    assert [taken_of(metric, COST) for metric in metrics] == [1, 100, 130]
    assert [taken_of(metric, Cost()) for metric in metrics] == [1, 1, 1]
