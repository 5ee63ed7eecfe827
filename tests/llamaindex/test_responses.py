"""Answers as responses: what stands where, and that nothing is shared between them."""

from __future__ import annotations

import json

import pytest
from llama_index.core.base.llms.types import ThinkingBlock, ToolCallBlock

from freetier import Completion, FinishReason, RouteReport, ToolCall, Usage
from freetier.values.chat import (
    Content,
    Event,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UsageReported,
    VendorNote,
)
from freetier_llamaindex._calls import selections
from freetier_llamaindex._messages import to_core
from freetier_llamaindex._responses import Growth, as_completion, response, usage

USAGE = Usage(input_tokens=7, output_tokens=5, total_tokens=12, cached_tokens=3, reasoning_tokens=2)
CALL = ToolCall(id="c1", name="add", arguments='{"a": 1}')
SECRETS = {"message": {"signature": "abc"}, "calls": {"c1": {"signature": "def"}}}
REPORT = RouteReport(
    request_id="r1",
    alias="fast",
    provider="north",
    account="north-1",
    canonical="bravo-9b",
    family="bravo",
    model="bravo-9b",
    usage=USAGE,
)
FULL = Content(
    text="Three.",
    reasoning="One and two.",
    tool_calls=(CALL,),
    finish_reason=FinishReason.TOOL_CALLS,
    usage=USAGE,
    vendor=SECRETS,
    id="chatcmpl-1",
    upstream_model="bravo-9b-0925",
)


def completion(content: Content = FULL) -> Completion:
    """Return an answer of `north`."""
    return Completion(content=content, report=REPORT)


def test_a_whole_answer_has_everything_in_its_place() -> None:
    """Thoughts lead, text follows, calls come last and once more in `additional_kwargs`."""
    message = response(completion(), one_call=False).message

    thought, text, call = message.blocks
    assert isinstance(thought, ThinkingBlock)
    assert (thought.content, thought.num_tokens) == ("One and two.", 2)
    assert text.text == "Three."
    assert call == ToolCallBlock(tool_call_id="c1", tool_name="add", tool_kwargs={"a": 1})
    assert message.additional_kwargs["tool_calls"] == [
        {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    ]


def test_a_vendors_secrets_come_back_to_it() -> None:
    """What a provider wants back survives a history that was stored as JSON."""
    message = response(completion(), one_call=False).message
    stored = type(message).model_validate_json(message.model_dump_json())
    (turn,) = to_core([stored])

    assert turn.vendor == {("north", "bravo"): SECRETS}
    assert turn.tool_calls == (CALL,)


def test_raw_is_plain_json() -> None:
    """Agents keep `raw` in their state, so it holds nothing but JSON."""
    raw = response(completion(), one_call=False).raw

    assert json.loads(json.dumps(raw)) == raw
    assert raw["usage"] == {
        "prompt_tokens": 7,
        "completion_tokens": 5,
        "total_tokens": 12,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    assert (raw["provider"], raw["model"], raw["finish_reason"]) == (
        "north",
        "bravo-9b",
        "tool_calls",
    )
    assert raw["upstream_model"] == "bravo-9b-0925"
    assert raw["freetier"]["request_id"] == "r1"
    assert raw["freetier"]["usage_estimated"] is False


def test_usage_without_details_has_none() -> None:
    """A detail stands only where the provider told it; a missing total is a sum."""
    told = usage(Usage(input_tokens=7, output_tokens=5))

    assert told == {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
    assert usage(None) == {}


def test_usage_names_what_was_not_text() -> None:
    """Sound, images and films stand beside the cache, zero included."""
    told = usage(Usage(audio_input_tokens=1, image_input_tokens=2, video_input_tokens=0))

    assert told["prompt_tokens_details"] == {
        "audio_tokens": 1,
        "image_tokens": 2,
        "video_tokens": 0,
    }


def test_an_answer_without_a_word_has_an_empty_text() -> None:
    """`content` is empty for an empty answer and `None` where there are only calls."""
    assert response(completion(Content()), one_call=False).message.content == ""
    only_calls = response(completion(Content(tool_calls=(CALL,))), one_call=False)
    assert only_calls.message.content is None


def test_a_refusal_is_said_as_text() -> None:
    """What the model says when it declines is shown, and marked."""
    message = response(completion(Content(refusal="I will not.")), one_call=False).message

    assert message.content == "I will not."
    assert message.additional_kwargs["refusal"] == "I will not."


def test_a_completion_has_both_dicts_and_shares_neither() -> None:
    """`CompletionResponse` joins both `additional_kwargs` without changing them."""
    answer = response(completion(), one_call=False)
    completed = as_completion(answer)

    assert completed.text == "Three."
    assert completed.additional_kwargs["provider"] == "north"
    assert completed.additional_kwargs["tool_calls"]
    assert "provider" not in answer.message.additional_kwargs
    assert completed.raw == answer.raw


def grown(*events: Event, one_call: bool = False) -> list[object]:
    """Return the responses of a stream's events."""
    growth = Growth(one_call=one_call)
    growth.begin(REPORT)
    return [growth.add(event) for event in events]


def test_text_and_thoughts_grow() -> None:
    """Each response holds everything so far and says what has been added."""
    thought, first, second = grown(ReasoningDelta("Hm. "), TextDelta("Th"), TextDelta("ree."))

    assert (thought.delta, thought.additional_kwargs) == ("", {"thinking_delta": "Hm. "})
    assert (first.delta, first.message.content) == ("Th", "Th")
    assert (second.delta, second.message.content) == ("ree.", "Three.")
    assert second.message.blocks[0].content == "Hm. "


def test_a_streamed_refusal_grows_as_text() -> None:
    """A refusal comes piece by piece like any text."""
    _, second = grown(RefusalDelta("I will "), RefusalDelta("not."))

    assert second.message.content == "I will not."
    assert second.message.additional_kwargs["refusal"] == "I will not."


def test_a_growing_call_keeps_its_text() -> None:
    """Arguments stay text until they are whole, and can be read as far as they go."""
    first, second = grown(
        ToolCallDelta(0, "c1", "add", '{"a": 1, "b'), ToolCallDelta(0, None, None, '": 2}')
    )

    assert first.message.blocks[-1].tool_kwargs == '{"a": 1, "b'
    assert [call.tool_kwargs for call in selections(first.message)] == [{"a": 1}]
    assert [call.tool_kwargs for call in selections(second.message)] == [{"a": 1, "b": 2}]


def test_calls_that_mix_stay_apart() -> None:
    """Pieces of two calls go to the call they belong to; or only the first is kept."""
    events = (
        ToolCallDelta(0, "c1", "add", '{"a"'),
        ToolCallDelta(1, "c2", "add", '{"a"'),
        ToolCallDelta(0, None, None, ": 1}"),
        ToolCallDelta(1, None, None, ": 2}"),
    )
    last = grown(*events)[-1]
    assert [call.tool_kwargs for call in selections(last.message)] == [{"a": 1}, {"a": 2}]

    first, other, whole, rest = grown(*events, one_call=True)
    assert other is rest is None
    assert first is not None
    assert [call.tool_id for call in selections(whole.message)] == ["c1"]


@pytest.mark.parametrize(
    "event", [UsageReported(USAGE), Finished(FinishReason.STOP), VendorNote(SECRETS)]
)
def test_what_ends_an_answer_waits_for_the_last_response(event: Event) -> None:
    """Usage, reason and notes stand in the last response, which is made of the whole answer."""
    assert grown(event) == [None]


def test_no_two_responses_share_a_dict() -> None:
    """LlamaIndex changes dicts in place; a change reaches one response only."""
    first, second = grown(ToolCallDelta(0, "c1", "add", "{"), ToolCallDelta(0, None, None, "}"))
    first.raw["freetier"]["alias"] = "changed"
    first.message.additional_kwargs["tool_calls"][0]["function"]["name"] = "changed"

    assert second.raw["freetier"]["alias"] == "fast"
    assert second.message.additional_kwargs["tool_calls"][0]["function"]["name"] == "add"
