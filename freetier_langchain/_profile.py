"""What an alias can do in LangChain's words, and how long a text is without a tokenizer."""

from __future__ import annotations

from langchain_core.language_models import ModelProfile

from freetier import Router

BYTES_PER_TOKEN = 4
"""Of English text; other scripts take more bytes for a letter and more tokens for a word."""


def profile(router: Router, model: str) -> ModelProfile:
    """Return what may be asked of an alias; what is not known is left out.

    `structured_output` stands only where every candidate takes a schema together with
    tools, because agents then ask for both at once.
    """
    features = router.features(model)
    described = ModelProfile(
        text_inputs=True,
        text_outputs=True,
        image_inputs=features.vision,
        image_url_inputs=features.vision,
        audio_inputs=features.audio,
        video_inputs=features.video,
        pdf_inputs=features.pdf,
        tool_calling=features.tools,
        tool_choice=features.tool_choice,
        reasoning_output=features.reasoning,
    )
    if features.max_input_tokens is not None:
        described["max_input_tokens"] = features.max_input_tokens
    if features.max_output_tokens is not None:
        described["max_output_tokens"] = features.max_output_tokens
    if features.structured_output:
        described["structured_output"] = True
    return described


def token_ids(text: str) -> list[int]:
    """Return a number for every four bytes, which is about a token, by what they hold.

    The models behind an alias have tokenizers of their own, so no ids are right for all.
    """
    data = text.encode("utf-8", "replace")
    return [
        int.from_bytes(data[start : start + BYTES_PER_TOKEN])
        for start in range(0, len(data), BYTES_PER_TOKEN)
    ]
