"""What a test may give as an answer, and how it is kept within bounds."""

from __future__ import annotations

import pytest

from freetier.testing import Call, Said, Usage, echo
from freetier.testing.said import bounded, model_of

HELLO = {"messages": [{"role": "user", "content": "one two three four five"}]}


def test_a_text_is_said_every_time() -> None:
    """A string is a model with one thing to say."""
    model = model_of("yes")
    assert model(HELLO) == model(HELLO) == Said(text="yes")


def test_a_list_is_said_in_order_and_its_end_repeated() -> None:
    """Scripted replies, then the last one again."""
    model = model_of(["a", Said(text="b")])
    assert [model(HELLO).text for _ in range(4)] == ["a", "b", "b", "b"]


def test_an_empty_list_is_refused() -> None:
    """There must be something to say."""
    with pytest.raises(ValueError, match="at least one"):
        model_of([])


def test_a_function_sees_the_request() -> None:
    """It may return a text or a whole answer."""
    model = model_of(lambda request: str(len(request["messages"])))
    assert model(HELLO).text == "1"


def test_echo_says_the_last_user_message() -> None:
    """Not what anybody else said after it."""
    body = {"messages": [*HELLO["messages"], {"role": "assistant", "content": "no"}]}
    assert echo(body).text == "one two three four five"


@pytest.mark.parametrize("stop", ["three", ["nine", "three"]])
def test_an_answer_ends_before_a_stop(stop: str | list[str]) -> None:
    """A text or a list of texts."""
    assert bounded(echo(HELLO), {**HELLO, "stop": stop}).text == "one two "


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_an_answer_is_cut_at_its_bound(name: str) -> None:
    """Two tokens are eight bytes, and the finish reason says why it ended."""
    cut = bounded(echo(HELLO), {**HELLO, name: 2})
    assert (cut.text, cut.finish, cut.output) == ("one two ", "length", 2)


def test_a_bound_that_is_not_reached_changes_nothing() -> None:
    """The answer is the same value, also when it just fits."""
    answer = echo(HELLO)
    for bound in (answer.output, 100):
        assert bounded(answer, {**HELLO, "max_tokens": bound}) is answer


def test_output_counts_text_reasoning_and_calls() -> None:
    """By the rule of tokens, part by part."""
    said = Said(text="four", reasoning="fives", calls=(Call("name", {"a": 1}),))
    assert said.output == 1 + 2 + (1 + 2)


def test_arguments_may_be_broken_on_purpose() -> None:
    """A text goes out as it is."""
    assert Call("f", '{"a":').text == '{"a":'
    assert Call("f", {"a": "é"}).text == '{"a":"é"}'


def test_usage_adds_up() -> None:
    """The total is prompt and output."""
    assert Usage(prompt=3, output=4).total == 7
