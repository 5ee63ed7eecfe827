"""How an answer shall be made: the object `generationConfig`."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Any, Final

from freetier.dialects.gemini.schemas import restricted
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, ResponseFormat

FIELDS: Final = {
    "max_tokens": "maxOutputTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "stop": "stopSequences",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}
"""Our parameters and theirs."""

STOPS_MAX = 5
"""Stop sequences of a request (https://ai.google.dev/api/generate-content)."""

_THINKING = frozenset({"reasoning_effort", "thinkingConfig", "thinking_config"})
LEVELS: Final = {
    "none": "minimal",  # Gemini 3 always thinks
    "minimal": "minimal",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "high",
}
BUDGETS: Final = {
    "none": 0,
    "minimal": 1024,
    "low": 1024,
    "medium": 8192,
    "high": 24576,
    "xhigh": 24576,
    "max": 24576,
}
"""Tokens of thought for an effort, as Google's own OpenAI endpoint counts them
(https://ai.google.dev/gemini-api/docs/openai)."""


def generation_config(
    request: ChatRequest, candidate: Candidate, refused: Collection[str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the configuration, and the parameters that were left out.

    Args:
        request: What is asked.
        candidate: Who shall answer.
        refused: Parameters that it does not take.

    Raises:
        ValueError: The schema of the answer or the stop sequences cannot be said.
    """
    if len(request.stop) > STOPS_MAX:
        raise ValueError(f"this provider takes at most {STOPS_MAX} stop sequences")
    wanted = {name: value for name in FIELDS if (value := getattr(request, name)) not in (None, ())}
    # What a provider complained of stands there by its own name.
    dropped = [name for name in wanted if not {name, FIELDS[name]}.isdisjoint(refused)]
    config = {FIELDS[name]: value for name, value in wanted.items() if name not in dropped}
    if request.response_format is not None:
        if "response_format" in refused:
            dropped.append("response_format")
        else:
            config |= _format(request.response_format)
    if request.reasoning_effort is not None:
        thinking = _thinking(request.reasoning_effort, candidate)
        if thinking is None or not _THINKING.isdisjoint(refused):
            dropped.append("reasoning_effort")
        else:
            config["thinkingConfig"] = thinking
    if request.parallel_tool_calls is False:
        dropped.append("parallel_tool_calls")  # there is no word for it
    return config, tuple(dropped)


def _format(wanted: ResponseFormat) -> dict[str, Any]:
    """Return the fields for an answer in JSON; a schema that allows anything is none."""
    fields: dict[str, Any] = {"responseMimeType": "application/json"}
    if wanted.kind == "json_schema" and wanted.schema:
        fields["responseSchema"] = restricted(wanted.schema, "response_format.schema", sizes=False)
    return fields


def _thinking(effort: str, candidate: Candidate) -> dict[str, Any] | None:
    """Return how much is thought; `None` if the effort is no known one."""
    patterns = candidate.quirks.thought_budgets
    if any(fnmatchcase(candidate.model.id, pattern) for pattern in patterns):
        budget = BUDGETS.get(effort)
        thinking: dict[str, Any] | None = None if budget is None else {"thinkingBudget": budget}
    else:
        level = LEVELS.get(effort)
        thinking = None if level is None else {"thinkingLevel": level}
    if thinking is not None and effort != "none":
        thinking["includeThoughts"] = True
    return thinking
