"""Why an answer ended."""

from __future__ import annotations

import pytest

from freetier.dialects.openai.finish import emptiness_of, failure_of, reason_of
from freetier.values.chat import FinishReason
from freetier.values.faults import Fault


@pytest.mark.parametrize(
    ("word", "has_calls", "expected"),
    [
        ("stop", False, FinishReason.STOP),
        ("STOP", False, FinishReason.STOP),
        ("stop", True, FinishReason.TOOL_CALLS),
        (None, True, FinishReason.TOOL_CALLS),
        ("tool_calls", True, FinishReason.TOOL_CALLS),
        ("function_call", True, FinishReason.TOOL_CALLS),
        ("tool_calls", False, FinishReason.STOP),
        ("length", True, FinishReason.LENGTH),
        ("model_length", False, FinishReason.LENGTH),
        ("model_context_window_exceeded", False, FinishReason.LENGTH),
        ("sensitive", False, FinishReason.CONTENT_FILTER),
        ("content_filter", True, FinishReason.CONTENT_FILTER),
        ("never seen", False, FinishReason.UNKNOWN),
        (None, False, FinishReason.UNKNOWN),
    ],
)
def test_every_word_means_one_reason(word, has_calls, expected):
    """Calls that are there are wanted, whatever the word; words in any case."""
    assert reason_of(word, has_calls=has_calls) is expected


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("error", Fault.MALFORMED),
        ("network_error", Fault.MALFORMED),
        ("insufficient_system_resource", Fault.OVERLOADED),
        ("stop", None),
        (None, None),
    ],
)
def test_some_words_mean_that_there_is_no_answer(word, fault):
    """A stream that ends with an error has failed, whatever came before."""
    found = failure_of(word)
    assert (found and found.fault) == fault


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("stop", Fault.EMPTY),
        (None, Fault.EMPTY),
        ("content_filter", Fault.CONTENT_REFUSED),
        ("sensitive", Fault.CONTENT_REFUSED),
        ("model_context_window_exceeded", Fault.CONTEXT_TOO_LONG),
        ("length", None),
    ],
)
def test_an_answer_without_a_word_is_a_refusal_unless_its_budget_was_spent(word, fault):
    """Nothing said is empty, blocked or too long; with `length` it is an answer."""
    found = emptiness_of(word)
    assert (found and found.fault) == fault
