"""What a window is taken for as answers and refusals come in: decisions without a router."""

from __future__ import annotations

from math import inf

import pytest

from freetier.routing.finding import LONGEST_PAUSE, WINS, begun, doubted
from freetier.values.quota import Metric, Observation

SPAN = 60.0


def test_it_begins_with_what_was_accepted() -> None:
    """Or with the pace, if the provider wants the next one sooner than any log could take it."""
    assert begun(SPAN, 17, None, 100.0).amount == 17
    assert begun(SPAN, 3, 2.0, 100.0).amount == 30
    assert begun(SPAN, 17, 45.0, 100.0).amount == 17
    assert begun(SPAN, 0, None, 100.0).amount == 1


def test_an_unexpected_refusal_lowers_it_by_little_at_a_time() -> None:
    """To what was accepted, but not below 0.7 of it; and by one at least."""
    for count, lower in ((25, 25), (3, 21), (40, 29)):
        found = begun(SPAN, 30, None, 0.0)
        assert found.refused("a", 100.0, 101.0, count)
        assert found.amount == lower


def test_a_number_somebody_vouches_for_does_not_fall_with_a_refusal_now_and_then() -> None:
    """A provider that is busy says the same words; one in twenty and more are believed."""
    found = doubted(SPAN, 1000, 0.0)
    for n in range(20):  # three a minute among a hundred
        assert not found.refused("a", 100.0 + 20 * n, 101.0 + 20 * n, 100)
    assert found.amount == 1000
    for n in range(4):
        fell = found.refused("b", 1000.0 + n, 1000.5 + n, 40)
    assert fell
    assert found.amount < 1000


def test_what_was_under_way_and_the_first_span_say_nothing() -> None:
    """What was sent before still counts there and not here; together refused is refused once."""
    found = doubted(SPAN, 30, 100.0)
    assert not found.refused("a", 99.0, 100.5, 5)
    assert not found.refused("b", 130.0, 131.0, 5)
    assert found.amount == 30
    assert found.refused("c", 170.0, 171.0, 24)
    assert not found.refused("d", 170.5, 171.5, 20)
    assert found.amount == 24


def won(found, now: float) -> float:
    """Let a trial be answered; return when."""
    now += found.gap
    found.sent_at = now - found.gap / 2
    assert found.may_try(now)
    found.tries("trial")
    assert not found.may_try(now)
    found.answered("trial", now)
    return now


def test_trials_raise_it_in_growing_steps_up_to_what_somebody_vouches_for() -> None:
    """Every second answer by a step; nobody's word is exceeded."""
    found, now, seen = begun(SPAN, 10, None, 0.0), 100.0, []
    for _ in range(3 * WINS):
        now = won(found, now)
        seen.append(found.amount)
    assert seen == [10, 11, 11, 13, 13, 17]
    bounded = doubted(SPAN, 10, 0.0)
    bounded.amount = 9
    for _ in range(WINS):
        now = won(bounded, now)
    assert bounded.amount == 10
    bounded.sent_at = now
    assert not bounded.may_try(now + bounded.gap / 2)


def test_a_refused_trial_costs_a_pause_that_doubles_up_to_a_bound() -> None:
    """And not the number."""
    found, now, pauses = begun(SPAN, 10, None, 0.0), 1000.0, []
    for _ in range(6):
        found.tries("trial")
        assert not found.refused("trial", now - 1, now, 10)
        pauses.append((found.next_at - now) / SPAN)
    assert found.amount == 10
    assert pauses == [2, 4, 8, 16, 16, 16]
    assert pauses[-1] == LONGEST_PAUSE


def test_a_trial_goes_in_the_middle_between_two_at_the_pace() -> None:
    """Not right behind another one."""
    found = begun(SPAN, 10, None, 0.0)
    found.sent_at = 100.0
    allowed = [after for after in range(1, 7) if found.may_try(100.0 + after)]
    assert allowed == [3]


def test_refusals_in_a_row_shut_it_longer_and_an_answer_ends_the_row() -> None:
    """A told moment always holds."""
    found, shut = begun(SPAN, 60, None, 0.0), []
    for n in range(12):
        found.refused("a", 100.0 * n + 99, 100.0 * n + 100, 60)
        shut.append(found.shut(None))
    assert shut[:3] == [2 * 2, 4 * 2, 8 * 2]
    assert shut[-1] == 900
    assert found.shut(7.0) == 7.0
    found.answered("a", 9999.0)
    assert found.shut(None) == pytest.approx(max(found.gap, 2.0))
    assert found.most == inf


def test_tokens_are_found_in_steps_of_a_request() -> None:
    """Up by what one takes, down by one request at least."""
    found, now = begun(SPAN, 4000, None, 0.0), 100.0
    found.metric, found.unit = Metric.TOTAL, 200
    for _ in range(WINS):
        found.tries("trial")
        found.answered("trial", now)
    assert found.amount == 4200
    assert found.refused("a", now, now + 1, 4100)
    assert found.amount == 4000
    assert found.gap == SPAN * 200 / 4000


def test_a_number_that_is_told_anew_is_followed_up_and_down() -> None:
    """One that was told before, while less was found to hold, is not; nor one of another window."""

    def said(limit: int, span: float = SPAN) -> Observation:
        return Observation(metric=Metric.REQUESTS, span=span, limit=limit, remaining=3)

    found = doubted(SPAN, 30, 0.0)
    found.told, found.amount = 30, 20
    assert found.heeds(said(30)).limit is None
    assert found.heeds(said(99, 86_400.0)).limit == 99
    assert found.amount == 20
    for changed in (60, 10):
        assert found.heeds(said(changed)).limit == changed
        assert (found.amount, found.most) == (changed, changed)
