"""Token counts are read under all their names."""

from __future__ import annotations

import pytest

from freetier.dialects.openai.usage import usage_of
from freetier.values.chat import Usage


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"prompt_tokens": 21, "completion_tokens": 9, "total_tokens": 30},
            Usage(input_tokens=21, output_tokens=9, total_tokens=30),
        ),
        (
            {"input_tokens": 21, "output_tokens": 9},
            Usage(input_tokens=21, output_tokens=9, total_tokens=30),
        ),
        (
            {"prompt_tokens": 21, "completion_tokens": 9, "total_tokens": 50,
             "completion_tokens_details": {"reasoning_tokens": 20, "audio_tokens": 1},
             "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 2}},
            Usage(input_tokens=21, output_tokens=29, total_tokens=50, reasoning_tokens=20,
                  cached_tokens=4, audio_input_tokens=2, audio_output_tokens=1),
        ),
        (
            {"prompt_tokens": 21, "completion_tokens": 9, "prompt_cache_hit_tokens": 7},
            Usage(input_tokens=21, output_tokens=9, total_tokens=30, cached_tokens=7),
        ),
        (
            {"prompt_tokens": 5, "completion_tokens": 0, "total_tokens": 5, "num_cached_tokens": 0},
            Usage(input_tokens=5, output_tokens=0, total_tokens=5, cached_tokens=0),
        ),
        ({"prompt_tokens": "many", "completion_tokens": 3}, Usage(output_tokens=3, total_tokens=3)),
        ({"prompt_tokens": -4, "completion_tokens": True, "total_tokens": None}, None),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, None),
        ({}, None),
        (None, None),
        ([1], None),
    ],
)  # fmt: skip
def test_counts_are_read_and_nonsense_is_no_usage(value, expected):
    """All names, thoughts that only the total counts, and garbage."""
    assert usage_of(value) == expected
