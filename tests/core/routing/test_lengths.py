"""How long prompts and answers turn out, per model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.routing.lengths import DEFAULT_OUTPUT, KEPT, Lengths, model_of, quantile
from freetier.routing.needs import Needs
from freetier.values.chat import FinishReason, Usage
from tests.core.routing.setups import candidate

ONE = candidate(id="first")
OTHER = candidate(model_id="other")
STOP, LENGTH = FinishReason.STOP, FinishReason.LENGTH


def told(lengths: Lengths, estimated: int, reported: int, output: int = 10, **more) -> None:
    """Let a provider report one answer."""
    usage = Usage(input_tokens=reported, output_tokens=output, estimated=more.pop("guess", False))
    reason = more.pop("reason", STOP)
    lengths.note(ONE, Needs(text_tokens=estimated, **more), usage, reason)


def test_an_unknown_model_is_taken_as_estimated():
    """With 512 tokens of answer (decisions 6)."""
    assert Lengths().prompt(ONE, 100) == 100
    assert Lengths().output(ONE) == DEFAULT_OUTPUT == 512


def test_accounts_of_a_provider_learn_together():
    """The model is what is learned, not the key it was asked with."""
    assert model_of(ONE) == model_of(candidate(id="second")) == "prov/mod"
    lengths = Lengths()
    told(lengths, 10, 80)
    assert lengths.prompt(candidate(id="second"), 10) == 80
    assert lengths.prompt(OTHER, 10) == 10


def test_small_prompts_tell_what_a_template_adds():
    """A system prompt of the provider is added to large prompts, not multiplied."""
    lengths = Lengths()
    told(lengths, 8, 72)
    assert lengths.prompt(ONE, 8) == 72
    assert lengths.prompt(ONE, 8000) == 8064


def test_large_prompts_tell_how_a_tokenizer_cuts():
    """Down as well as up, beside what the template adds."""
    lengths = Lengths()
    told(lengths, 10, 60)
    told(lengths, 1000, 850)
    assert lengths.prompt(ONE, 2000) == 50 + 1600
    told(lengths, 1000, 1250)
    assert lengths.prompt(ONE, 2000) == 50 + 2400


@pytest.mark.parametrize(
    ("reported", "expected"), [(1, 400), (9_999_999, 4000), (1000, 1000), (0, 1000)]
)
def test_wrong_reports_are_bounded(reported, expected):
    """Nobody cuts ten times finer than others; zero says nothing."""
    lengths = Lengths()
    told(lengths, 1000, reported)
    assert lengths.prompt(ONE, 1000) == expected


@given(st.lists(st.tuples(st.integers(256, 5000), st.floats(0.5, 3.5)), min_size=1, max_size=50))
def test_nine_of_ten_reported_prompts_are_not_above_the_estimate(pairs):
    """Learned from what was reported, the estimate rounds up."""
    lengths = Lengths()
    seen = [(estimated, round(estimated * ratio)) for estimated, ratio in pairs]
    for estimated, reported in seen:
        told(lengths, estimated, reported)
    above = sum(reported > lengths.prompt(ONE, estimated) for estimated, reported in seen)
    assert above <= len(seen) / 10


@pytest.mark.parametrize(
    "more",
    [{"guess": True}, {"image_tokens": 5}, {"thought_tokens": 5}],
    ids=["guessed usage", "an image", "thoughts"],
)
def test_only_reported_texts_correct_texts(more):
    """A guess proves nothing, and media have counts of their own at each provider."""
    lengths = Lengths()
    told(lengths, 10, 5000, **more)
    assert lengths.prompt(ONE, 10) == 10


def test_an_answer_is_as_long_as_nine_of_ten_were():
    """The 90th percentile of the last 50."""
    lengths = Lengths()
    for tokens in range(1, 101):
        told(lengths, 10, 10, output=tokens)
    assert lengths.output(ONE) == 50 + 45
    for _ in range(KEPT):
        told(lengths, 10, 10, output=7)
    assert lengths.output(ONE) == 7


def test_an_answer_cut_short_doubles_what_is_expected():
    """Until longer ones tell better; an answer the caller bounded tells nothing."""
    lengths = Lengths()
    told(lengths, 10, 10, output=100)
    told(lengths, 10, 10, output=100, reason=LENGTH, max_tokens=100)
    assert lengths.output(ONE) == 100
    told(lengths, 10, 10, output=100, reason=LENGTH)
    assert lengths.output(ONE) == 200
    told(lengths, 10, 10, output=512, reason=LENGTH)
    assert lengths.output(ONE) == 1024
    told(lengths, 10, 10, output=90)
    assert lengths.output(ONE) == 1024
    for _ in range(9):
        told(lengths, 10, 10, output=90)
    assert lengths.output(ONE) == 90


def test_an_empty_answer_tells_nothing_of_length():
    """It was no answer."""
    lengths = Lengths()
    told(lengths, 10, 10, output=0)
    assert lengths.output(ONE) == DEFAULT_OUTPUT


@pytest.mark.parametrize(
    ("numbers", "expected"), [([5], 5), ([1, 2], 2), (list(range(1, 11)), 9), ([3, 1, 2], 3)]
)
def test_nine_of_ten_do_not_exceed_the_quantile(numbers, expected):
    """The smallest such number."""
    assert quantile(numbers) == expected
