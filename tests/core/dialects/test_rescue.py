"""Good calls are saved from thrown-away texts, broken ones are not invented."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.rescue import rescued

OSLO = [{"name": "get_weather", "arguments": '{"city":"Oslo"}'}]


@pytest.mark.parametrize(
    "text",
    [
        '<function=get_weather>{"city": "Oslo"}</function>',
        '<function=get_weather{"city": "Oslo"}</function>',
        '<function=get_weather({"city": "Oslo"})</function>',
        '<function=get_weather,{"city": "Oslo"}',
        '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>',
        '{"name": "get_weather", "arguments": {"city": "Oslo"}}',
        '{"name": "get_weather", "parameters": {"city": "Oslo"}}',
        '{"function": {"name": "get_weather", "arguments": "{\\"city\\":\\"Oslo\\"}"}}',
        '[{"name": "get_weather", "parameters": {"city": "Oslo"}}]',
        '{"tool_calls": [{"name": "get_weather", "parameters": {"city": "Oslo"}}]}',
        '```json\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n```',
        '<|python_tag|>{"name": "get_weather", "parameters": {"city": "Oslo"}}',
    ],
)
def test_a_whole_call_in_the_wrong_wrapping_is_saved(text):
    """Each wrapping that was seen gives the same call."""
    assert json.loads(rescued(text) or "null") == OSLO


def test_several_calls_are_saved_together():
    """Two tagged calls give two, in order."""
    text = '<function=a>{"x":1}</function><function=b>{}</function>'
    assert json.loads(rescued(text) or "null") == [
        {"name": "a", "arguments": '{"x":1}'},
        {"name": "b", "arguments": "{}"},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I would call get_weather.",
        '<function=get_weather>{"city": "Oslo"</function>',
        '{"name": "get_weather"',
        '{"name": "get_weather"}',
        '{"city": "Oslo", "temp": 3}',
        '{"name": "get weather!", "arguments": {}}',
        '{"name": "get_weather", "arguments": [1]}',
        '[{"name": "a", "arguments": {}}, {"name": "b"}]',
        "[]",
        "<function=>{}</function>",
        '<tool_call>{"name": "a", "arguments": {}}</tool_call><tool_call>cut',
        "[" * 100_000,
    ],
)
def test_what_is_not_whole_is_not_saved(text):
    """A cut call, words, or one bad call among good ones give nothing."""
    assert rescued(text) is None


@given(st.text(alphabet='<function=tool_call>{}[]":,a1\\ ', max_size=80))
def test_no_text_breaks_the_rescue(text):
    """Whatever the model wrote, the result is nothing or well-formed calls."""
    found = rescued(text)
    if found is not None:
        assert all(isinstance(json.loads(call["arguments"]), dict) for call in json.loads(found))
