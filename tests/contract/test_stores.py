"""One contract for all stores, in both colours, against real servers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from freetier.values.faults import Fault
from freetier.values.quota import (
    CUT,
    Denied,
    Granted,
    Kind,
    Metric,
    Observation,
    Reservation,
    Settlement,
)
from tests.contract.store_desk import Desk, charge

HOUR = 3_600_000
DAY = 24 * HOUR
WINDOWED = (Kind.ROLLING, Kind.FIXED, Kind.FIRST, Kind.COUNTER, Kind.BUCKET)


def told(limit: int | None = None, remaining: int | None = None) -> Observation:
    """Return what a provider says of a window."""
    return Observation(metric=Metric.REQUESTS, span=10, limit=limit, remaining=remaining)


# Reserving


@pytest.mark.parametrize("kind", WINDOWED)
def test_a_window_admits_what_it_holds_and_not_one_more(desk: Desk, kind: Kind) -> None:
    """Asked ten times, a window of three admits three."""
    asked = charge("{a}:w", 3, kind=kind)

    assert desk.granted(asked, times=10) == 3
    assert desk.held(asked) == 3


@pytest.mark.parametrize("kind", [*WINDOWED, Kind.PACE])
def test_expiry_is_half_open(desk: Desk, kind: Kind) -> None:
    """A no tells the first millisecond of a yes: one before it is still a no."""
    burst = 1.0 if kind is Kind.PACE else 0.0
    asked = charge("{a}:w", 2, kind=kind, burst=burst)
    desk.granted(asked, times=2)
    retry = desk.ask(asked).retry
    assert retry is not None

    desk.clock.ms += retry - 1
    assert desk.ask(asked).retry == 1
    desk.clock.ms += 1
    assert desk.ask(asked).start == 0


def test_all_charges_are_taken_or_none(desk: Desk) -> None:
    """One full window keeps all others untouched, and is the one that is named."""
    wide, narrow = charge("{a}:wide", 9), charge("{a}:narrow", 1)
    desk.ask(wide, narrow)

    answer = desk.ask(wide, narrow).answer

    assert isinstance(answer, Denied)
    assert answer.charge == narrow
    assert desk.held(wide) == 1


def test_metrics_and_kinds_mix_in_one_reservation(desk: Desk) -> None:
    """The tightest of several different windows decides."""
    requests = charge("{a}:r", 100)
    tokens = charge("{a}:t", 1000, 300, kind=Kind.FIXED, metric=Metric.TOTAL, span_ms=60_000)
    bucket = charge("{a}:b", 50, kind=Kind.BUCKET)

    assert desk.granted(requests, tokens, bucket, times=9) == 3
    assert [desk.held(one) for one in (requests, tokens, bucket)] == [3, 900, 3]


@pytest.mark.parametrize("kind", [*WINDOWED, Kind.PACE, Kind.CONCURRENT])
def test_a_limit_of_nothing_admits_nothing_ever(desk: Desk, kind: Kind) -> None:
    """Zero is never, and no moment to come back is told."""
    assert desk.ask(charge("{a}:w", 0, kind=kind), wait=DAY).retry is None


def test_more_than_a_window_can_hold_never_fits(desk: Desk) -> None:
    """A request beyond the ceiling waits for nothing."""
    assert desk.ask(charge("{a}:w", 10, 11), wait=DAY).retry is None


def test_asking_for_nothing_is_granted(desk: Desk) -> None:
    """Without charges and guards there is nothing to say no to."""
    assert desk.ask().start == 0


def test_a_limit_that_changes_holds_at_once(desk: Desk) -> None:
    """Limits come with each request; none is kept."""
    asked = charge("{a}:w", 3)
    desk.granted(asked, times=3)

    assert desk.granted(replace(asked, ceiling=5), times=9) == 2
    assert desk.granted(replace(asked, ceiling=1), times=9) == 0


@pytest.mark.parametrize("kind", [*WINDOWED, Kind.CONCURRENT])
def test_a_reservation_that_is_held_is_not_taken_twice(desk: Desk, kind: Kind) -> None:
    """Asking again after a lost answer returns the same start and takes nothing more."""
    asked = charge("{a}:w", 5, kind=kind)
    held = Reservation(id="once", charges=(asked,))

    assert [desk.reserve(held) for _ in range(3)] == [Granted()] * 3
    assert desk.held(asked) == 1


def test_a_booking_that_is_held_keeps_its_start(desk: Desk) -> None:
    """The start that is told again counts from now."""
    asked = charge("{a}:w", 1)
    desk.ask(asked).settle()
    held = Reservation(id="once", charges=(asked,))

    assert desk.reserve(held, 30_000) == Granted(start_in_ms=10_000 + CUT)
    desk.clock.ms += 4000
    assert desk.reserve(held, 30_000) == Granted(start_in_ms=6000 + CUT)
    assert desk.reserve(held, 0) == Granted(start_in_ms=6000 + CUT)


# Booking


@pytest.mark.parametrize("kind", WINDOWED)
def test_a_full_window_is_booked_in_order(desk: Desk, kind: Kind) -> None:
    """Who would wait gets a start; starts never go backwards, and each can be kept."""
    asked = charge("{a}:w", 2, kind=kind)
    starts = [desk.ask(asked, wait=60_000).start for _ in range(7)]

    assert starts[:2] == [0, 0]
    assert starts == sorted(starts)
    assert starts[2] > 0


def test_what_would_start_too_late_is_not_booked(desk: Desk) -> None:
    """A patience of one millisecond less is a no, which tells when."""
    asked = charge("{a}:w", 1)
    desk.ask(asked).settle()

    assert desk.ask(asked, wait=10_000).retry == 10_000 + CUT
    assert desk.ask(asked, wait=10_000 + CUT).start == 10_000 + CUT
    assert desk.held(asked) == 2


def test_a_booking_that_is_given_back_goes_to_the_next(desk: Desk) -> None:
    """The hole keeps its start; those behind it stay where they are."""
    asked = charge("{a}:w", 1)
    desk.ask(asked).settle()
    first, second = (desk.ask(asked, wait=60_000) for _ in range(2))
    first.drop()

    third = desk.ask(asked, wait=60_000)

    assert (first.start, second.start) == (10_000 + CUT, 20_000 + 2 * CUT)
    assert third.start == first.start


def test_a_booking_waits_for_all_its_windows(desk: Desk) -> None:
    """The start is the latest of all, and every window holds it from then on."""
    soon = charge("{a}:soon", 1)
    late = charge("{a}:late", 1, span_ms=40_000)
    desk.ask(soon, late).settle()

    assert desk.ask(soon, late, wait=HOUR).start == 40_000 + CUT
    assert desk.ask(soon, wait=HOUR).start == 50_000 + 2 * CUT


# Settling


@pytest.mark.parametrize("kind", WINDOWED)
def test_an_estimate_that_was_too_high_is_free_at_once(desk: Desk, kind: Kind) -> None:
    """What was not used can be used by the next request."""
    asked = charge("{a}:w", 100, 60, kind=kind)
    ticket = desk.ask(asked)
    assert desk.ask(asked).retry

    ticket.settle([40])

    assert desk.ask(asked).start == 0
    assert desk.held(asked) == 100


@pytest.mark.parametrize("kind", WINDOWED)
def test_an_estimate_that_was_too_low_is_debt_in_the_same_window(desk: Desk, kind: Kind) -> None:
    """What was used beyond the ceiling counts, and holds the next ones back."""
    asked = charge("{a}:w", 100, 60, kind=kind)
    desk.ask(asked).settle([130])

    assert desk.held(asked) == 130
    assert desk.ask(replace(asked, amount=1)).retry


@pytest.mark.parametrize("kind", [*WINDOWED, Kind.CONCURRENT])
def test_settling_is_idempotent(desk: Desk, kind: Kind) -> None:
    """A second settlement of any sort, and a stranger's, change nothing."""
    asked = charge("{a}:w", 100, 1 if kind is Kind.CONCURRENT else 50, kind=kind)
    ticket = desk.ask(asked)
    ticket.settle([30])
    once = desk.tally(asked)

    ticket.settle([99])
    ticket.drop()
    ticket.settle()
    desk.settle(Reservation(id="stranger", charges=(asked,)), Settlement(amounts=(7,)))

    assert desk.tally(asked) == once


@pytest.mark.parametrize("kind", [*WINDOWED, Kind.PACE, Kind.CONCURRENT])
def test_what_was_never_sent_is_given_back_once(desk: Desk, kind: Kind) -> None:
    """Giving back twice frees one place, not two."""
    burst = 2.0 if kind is Kind.PACE else 0.0
    asked = charge("{a}:w", 2, kind=kind, burst=burst)
    first, _ = desk.ask(asked), desk.ask(asked)

    first.drop()
    first.drop()

    assert desk.granted(asked, times=5) == 1


@pytest.mark.parametrize("kind", [Kind.ROLLING, Kind.FIXED, Kind.BUCKET])
def test_what_is_never_settled_counts_as_its_estimate(desk: Desk, kind: Kind) -> None:
    """A caller that dies loses its estimate for one window, and no longer."""
    asked = charge("{a}:w", 10, 10, kind=kind)
    desk.ask(asked, lease_ms=5000)

    assert desk.ask(asked).retry
    desk.clock.ms += 20_000
    assert desk.ask(asked).start == 0


def test_settling_what_nobody_holds_is_no_error(desk: Desk) -> None:
    """A store that was emptied meanwhile takes a settlement for nothing."""
    ticket = desk.ask(charge("{a}:w", 5))
    desk.reset_usage()

    ticket.settle([3])

    assert desk.held(charge("{a}:w", 5)) == 0


def test_travel_is_charged_late_and_asked_early(desk: Desk) -> None:
    """Without news the latest stamp counts; an answer bounds it."""
    asked = charge("{a}:w", 1)
    ticket = desk.ask(asked, near_ms=100, far_ms=2000)
    assert desk.ask(asked, near_ms=100, far_ms=2000).retry == 11_900 + CUT

    desk.clock.ms += 500
    ticket.settle()

    assert desk.ask(asked, near_ms=100, far_ms=2000).retry == 9900 + CUT


# Windows of their own kind


def test_places_are_taken_and_given_back(desk: Desk) -> None:
    """At most so many are under way; settling and dropping free a place."""
    asked = charge("{a}:c", 2, kind=Kind.CONCURRENT, metric=Metric.CONCURRENT)
    first, second = desk.ask(asked), desk.ask(asked)
    assert desk.ask(asked).retry

    first.settle()
    second.drop()

    assert desk.granted(asked, times=5) == 2


def test_a_place_that_is_never_given_back_returns_with_its_lease(desk: Desk) -> None:
    """A caller that dies holds its place until its lease ends, not a millisecond longer."""
    asked = charge("{a}:c", 1, kind=Kind.CONCURRENT, metric=Metric.CONCURRENT)
    desk.ask(asked, lease_ms=7000)

    assert desk.ask(asked).retry == 7000
    desk.clock.ms += 6999
    assert desk.ask(asked).retry == 1
    desk.clock.ms += 1
    assert desk.ask(asked).start == 0


def test_a_day_ends_at_its_edge_also_when_it_has_23_hours(desk: Desk) -> None:
    """Calendar windows follow the edges they come with, not their nominal length."""
    begin = desk.clock.ms
    edges = (begin - DAY, begin, begin + 23 * HOUR, begin + 47 * HOUR)
    asked = charge("{a}:d", 1, kind=Kind.CALENDAR, span_ms=DAY, edges=edges)
    desk.ask(asked).settle()

    assert desk.ask(asked).retry == 23 * HOUR
    desk.clock.ms = begin + 23 * HOUR - 1
    assert desk.ask(asked).retry == 1
    desk.clock.ms += 1
    assert desk.ask(asked).start == 0
    assert desk.ask(asked).retry == DAY


def test_a_bucket_refills_while_it_is_used(desk: Desk) -> None:
    """Ten in ten seconds: one more each second, and at most the capacity at once."""
    asked = charge("{a}:b", 10, kind=Kind.BUCKET, burst=4.0)

    assert desk.granted(asked, times=9) == 4
    desk.clock.ms += 2000 + CUT
    assert desk.granted(asked, times=9) == 2
    desk.clock.ms += HOUR
    assert desk.granted(asked, times=9) == 4


def test_a_full_bucket_gives_all_it_holds_at_once(desk: Desk) -> None:
    """Also while nobody knows when the others will be counted: not more than it holds."""
    asked = charge("{a}:b", 10, kind=Kind.BUCKET, burst=4.0)

    tickets = [desk.ask(asked, far_ms=500) for _ in range(5)]

    assert [isinstance(ticket.answer, Granted) for ticket in tickets] == [True] * 4 + [False]
    assert tickets[4].retry == 500 + CUT + 1000


# Time


def test_a_clock_that_jumps_back_frees_nothing(desk: Desk) -> None:
    """An hour back, the window is as full as it was, and is free again when it would be."""
    fixed = charge("{a}:f", 2, kind=Kind.FIXED)
    rolling = charge("{a}:r", 2)
    desk.granted(fixed, rolling, times=2)
    before = desk.now()

    desk.clock.ms -= HOUR

    assert desk.now() >= before
    assert desk.granted(fixed, times=5) == 0
    assert desk.granted(rolling, times=5) == 0
    desk.clock.ms += HOUR + 10_000 + CUT
    assert desk.granted(fixed, rolling, times=5) == 2


def test_now_is_the_clocks_instant(desk: Desk) -> None:
    """In milliseconds since 1970."""
    assert desk.now() == desk.clock.ms


# Blocks, faults, leases


def test_a_block_forbids_until_it_ends(desk: Desk) -> None:
    """Its end is half-open; the no carries the block."""
    asked = charge("{a}:w", 9)
    desk.block("{a}:account", 3000, Fault.RATE_LIMITED)

    answer = desk.ask(asked, guards=("{a}:other", "{a}:account")).answer
    assert isinstance(answer, Denied)
    assert answer.retry_in_ms == 3000
    assert answer.block is not None
    assert (answer.block.key, answer.block.fault) == ("{a}:account", Fault.RATE_LIMITED)
    assert answer.block.until_ms == desk.clock.ms + 3000

    desk.clock.ms += 2999
    assert desk.ask(asked, guards=("{a}:account",)).retry == 1
    desk.clock.ms += 1
    assert desk.ask(asked, guards=("{a}:account",)).start == 0


def test_a_later_end_of_a_block_wins(desk: Desk) -> None:
    """A shorter block never ends a longer one early."""
    desk.block("{a}", 9000, Fault.QUOTA_GONE)
    desk.block("{a}", 1000, Fault.RATE_LIMITED)

    state = desk.survey([], ["{a}"]).blocks["{a}"]
    assert (state.left_ms, state.fault) == (9000, Fault.QUOTA_GONE)

    desk.block("{a}", 20_000, Fault.SERVER)
    state = desk.survey([], ["{a}"]).blocks["{a}"]
    assert (state.left_ms, state.fault) == (20_000, Fault.SERVER)


def test_a_blocked_reservation_is_booked_behind_the_block(desk: Desk) -> None:
    """Who would wait long enough starts when the block ends."""
    desk.block("{a}", 3000, Fault.OVERLOADED)

    assert desk.ask(charge("{a}:w", 9), guards=("{a}",), wait=3000).start == 3000
    assert desk.ask(charge("{a}:w", 9), guards=("{a}",), wait=2999).retry == 3000


def test_faults_are_counted_within_the_span(desk: Desk) -> None:
    """Old ones do not count; the span is half-open."""
    counts = []
    for gap in (0, 400, 400, 200, 5000):
        desk.clock.ms += gap
        counts.append(desk.record_fault("{a}", 1000))

    assert counts == [1, 2, 3, 3, 1]
    assert desk.record_fault("{b}", 1000) == 1


def test_one_holds_a_lease_and_may_renew_it(desk: Desk) -> None:
    """Nobody else gets it before it ends or is let go by its holder."""
    assert desk.lease("{a}", "me", 1000)
    assert not desk.lease("{a}", "you", 1000)
    desk.clock.ms += 900
    assert desk.lease("{a}", "me", 1000)
    desk.clock.ms += 999
    assert not desk.lease("{a}", "you", 1000)
    desk.clock.ms += 1
    assert desk.lease("{a}", "you", 1000)

    desk.release("{a}", "me")
    assert not desk.lease("{a}", "me", 1000)
    desk.release("{a}", "you")
    assert desk.lease("{a}", "me", 1000)


def test_letting_go_with_clear_forgets_faults_and_block(desk: Desk) -> None:
    """A probe that went well ends the trouble of its key, and of no other."""
    for key in ("{a}", "{b}"):
        desk.block(key, 9000, Fault.SERVER)
        desk.record_fault(key, 9000)
    desk.lease("{a}", "me", 1000)

    desk.release("{a}", "me", clear=True)

    assert list(desk.survey([], ["{a}", "{b}"]).blocks) == ["{b}"]
    assert desk.record_fault("{a}", 9000) == 1
    assert desk.record_fault("{b}", 9000) == 2
    assert desk.lease("{a}", "you", 1000)


@pytest.mark.parametrize("keys", [None, ["{a}"]])
def test_clearing_blocks_keeps_usage(desk: Desk, keys: list[str] | None) -> None:
    """Blocks, faults and leases go; windows and learned limits stay."""
    asked = charge("{a}", 5)
    desk.ask(asked)
    desk.observe(asked, told(limit=7), 0)
    desk.block("{a}", 9000, Fault.SERVER)
    desk.record_fault("{a}", 9000)
    desk.lease("{a}", "me", 9000)

    desk.clear_blocks(keys)

    assert desk.survey([], ["{a}"]).blocks == {}
    assert desk.record_fault("{a}", 9000) == 1
    assert desk.lease("{a}", "you", 9000)
    assert desk.held(asked) == 1
    assert desk.learned(["{a}"])["{a}"].amount == 7


@pytest.mark.parametrize("keys", [None, ["{a}"]])
def test_resetting_usage_keeps_blocks(desk: Desk, keys: list[str] | None) -> None:
    """Windows go; blocks, faults, leases and learned limits stay."""
    asked = charge("{a}", 5)
    desk.ask(asked)
    desk.observe(asked, told(limit=7), 0)
    desk.block("{a}", 9000, Fault.SERVER)
    desk.record_fault("{a}", 9000)
    desk.lease("{a}", "me", 9000)

    desk.reset_usage(keys)

    assert desk.held(asked) == 0
    assert list(desk.survey([], ["{a}"]).blocks) == ["{a}"]
    assert desk.record_fault("{a}", 9000) == 2
    assert not desk.lease("{a}", "you", 9000)
    assert desk.learned(["{a}"])["{a}"].amount == 7


def test_forgetting_some_keys_leaves_the_others(desk: Desk) -> None:
    """Only what is named goes."""
    one, other = charge("{a}", 5), charge("{b}", 5)
    for key, asked in (("{a}", one), ("{b}", other)):
        desk.ask(asked)
        desk.block(key, 9000, Fault.SERVER)

    desk.clear_blocks(["{a}", "{unknown}"])
    desk.reset_usage(["{b}", "{unknown}"])

    assert list(desk.survey([], ["{a}", "{b}"]).blocks) == ["{b}"]
    assert (desk.held(one), desk.held(other)) == (1, 0)


# What providers say


def test_a_limit_that_is_told_is_learned(desk: Desk) -> None:
    """With its source and its instant; the next one replaces it."""
    asked = charge("{a}:w", 5)
    desk.observe(asked, told(limit=30), 0)
    desk.clock.ms += 1000
    desk.observe(asked, told(limit=20), 0)

    learned = desk.learned(["{a}:w", "{a}:unknown"])

    assert list(learned) == ["{a}:w"]
    assert (learned["{a}:w"].amount, learned["{a}:w"].source) == (20, "header")
    assert learned["{a}:w"].at_ms == desk.clock.ms
    assert desk.tally(asked).learned == learned["{a}:w"]


@pytest.mark.parametrize("kind", WINDOWED)
def test_less_left_than_we_thought_is_adopted(desk: Desk, kind: Kind) -> None:
    """Somebody else used the account: two of ten left means two more."""
    asked = charge("{a}:w", 10, kind=kind)
    desk.ask(asked).settle()
    desk.clock.ms += 10

    desk.observe(asked, told(remaining=2), 5)

    assert desk.granted(asked, times=9) == 2


def test_more_left_than_we_thought_gives_nothing_back(desk: Desk) -> None:
    """What is under way may not be counted over there yet."""
    asked = charge("{a}:w", 10)
    desk.granted(asked, times=8)

    desk.observe(asked, told(remaining=9), 0)

    assert desk.granted(asked, times=9) == 2


def test_an_older_remark_is_ignored(desk: Desk) -> None:
    """What was sent before the last adopted one says nothing new."""
    asked = charge("{a}:w", 10)
    desk.clock.ms += 100
    desk.observe(asked, told(remaining=6), 10)

    desk.observe(asked, told(remaining=1), 20)

    assert desk.granted(asked, times=9) == 6


# Surveys


def test_a_survey_reads_in_the_order_it_is_asked(desk: Desk) -> None:
    """Used, reserved and the reset, also of windows that nobody has used."""
    used, unused, other = charge("{a}:u", 9), charge("{a}:n", 9), charge("{b}:u", 9)
    desk.ask(used).settle()
    desk.ask(used)
    desk.ask(other)

    tallies = desk.survey([other, unused, used]).tallies

    assert [tally.key for tally in tallies] == ["{b}:u", "{a}:n", "{a}:u"]
    assert [(tally.used, tally.reserved) for tally in tallies] == [(0, 1), (0, 0), (1, 1)]
    assert [tally.resets_in_ms for tally in tallies] == [10_000 + CUT, None, 10_000 + CUT]


def test_a_survey_changes_nothing(desk: Desk) -> None:
    """Looking, also much later, leaves what a booking needs."""
    asked = charge("{a}:w", 1)
    desk.ask(asked).settle()
    desk.ask(asked, wait=60_000)
    desk.survey([asked])

    assert desk.ask(asked, wait=60_000).start == 20_000 + 2 * CUT


def test_a_survey_of_thousands_of_windows_is_one_answer(desk: Desk) -> None:
    """Two thousand accounts are no reason to fail."""
    charges = [charge(f"{{account-{n}}}:w", 9) for n in range(2500)]
    desk.ask(charges[7])

    survey = desk.survey(charges, [f"{{account-{n}}}" for n in range(2500)])

    assert [n for n, tally in enumerate(survey.tallies) if tally.reserved] == [7]
    assert survey.blocks == {}


@pytest.mark.parametrize(
    "key",
    ["plain", "{tag}:x", "a:b/c d", "quo'te\"s", "Ünïcødé 🦊", "per%cent_under*?[x]", "{}", "a\\b"],
)
def test_any_text_is_a_key(desk: Desk, key: str) -> None:
    """Names of accounts and models are the user's."""
    asked = charge(key, 1)
    desk.ask(asked)
    desk.block(key, 1000, Fault.SERVER)

    assert desk.ask(asked).retry
    assert list(desk.survey([asked], [key]).blocks) == [key]
    desk.reset_usage([key])
    desk.clear_blocks([key])
    assert desk.ask(asked, guards=(key,)).start == 0


# Keeping


def test_what_was_used_is_known_after_a_restart(shared_desk: Desk) -> None:
    """A new router in the same minute knows windows, blocks, leases and learned limits."""
    asked = charge("{a}:w", 3)
    shared_desk.ask(asked).settle()
    booked = shared_desk.ask(asked)
    shared_desk.block("{a}", 9000, Fault.SERVER)
    shared_desk.observe(asked, told(limit=4), 0)
    shared_desk.lease("{a}", "me", 9000)
    shared_desk.close()

    later = shared_desk.again()

    assert later.tally(asked)[:3] == ("{a}:w", 1, 1)
    assert list(later.survey([], ["{a}"]).blocks) == ["{a}"]
    assert later.learned(["{a}:w"])["{a}:w"].amount == 4
    assert not later.lease("{a}", "you", 1)
    later.settle(booked.reservation, Settlement(answered_ago_ms=0))
    assert later.tally(asked)[:3] == ("{a}:w", 2, 0)
    later.end()


def test_two_openings_of_one_place_share_everything(shared_desk: Desk) -> None:
    """What one takes the other one misses."""
    other = shared_desk.again()
    asked = charge("{a}:w", 4)

    both = [desk.granted(asked, times=1) for _ in range(5) for desk in (shared_desk, other)]

    assert sum(both) == 4
    other.end()


def test_the_highest_instant_is_kept_over_a_restart(shared_desk: Desk) -> None:
    """A clock that is corrected while nobody runs frees nothing either."""
    asked = charge("{a}:f", 1, kind=Kind.FIXED)
    shared_desk.ask(asked)
    shared_desk.close()
    shared_desk.clock.ms -= HOUR

    later = shared_desk.again()

    assert isinstance(later.ask(asked).answer, Denied)
    later.end()


def test_closing_twice_is_closing_once(desk: Desk) -> None:
    """And a store that is used after all opens again."""
    desk.ask(charge("{a}:w", 3))

    desk.close()
    desk.close()

    assert desk.ask(charge("{a}:w", 3)).start == 0
