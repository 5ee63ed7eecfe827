"""Answers of Gemini, sound and strange."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.values.chat import Content, FinishReason, Usage
from freetier.values.faults import Fault, Refused
from tests.core.dialects.gemini.cases import DIALECT, candidate


def read(*parts: Any, reason: str | None = "STOP", **more: Any) -> Content | Refused:
    """Read a whole answer of these parts."""
    said = {"content": {"parts": list(parts)}, "finishReason": reason, **more}
    return DIALECT.whole(candidate(), json.dumps({"candidates": [said]}).encode())


def test_all_parts_of_an_answer_are_read():
    """Thoughts, several texts, a program and what it printed."""
    found = read(
        {"text": "hm", "thought": True, "thoughtSignature": "A"},
        {"text": "One. "},
        {"text": "Two.", "thoughtSignature": "B"},
        {"executableCode": {"language": "PYTHON", "code": "print(1)\n"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
        {"text": "", "thoughtSignature": "C"},
    )
    assert found.reasoning == "hm"
    assert found.text == "One. Two.\n```python\nprint(1)\n```\n\n```\n1\n```\n"
    signed = {"thought": "A", "text": "B", "end": "C"}
    assert found.vendor == {"message": {"thoughtSignature": signed}}


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("STOP", FinishReason.STOP),
        ("MAX_TOKENS", FinishReason.LENGTH),
        ("SAFETY", FinishReason.CONTENT_FILTER),
        ("RECITATION", FinishReason.CONTENT_FILTER),
        ("OTHER", FinishReason.UNKNOWN),
        ("SOMETHING_NEW", FinishReason.UNKNOWN),
        (None, FinishReason.UNKNOWN),
    ],
)
def test_reasons_are_said_in_one_language(word, reason):
    """An unknown one is no failure."""
    assert read({"text": "a"}, reason=word).finish_reason is reason


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("SAFETY", Fault.CONTENT_REFUSED),
        ("PROHIBITED_CONTENT", Fault.CONTENT_REFUSED),
        ("STOP", Fault.EMPTY),
        ("OTHER", Fault.EMPTY),
        ("MALFORMED_FUNCTION_CALL", Fault.MALFORMED),
        ("UNEXPECTED_TOOL_CALL", Fault.MALFORMED),
        ("MISSING_THOUGHT_SIGNATURE", Fault.BAD_REQUEST),
    ],
)
def test_an_answer_without_a_word_is_a_refusal(word, fault):
    """The reason tells whose fault it is."""
    found = read(reason=word)
    assert isinstance(found, Refused)
    assert found.fault is fault


def test_a_budget_spent_on_thoughts_is_an_answer_that_is_too_short():
    """MAX_TOKENS without text: the caller's bound was too small."""
    assert read(reason="MAX_TOKENS").finish_reason is FinishReason.LENGTH


def test_what_google_says_of_a_failed_call_is_told():
    """`finishMessage` stands beside the reason."""
    found = read({"text": "a"}, reason="MALFORMED_FUNCTION_CALL", finishMessage="print(x)")
    assert found.detail == "the answer ended with MALFORMED_FUNCTION_CALL: print(x)"


def test_the_same_id_twice_is_two_calls():
    """Each call goes by an id of its own."""
    call = {"functionCall": {"name": "f", "id": "x"}}
    ids = [call.id for call in read(call, call).tool_calls]
    assert ids[0] == "x"
    assert ids[1] != "x"


def test_a_call_without_a_name_is_malformed():
    """Nobody could make it."""
    assert read({"functionCall": {"args": {}}}).fault is Fault.MALFORMED


def test_tokens_are_read_by_part_and_modality():
    """Tools bring in tokens, the cache saves some, sound, images and films are told apart."""
    counts = {
        "promptTokenCount": 100,
        "toolUsePromptTokenCount": 5,
        "cachedContentTokenCount": 40,
        "candidatesTokenCount": 10,
        "thoughtsTokenCount": 20,
        "totalTokenCount": 135,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 40}, {"modality": "AUDIO", "tokenCount": 30},
            {"modality": "IMAGE", "tokenCount": 12}, {"modality": "IMAGE", "tokenCount": 8},
            {"modality": "VIDEO", "tokenCount": 10},
        ],
        "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 10}],
    }  # fmt: skip
    body = {"candidates": [{"content": {"parts": [{"text": "a"}]}}], "usageMetadata": counts}
    assert DIALECT.whole(candidate(), json.dumps(body).encode()).usage == Usage(
        input_tokens=105,
        output_tokens=30,
        total_tokens=135,
        cached_tokens=40,
        reasoning_tokens=20,
        audio_input_tokens=30,
        audio_output_tokens=10,
        image_input_tokens=20,
        video_input_tokens=10,
    )


NAMES = ["candidates", "content", "parts", "text", "thought", "functionCall", "name", "args"]
NAMES += ["finishReason", "usageMetadata", "promptFeedback", "blockReason", "error", "message"]
WORDS = st.none() | st.booleans() | st.integers() | st.text(max_size=4)
STRANGE = st.recursive(
    WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
)


@given(value=STRANGE)
def test_whatever_comes_is_an_answer_or_a_refusal(value):
    """Whole or in a stream, nothing raises."""
    body = json.dumps(value).encode()
    assert isinstance(DIALECT.whole(candidate(), body), Content | Refused)
    decoder = DIALECT.decoder(candidate())
    assert [*decoder.feed(b"data: " + body + b"\n\n"), *decoder.finish()]
