"""What a request costs before it is sent, and what it cost after."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.routing.estimate import (
    NANO,
    actual,
    bound_of,
    cost_of,
    is_bounded,
    is_capped,
    nano,
    unpriced,
)
from freetier.routing.lengths import Lengths
from freetier.routing.needs import Needs
from freetier.values.chat import FinishReason, Usage
from freetier.values.models import Prices
from freetier.values.options import RouteOptions
from freetier.values.quirks import Quirks
from freetier.values.quota import Cost
from tests.core.routing.setups import candidate, limit

TEXT = Needs(text_tokens=1000, text_bound=4000)
PRICES = Prices(input=1e-6, output=4e-6)
CAPPED = RouteOptions(allow_paid=True, max_cost=1.0)
TPM = limit("total_tokens", 6000)


def cost(*limits, needs: Needs = TEXT, options=None, lengths=None, **more) -> Cost:
    """Return the cost of a request at one candidate."""
    return cost_of(needs, candidate(*limits, **more), lengths or Lengths(), options)


@pytest.mark.parametrize(
    ("limits", "more", "max_tokens", "output"),
    [
        ((), {}, None, 512),
        ((), {}, 77, 77),
        ((), {}, 5000, 5000),
        ((), {"max_output": 300}, None, 300),
        ((), {"max_output": 300}, 5000, 300),
        ((), {"context": 1400}, None, 400),
        ((TPM,), {}, 5500, 5000),
        ((limit("total_tokens", 1200),), {}, None, 200),
        ((limit("total_tokens", 900),), {}, None, 1),
        ((TPM, limit("total_tokens", 1100, "day")), {}, None, 100),
        ((limit("output_tokens", 50),), {}, None, 50),
        ((limit("total_tokens", 90_000, kind="bucket", burst=1300),), {}, None, 300),
        ((limit("requests", 5),), {}, None, 512),
        ((limit("input_tokens", 1001),), {}, None, 512),
    ],
)
def test_output_is_what_is_asked_for_and_what_fits(limits, more, max_tokens, output):
    """The caller's bound, else 512; at most the model's and the tightest window's room."""
    needs = Needs(text_tokens=1000, max_tokens=max_tokens)
    assert cost(*limits, needs=needs, **more) == Cost(input_tokens=1000, output_tokens=output)


def test_learned_lengths_are_used():
    """Of the prompt as well as of the answer."""
    lengths, one = Lengths(), candidate()
    usage = Usage(input_tokens=1500, output_tokens=40)
    lengths.note(one, TEXT, usage, FinishReason.STOP)
    found = cost_of(TEXT, one, lengths)
    assert (found.input_tokens, found.output_tokens) == (1500, 40)


def test_media_are_added_uncorrected():
    """What text teaches says nothing of images."""
    needs = Needs(text_tokens=10, image_tokens=1105, audio_tokens=20)
    assert cost(needs=needs).input_tokens == 10 + 1125


@pytest.mark.parametrize(("field", "expected"), [("reasoning_content", 1250), (None, 1000)])
def test_thoughts_are_counted_where_they_are_sent(field, expected):
    """To most providers they are not."""
    needs = Needs(text_tokens=1000, thought_tokens=250)
    assert cost(needs=needs, quirks=Quirks(replay_reasoning=field)).input_tokens == expected


def test_no_bound_is_sent_unasked():
    """An answer is not cut because we would like to know its length."""
    one = candidate(TPM)
    assert bound_of(TEXT, one, cost_of(TEXT, one, Lengths())) is None


def test_where_the_bound_is_charged_at_arrival_it_is_sent_and_charged():
    """Roomy, because it cuts; within what the window can hold."""
    early = limit("total_tokens", 8000, precharge=True)
    one = candidate(early)
    found = cost_of(TEXT, one, Lengths())
    assert bound_of(TEXT, one, found) == found.output_tokens == 2048
    tight = candidate(limit("total_tokens", 1900, precharge=True))
    assert bound_of(TEXT, tight, cost_of(TEXT, tight, Lengths())) == 900


def test_the_callers_bound_stays_his():
    """Nothing is added to it."""
    needs, one = Needs(text_tokens=10, max_tokens=5), candidate(TPM)
    assert bound_of(needs, one, cost_of(needs, one, Lengths())) is None


@pytest.mark.parametrize(
    ("more", "options", "expected"),
    [
        ({"free": True, "max_daily_spend": 1.0}, CAPPED, False),
        ({"free": False}, RouteOptions(allow_paid=True), False),
        ({"free": False}, None, False),
        ({"free": False}, CAPPED, True),
        ({"free": False, "max_daily_spend": 0.5}, None, True),
        ({"free": False, "max_daily_spend": 0.0}, None, True),
    ],
)
def test_only_what_costs_money_is_capped(more, options, expected):
    """By the request's own cap or the account's day."""
    assert is_capped(candidate(**more), options) is expected
    assert is_bounded(candidate(**more), options) is expected


def test_under_a_cap_the_price_of_an_upper_bound_is_reserved():
    """Bytes of the prompt, the bound that is sent, both directions."""
    found = cost(free=False, prices=PRICES, options=CAPPED)
    assert found.output_tokens == 2048
    assert found.money == 4000 * 1000 + 2048 * 4000


def test_media_are_bounded_by_the_dearest_price():
    """Twice their estimate, because nobody knows how a provider cuts them."""
    prices = Prices(input=1e-6, output=0.0, image_input=3e-6)
    needs = Needs(text_tokens=10, text_bound=100, image_tokens=50)
    assert cost(needs=needs, free=False, prices=prices, options=CAPPED).money == 200 * 3000


def test_free_answers_cost_nothing():
    """Unless a free allowance is counted in money."""
    assert cost(prices=PRICES).money == 0
    allowance = limit("money", NANO, "day", zone="UTC")
    assert cost(allowance, prices=PRICES, needs=Needs(text_tokens=9, max_tokens=1)).money > 0


@pytest.mark.parametrize(
    ("dollars", "expected"),
    [(0.0, 0), (1e-9, 1), (1.01e-9, 2), (150 * 1e-9, 150), (0.1 + 0.2, 300_000_000)],
)
def test_money_is_rounded_up_to_nano_dollars(dollars, expected):
    """But not for the last bits of a float."""
    assert nano(dollars) == expected


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_reserved_price_is_never_below_the_spent_one(text, output):
    """Whatever is reported within the bounds."""
    one = candidate(free=False, prices=PRICES)
    needs = Needs(text_tokens=text // 4, text_bound=text, max_tokens=output or 1)
    held = cost_of(needs, candidate(free=False, prices=PRICES, context=None), Lengths(), CAPPED)
    usage = Usage(input_tokens=text, output_tokens=output or 1)
    assert actual(usage, one, held).money <= held.money


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(input_tokens=10, output_tokens=5, total_tokens=15), (10, 5, 0)),
        (Usage(input_tokens=10, output_tokens=5), (10, 5, 0)),
        (Usage(input_tokens=10, output_tokens=5, total_tokens=95), (10, 85, 0)),
        (Usage(input_tokens=10, output_tokens=0, cached_tokens=8), (10, 0, 8)),
        (Usage(), (1000, 512, 0)),
    ],
)
def test_what_was_reported_is_what_it_took(usage, expected):
    """Thoughts that stand only in the total are output; no usage leaves the estimate."""
    found = actual(usage, candidate(), cost())
    assert (found.input_tokens, found.output_tokens, found.cached_tokens) == expected


@pytest.mark.parametrize("kind", ["audio", "image", "video"])
def test_what_is_not_text_has_its_own_price(kind):
    """Else the text's; a part is never more than the whole."""
    held = Cost(input_tokens=1, output_tokens=1, money=1)
    of_kind = f"{kind}_input_tokens"
    usage = Usage(input_tokens=100, output_tokens=0, total_tokens=100, **{of_kind: 40})
    dear = Prices(input=1e-6, output=0.0, **{f"{kind}_input": 5e-6})
    assert actual(usage, candidate(prices=dear), held).money == 60 * 1000 + 40 * 5000
    plain = Prices(input=1e-6, output=0.0)
    assert actual(usage, candidate(prices=plain), held).money == 100 * 1000
    wrong = replace(usage, **{of_kind: 900})
    assert actual(wrong, candidate(prices=dear), held).money == 100 * 5000


def test_each_modality_is_priced_beside_the_others():
    """Sound, images and films of one request, the rest of it text."""
    held = Cost(input_tokens=1, output_tokens=1, money=1)
    usage = Usage(
        input_tokens=100,
        total_tokens=100,
        audio_input_tokens=10,
        image_input_tokens=20,
        video_input_tokens=30,
    )
    prices = Prices(input=1e-6, output=0.0, audio_input=2e-6, image_input=3e-6, video_input=4e-6)
    assert actual(usage, candidate(prices=prices), held).money == 1000 * (40 + 20 + 60 + 120)


@pytest.mark.parametrize(
    ("needs", "prices", "missing"),
    [
        (TEXT, PRICES, None),
        (TEXT, Prices(), "input"),
        (TEXT, Prices(input=0.0), "output"),
        (Needs(image_tokens=5), PRICES, "image_input"),
        (Needs(audio_tokens=5), PRICES, "audio_input"),
        (Needs(video_tokens=5), PRICES, "video_input"),
        (Needs(file_tokens=5), PRICES, None),
    ],
)
def test_what_nobody_priced_is_named(needs, prices, missing):
    """Zero is a price; nothing is not."""
    assert unpriced(needs, prices) == missing
