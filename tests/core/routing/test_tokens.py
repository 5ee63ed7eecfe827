"""The estimator: rounded up, checked against counts of real tokenizers."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from freetier.routing.tokens import (
    IMAGE,
    IMAGE_LOW,
    compact,
    media_tokens,
    text_tokens,
    texts,
    tool_texts,
)
from freetier.values.chat import MediaPart, Message, TextPart, Tool, ToolCall

SAMPLES = yaml.safe_load(Path(__file__).with_name("token_counts.yaml").read_text("utf-8"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["name"])
def test_estimates_are_not_below_the_median_tokenizer(sample):
    """Nor more than three times it, so that small windows are not shut to large scripts."""
    median = sorted(sample["counts"])[1]
    assert median <= text_tokens(sample["text"]) <= 3 * median


def test_over_all_samples_the_estimate_is_above_every_tokenizer():
    """What single texts miss is made up by the others."""
    sums = [sum(each) for each in zip(*(sample["counts"] for sample in SAMPLES), strict=True)]
    assert sum(text_tokens(sample["text"]) for sample in SAMPLES) > max(sums)


def test_nothing_has_no_tokens():
    """The empty text is free."""
    assert text_tokens("") == 0


@given(st.text())
def test_an_estimate_lies_between_a_quarter_and_thrice_the_bytes(text):
    """Any text, also one that is no language."""
    size = len(text.encode("utf-8", "replace"))
    assert -(-size // 4) <= text_tokens(text) <= max(3 * size, 0)


@given(st.text(), st.text())
def test_two_texts_together_are_at_most_their_sum(one, other):
    """Cutting a conversation into more parts never makes it smaller."""
    assert text_tokens(one + other) <= text_tokens(one) + text_tokens(other)


def test_a_lone_surrogate_is_counted():
    """Text that cannot be sent as UTF-8 does not break the estimate."""
    assert text_tokens("a\ud800b") >= 1


@pytest.mark.parametrize(
    ("part", "tokens"),
    [
        (MediaPart(kind="image", url="https://x/y.png"), IMAGE),
        (MediaPart(kind="image", data=b"x" * 10), IMAGE),
        (MediaPart(kind="image", url="https://x/y.png", detail="low"), IMAGE_LOW),
        (MediaPart(kind="audio", data=b"x" * 1000, mime="audio/mp3"), 4),
        (MediaPart(kind="audio", data=b"x" * 1001, mime="audio/mp3"), 5),
        (MediaPart(kind="audio", data=b"x" * 1000, mime="audio/wav"), 1),
        (MediaPart(kind="audio", url="https://x/y.mp3"), 1920),
        (MediaPart(kind="video", data=b"x" * 4000), 10),
        (MediaPart(kind="file", data=b"x" * 2000, mime="application/pdf"), 10),
        (MediaPart(kind="file", url="https://x/y.pdf"), 2580),
    ],
)
def test_media_are_counted_by_kind(part, tokens):
    """By their bytes where they are there, else by a usual length."""
    assert media_tokens(part) == tokens


def test_all_that_is_said_in_a_message_is_counted():
    """Parts, calls and the speaker's name; thoughts travel only to who wants them."""
    message = Message(
        role="assistant",
        content=(TextPart("one"), MediaPart(kind="image", url="u"), TextPart("two")),
        name="bot",
        reasoning="hidden",
        tool_calls=(ToolCall(id="1", name="look", arguments='{"a":1}'),),
    )
    assert texts(message) == ["one", "two", "look", '{"a":1}', "bot"]
    assert texts(Message(role="user", content="plain")) == ["plain"]


def test_a_tool_is_its_name_description_and_schema():
    """The schema as compact JSON, also out of read-only mappings."""
    schema = MappingProxyType({"type": "object", "properties": MappingProxyType({"ü": {}})})
    tool = Tool(name="look", description="Look.", parameters=schema)
    assert tool_texts(tool) == ["look", "Look.", '{"type":"object","properties":{"ü":{}}}']


def test_a_schema_with_strange_values_is_counted_all_the_same():
    """The dialect complains of it, not the estimate."""
    assert compact({"default": {1}}) == '{"default":"{1}"}'
