"""The tokens of an answer in LangChain's words."""

from __future__ import annotations

from typing import cast

from langchain_core.messages.ai import InputTokenDetails, OutputTokenDetails, UsageMetadata

from freetier import Usage


def usage_metadata(usage: Usage | None) -> UsageMetadata | None:
    """Return what the provider counted; a detail stands only where it was told."""
    if usage is None:
        return None
    metadata = UsageMetadata(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens or usage.input_tokens + usage.output_tokens,
    )
    if taken := _input_details(usage):
        metadata["input_token_details"] = taken
    if given := _output_details(usage):
        metadata["output_token_details"] = given
    return metadata


def _input_details(usage: Usage) -> InputTokenDetails:
    """Return the parts of the input; LangChain allows more keys than its type has."""
    parts = {
        "cache_read": usage.cached_tokens,
        "audio": usage.audio_input_tokens,
        "image": usage.image_input_tokens,
        "video": usage.video_input_tokens,
    }
    told = {name: count for name, count in parts.items() if count is not None}
    return cast("InputTokenDetails", told)


def _output_details(usage: Usage) -> OutputTokenDetails:
    details = OutputTokenDetails()
    if usage.reasoning_tokens is not None:
        details["reasoning"] = usage.reasoning_tokens
    if usage.audio_output_tokens is not None:
        details["audio"] = usage.audio_output_tokens
    return details
