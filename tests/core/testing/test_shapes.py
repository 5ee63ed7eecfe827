"""An answer in a vendor's shape, piece by piece."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.testing import STYLES, Call, Said, Usage
from freetier.testing.shapes import Turn, call_id, message_json, pieces, stream_events, whole_json

T0 = 1_795_219_200.0


def turn(style: str, said: Said, *, asked: bool = False) -> Turn:
    """Return a turn of a small model."""
    usage = Usage(prompt=3, output=4)
    return Turn(
        style=STYLES[style],
        said=said,
        usage=usage,
        model="small",
        number=7,
        at=T0,
        asked_usage=asked,
    )


@given(st.text(max_size=200))
def test_pieces_make_the_text(text: str) -> None:
    """Joined they are the text, whatever its blanks; none is empty unless a blank is doubled."""
    assert "".join(pieces(text)) == text


@pytest.mark.parametrize("style", STYLES)
def test_the_events_of_a_stream_end_in_order(style: str) -> None:
    """Finish comes after all text, `[DONE]` last, and only one of each."""
    parts = [event.part for event in stream_events(turn(style, Said(text="a b c d e")))]
    assert parts.count("finish") == parts.count("done") == 1
    assert parts[-1] == "done"
    assert "text" not in parts[parts.index("finish") :]


def test_ids_of_calls_fit_the_vendors_pattern() -> None:
    """Nine letters or digits for Mistral; each call another id."""
    ids = {call_id(STYLES["mistral"], number, place) for number in range(50) for place in range(3)}
    assert len(ids) == 150
    assert all(re.fullmatch("[a-zA-Z0-9]{9}", name) for name in ids)
    assert call_id(STYLES["gemini-openai"], 1, 0).startswith("function-call-")


def test_a_finish_reason_of_ones_own_stays() -> None:
    """Else it follows from what was said, as the vendor has it."""
    calls = (Call("f"),)
    assert turn("openai", Said(text="x")).finish == "stop"
    assert turn("openai", Said(calls=calls)).finish == "tool_calls"
    assert turn("gemini-openai", Said(calls=calls)).finish == "stop"
    assert turn("openai", Said(text="x", finish="content_filter")).finish == "content_filter"


def test_text_beside_calls_is_kept() -> None:
    """Only a silent turn has the vendor's empty content."""
    calls = (Call("f"),)
    assert message_json(turn("openai", Said(calls=calls)))["content"] is None
    assert message_json(turn("mistral", Said(calls=calls)))["content"] == ""
    assert message_json(turn("openai", Said(text="x", calls=calls)))["content"] == "x"


def test_reasoning_stands_where_the_vendor_puts_it() -> None:
    """A member of its own name, or parts of the content."""
    said = Said(text="x", reasoning="why")
    assert message_json(turn("groq", said))["reasoning"] == "why"
    assert message_json(turn("nvidia", said))["reasoning_content"] == "why"
    thinking, text = message_json(turn("mistral", said))["content"]
    assert (thinking["type"], text) == ("thinking", {"type": "text", "text": "x"})


def test_parallel_calls_of_gemini_share_an_index() -> None:
    """Only the first is signed; a new id starts a new call."""
    said = Said(calls=(Call("f"), Call("g")))
    told = [e.data for e in stream_events(turn("gemini-openai", said)) if e.part == "call"]
    calls = [
        data["choices"][0]["delta"]["tool_calls"][0] for data in told if isinstance(data, dict)
    ]
    assert [call["index"] for call in calls] == [0, 0]
    assert len({call["id"] for call in calls}) == 2
    assert ["extra_content" in call for call in calls] == [True, False]


def test_a_whole_answer_is_dated_and_numbered() -> None:
    """By the provider's clock and count."""
    answer = whole_json(turn("openai", Said(text="x")))
    assert (answer["id"], answer["created"]) == ("chatcmpl-00000007", int(T0))
