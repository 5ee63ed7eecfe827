"""What refusals teach: parameters that are not taken, true sizes of contexts."""

from __future__ import annotations

from typing import Any

import pytest

from freetier import RequestRejected
from freetier.errors import ContextTooLong
from freetier.routing.taught import DROPPABLE
from freetier.testing import faults
from tests.core.routing.stage import Stage


def _refusal(name: str) -> faults.Status:
    error = {"message": f"Unsupported parameter: '{name}'", "param": name}
    return faults.Status(400, {"error": error})


GIVEN: dict[str, Any] = {
    "seed": 7, "presence_penalty": 0.5, "frequency_penalty": 0.5, "reasoning_effort": "low",
    "user": "me", "logprobs": True, "metadata": {"a": "b"}, "store": False,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_a_parameter_that_is_not_taken_is_left_out_once_and_remembered(name: str) -> None:
    """Two attempts the first time, one from then on; the report says what was left out."""
    stage = Stage()
    stage.fleet.script("alpha-1", [_refusal(name)])
    for attempts in (2, 1):
        answer = stage.router.chat.completions.create(
            model="any", messages=["Hello"], **{name: GIVEN[name]}
        )
        assert answer.report.account == "alpha-1"
        assert answer.report.dropped == (name,)
        assert len(answer.report.attempts) == attempts


def test_usage_in_streams_is_asked_for_no_more_where_it_is_not_taken() -> None:
    """`stream_options` is ours, so nobody misses it."""
    stage = Stage()
    stage.fleet.script("alpha-1", [_refusal("stream_options")])
    for attempts in (2, 1):
        with stage.router.stream("Hello", model="any") as stream:
            list(stream)
        assert stream.report.account == "alpha-1"
        assert len(stream.report.attempts) == attempts


@pytest.mark.parametrize("name", ["temperature", "stop", "max_tokens"])
def test_what_decides_the_answer_is_never_left_out(name: str) -> None:
    """The next provider takes it."""
    stage = Stage()
    stage.fleet.script("alpha-1", [_refusal(name)])
    given: dict[str, Any] = {"temperature": 0.0, "stop": ["x"], "max_tokens": 9}
    answer = stage.router.complete("Hello", model="any", **{name: given[name]})
    assert (answer.report.account, answer.report.dropped) == ("beta-1", ())
    assert name not in DROPPABLE


def test_a_provider_that_goes_on_complaining_is_asked_twice_only() -> None:
    """And one whose complaint does not fit the request, once."""
    stage = Stage(providers={"alpha": 1})
    stage.fleet.script("alpha-1", [_refusal("seed"), _refusal("user"), _refusal("seed")])
    with pytest.raises(RequestRejected):
        stage.router.chat.completions.create(model="any", messages=["Hi"], seed=1, user="me")
    assert len(stage.calls("alpha-1")) == 2
    with pytest.raises(RequestRejected):
        stage.router.complete("Hello", model="any")
    assert len(stage.calls("alpha-1")) == 3


def _too_long(size: int) -> faults.Status:
    text = f"This model's maximum context length is {size} tokens. However, you requested 9000."
    return faults.Status(400, {"error": {"message": text, "code": "context_length_exceeded"}})


def test_a_told_context_size_is_remembered() -> None:
    """Longer requests skip that model from then on, shorter ones still go there."""
    stage = Stage()
    stage.fleet.script("alpha-1", [_too_long(500)])
    long = "word " * 600
    assert stage.router.complete(long, model="any").report.account == "beta-1"
    again = stage.router.complete(long, model="any").report
    assert [a.account for a in again.attempts] == ["beta-1"]
    assert [s.reason for s in again.skipped] == ["context"]
    assert stage.router.complete("Hello", model="any").report.account == "alpha-1"


def test_only_larger_contexts_are_tried_after_one_was_too_short() -> None:
    """Whoever is known to be no larger is left out; nobody left is an error that says so."""
    stage = Stage(providers={"alpha": 2, "beta": 1})
    stage.fleet.always("alpha", _too_long(500))
    stage.fleet.always("beta", _too_long(800))
    with pytest.raises(ContextTooLong) as caught:
        stage.router.complete("word " * 900, model="any")
    assert [a.account for a in caught.value.report.attempts] == ["alpha-1", "beta-1"]
