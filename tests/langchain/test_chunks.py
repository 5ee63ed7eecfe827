"""The chunks of a stream add up to what the whole answer would have been."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import add

import pytest
from langchain_core.outputs import ChatGenerationChunk

from freetier import Completion, FinishReason, RouteReport, ToolCall
from freetier.values.chat import Event, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta
from freetier_langchain._chunks import is_first, written
from freetier_langchain._messages_out import answer
from tests.langchain.answers import completion

CALLS = (
    ToolCall(id="1", name="f", arguments='{"a": 1}'),
    ToolCall(id="2", name="f", arguments="{}"),
)
TOOLS_DONE = FinishReason.TOOL_CALLS


class Told:
    """A stream of given events that ends in a given answer."""

    def __init__(self, events: Sequence[Event], completion: Completion) -> None:
        self.events, self.completion = events, completion

    @property
    def report(self) -> RouteReport:
        """The route so far."""
        return self.completion.report

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)


def told(events: Sequence[Event], whole: Completion) -> list[ChatGenerationChunk]:
    """Return the chunks of a stream."""
    return list(written(Told(events, whole)))


STREAMS = [
    ([TextDelta("Hel"), TextDelta("lo.")], completion()),
    ([], completion(text="")),
    (
        [ReasoningDelta("h"), ReasoningDelta("m"), TextDelta("Hello.")],
        completion(reasoning="hm"),
    ),
    ([RefusalDelta("no")], completion(text="", refusal="no")),
    (
        [
            TextDelta("Hello."),
            ToolCallDelta(0, "1", "f", ""),
            ToolCallDelta(0, None, None, '{"a"'),
            ToolCallDelta(1, "2", "f", ""),
            ToolCallDelta(0, None, None, ": 1}"),
        ],
        completion(
            tool_calls=(CALLS[0], ToolCall(id="2", name="f", arguments="")),
            finish_reason=TOOLS_DONE,
        ),
    ),
]


@pytest.mark.parametrize(("events", "whole"), STREAMS)
def test_the_sum_of_the_chunks_is_the_whole_answer(
    events: Sequence[Event], whole: Completion
) -> None:
    """Content, calls, metadata and usage are the same either way."""
    total = reduce(add, told(events, whole)).message
    message = answer(whole)

    assert total.content == message.content
    assert total.tool_calls == message.tool_calls
    assert total.additional_kwargs == message.additional_kwargs
    assert total.response_metadata == message.response_metadata
    assert total.usage_metadata == message.usage_metadata
    assert total.id is None


@pytest.mark.parametrize(("events", "whole"), STREAMS)
def test_the_first_chunk_says_who_answers_and_the_last_how_it_ended(
    events: Sequence[Event], whole: Completion
) -> None:
    """Nothing of it is said twice, because chunks that say the same are added up."""
    chunks = told(events, whole)
    first = [chunk for chunk in chunks if "model_provider" in chunk.message.response_metadata]
    last = [chunk for chunk in chunks if "finish_reason" in chunk.message.response_metadata]

    assert [chunk for chunk in chunks if is_first(chunk)] == first == chunks[:1]
    assert last == chunks[-1:]
    assert [c.message.chunk_position for c in chunks] == [None] * (len(chunks) - 1) + ["last"]
    assert [c.message.usage_metadata is not None for c in chunks][:-1] == [False] * (
        len(chunks) - 1
    )


def test_no_chunk_carries_text_and_a_piece_of_a_call() -> None:
    """Readers of content blocks would take the piece for a whole call."""
    events = [TextDelta("So: "), ToolCallDelta(0, "1", "f", "{}"), TextDelta("there.")]

    for chunk in told(events, completion(tool_calls=CALLS[:1])):
        assert not (chunk.message.content and chunk.message.tool_call_chunks)


@pytest.mark.parametrize("reason", [FinishReason.LENGTH, FinishReason.TOOL_CALLS])
def test_half_a_call_is_invalid_in_a_stream_too(reason: FinishReason) -> None:
    """LangChain alone would complete the arguments and have the tool run with them."""
    events = [ToolCallDelta(0, "1", "f", '{"rows": [1, 2'), ToolCallDelta(1, "2", "g", "{}")]
    calls = (
        ToolCall(id="1", name="f", arguments='{"rows": [1, 2'),
        ToolCall(id="2", name="g", arguments="{}"),
    )
    total = reduce(add, told(events, completion(tool_calls=calls, finish_reason=reason))).message

    assert [call["name"] for call in total.tool_calls] == ["g"]
    assert [(call["id"], call["name"]) for call in total.invalid_tool_calls] == [("1", "f")]
