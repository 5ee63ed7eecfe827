"""Token counts of an answer, whatever their names."""

from __future__ import annotations

from typing import Any

from freetier.dialects.jsontext import as_count, as_dict
from freetier.values.chat import Usage
from freetier.values.quick import maker

_usage = maker(Usage)

_ALONE = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})
"""What a usage without details holds."""


def usage_of(value: object) -> Usage | None:
    """Read a usage object; one that counts nothing is none.

    The output is what the total leaves over the input where that is more: xAI and Gemini
    count thoughts in the total only.
    """
    fields = as_dict(value)
    given = _first(fields, "prompt_tokens", "input_tokens") or 0
    made = _first(fields, "completion_tokens", "output_tokens") or 0
    total = _first(fields, "total_tokens") or 0
    if not (given or made or total):
        return None
    made = max(made, total - given)
    if fields.keys() == _ALONE:
        return _usage(input_tokens=given, output_tokens=made, total_tokens=given + made)
    before = as_dict(fields.get("prompt_tokens_details") or fields.get("input_tokens_details"))
    after = as_dict(fields.get("completion_tokens_details") or fields.get("output_tokens_details"))
    cached = _first(before, "cached_tokens")
    if cached is None:
        cached = _first(fields, "prompt_cache_hit_tokens", "num_cached_tokens", "cached_tokens")
    return _usage(
        input_tokens=given,
        output_tokens=made,
        total_tokens=given + made,
        cached_tokens=cached,
        reasoning_tokens=_first(after, "reasoning_tokens"),
        audio_input_tokens=_first(before, "audio_tokens"),
        audio_output_tokens=_first(after, "audio_tokens"),
    )


def _first(fields: dict[str, Any], *names: str) -> int | None:
    for name in names:
        count = as_count(fields.get(name))
        if count is not None:
            return count
    return None
