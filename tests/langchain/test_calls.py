"""Calls that cannot be run are invalid, however leniently LangChain reads fragments."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk

from freetier import FinishReason, ToolCall
from freetier_langchain._calls import read_arguments, sorted_out, spoiler

TEXTS = st.text(alphabet=st.sampled_from(list('ab"\\{}[],: \n')), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


def lenient(arguments: str) -> AIMessageChunk:
    """Return how LangChain reads a call put together from fragments."""
    chunk = tool_call_chunk(name="f", args=arguments, id="1", index=0)
    return AIMessageChunk("", tool_call_chunks=[chunk], chunk_position="last")


def test_langchain_takes_half_a_call_for_a_whole_one() -> None:
    """This is why an ending of our own is needed."""
    assert lenient('{"rows": [1, 2').tool_calls[0]["args"] == {"rows": [1, 2]}


@given(st.dictionaries(TEXTS, VALUES, max_size=3), st.data())
def test_a_cut_call_is_invalid_wherever_it_was_cut(
    arguments: dict[str, object], data: st.DataObject
) -> None:
    """With the ending no reader makes arguments of what came."""
    whole = json.dumps(arguments)
    came = whole[: data.draw(st.integers(0, len(whole) - 1))]

    message = lenient(came + spoiler(came))

    assert message.tool_calls == []
    assert message.invalid_tool_calls[0]["name"] == "f"


@pytest.mark.parametrize(
    "came", ['{"a": 1} and more', "[1, 2]", '{"a": "b\\', '{"a"]', "oh no", ""]
)
def test_what_is_no_object_is_invalid(came: str) -> None:
    """Also what LangChain would repair."""
    assert lenient(came + spoiler(came)).tool_calls == []


@pytest.mark.parametrize("text", ["{}", "", " ", '{"a": [1]}'])
def test_arguments_that_are_an_object_are_read(text: str) -> None:
    """A tool without parameters is called without a word by many providers."""
    arguments, complaint = read_arguments(text, FinishReason.TOOL_CALLS)

    assert complaint is None
    assert arguments == json.loads(text.strip() or "{}")


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        ("", FinishReason.LENGTH, "output bound"),
        ('{"a": [1', FinishReason.LENGTH, "output bound"),
        ('{"a": [1', FinishReason.TOOL_CALLS, "not JSON"),
        ("[1]", FinishReason.TOOL_CALLS, "not an object"),
    ],
)
def test_arguments_that_are_none_are_told(text: str, reason: FinishReason, words: str) -> None:
    """The complaint says what a reader of the message can act on."""
    calls = [ToolCall(id="1", name="f", arguments=text), ToolCall(id="2", name="g")]

    valid, (invalid,) = sorted_out(calls, reason)

    assert [call["name"] for call in valid] == ["g"]
    assert (invalid["id"], invalid["name"], invalid["args"]) == ("1", "f", text)
    assert words in str(invalid["error"])
