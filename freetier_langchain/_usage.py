"""The tokens of an answer in LangChain's words."""

from __future__ import annotations

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
    details = InputTokenDetails()
    if usage.cached_tokens is not None:
        details["cache_read"] = usage.cached_tokens
    if usage.audio_input_tokens is not None:
        details["audio"] = usage.audio_input_tokens
    return details


def _output_details(usage: Usage) -> OutputTokenDetails:
    details = OutputTokenDetails()
    if usage.reasoning_tokens is not None:
        details["reasoning"] = usage.reasoning_tokens
    if usage.audio_output_tokens is not None:
        details["audio"] = usage.audio_output_tokens
    return details
