"""Tokens are counted by a rule that fits on a card."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.testing.tokens import call_tokens, prompt_tokens, text_tokens, tokens


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("a", 1), ("four", 1), ("fives", 2), ("äöü", 2), ("好", 1)]
)
def test_a_text_has_a_token_for_each_started_four_bytes(text: str, count: int) -> None:
    """Bytes of UTF-8, rounded up."""
    assert tokens(text) == count


def test_tokens_that_come_as_numbers_are_counted_as_they_are() -> None:
    """An embedding request may send token ids."""
    assert text_tokens([1, 2, 3]) == 3


def test_a_lone_surrogate_can_be_counted() -> None:
    """JSON can carry half a character; counting does not fail on it."""
    assert tokens("\ud800") == 1


@pytest.mark.parametrize(
    ("message", "count"),
    [
        ({"role": "user", "content": "fives"}, 6),
        ({"role": "user", "content": [{"type": "text", "text": "fives"}]}, 6),
        ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}, 104),
        (
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}],
            },
            6,
        ),
    ],
)
def test_a_message_costs_four_and_its_parts(message: dict[str, Any], count: int) -> None:
    """Texts, media at 100 each, and tool calls."""
    assert prompt_tokens({"messages": [message]}) == 3 + count


def test_tools_cost_their_schema() -> None:
    """Tools count as the compact JSON they are."""
    body = {"messages": [{"role": "user", "content": ""}], "tools": [{"a": 1}]}
    assert prompt_tokens(body) == 3 + 4 + tokens('[{"a":1}]')


def test_calls_cost_name_and_arguments() -> None:
    """Each is rounded up by itself."""
    assert call_tokens([("name", "{}"), ("n", "")]) == 3
