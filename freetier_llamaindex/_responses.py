"""Answers as LlamaIndex's responses: whole ones, and streamed ones that grow.

Each response is made of new dicts and lists: some of LlamaIndex's own functions change the
dicts of what they are given.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    CompletionResponse,
    ContentBlock,
    MessageRole,
    TextBlock,
    ThinkingBlock,
)

from freetier.values.chat import (
    Content,
    Event,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from freetier.values.reports import Completion, RouteReport
from freetier_llamaindex._calls import CALLS, block_of, dict_of
from freetier_llamaindex._messages import REFUSAL, VENDOR

THINKING = "thinking_delta"


def response(completion: Completion, *, one_call: bool, delta: str | None = None) -> ChatResponse:
    """Return a whole answer.

    Args:
        completion: The answer.
        one_call: Whether the caller refused parallel calls, so that only the first is kept.
        delta: Empty at the end of a stream.
    """
    content, report = completion.content, completion.report
    calls = content.tool_calls[:1] if one_call else content.tool_calls
    message = _message(content, calls, is_whole=True)
    if content.vendor:
        secrets = {f"{report.provider}/{report.family or ''}": plain(content.vendor)}
        message.additional_kwargs[VENDOR] = secrets
    used = usage(content.usage)
    told = {"provider": report.provider, "model": report.model}
    tokens = {name: value for name, value in used.items() if isinstance(value, int)}
    return ChatResponse(
        message=message,
        delta=delta,
        raw=_raw(completion, used),
        additional_kwargs={**told, **tokens},
    )


def as_completion(answer: ChatResponse) -> CompletionResponse:
    """Return a chat's answer as that of a prompt."""
    return CompletionResponse(
        text=answer.message.content or "",
        additional_kwargs={**answer.message.additional_kwargs, **answer.additional_kwargs},
        raw=answer.raw,
        delta=answer.delta,
    )


class Growth:
    """A streamed answer: after each event, everything that was said so far.

    Args:
        one_call: Whether only the first tool call is kept.
    """

    def __init__(self, *, one_call: bool) -> None:
        self._one_call = one_call
        self._report: RouteReport | None = None
        self._text = ""
        self._thoughts = ""
        self._refusal = ""
        self._calls: list[ToolCall] = []

    @property
    def has_begun(self) -> bool:
        """Tell whether it is known who answers."""
        return self._report is not None

    def begin(self, report: RouteReport) -> None:
        """Take down who answers."""
        self._report = report

    def add(self, event: Event) -> ChatResponse | None:
        """Take an event; return the answer so far, or `None` if the event adds nothing to it."""
        match event:
            case TextDelta(piece):
                self._text += piece
                return self._so_far(piece)
            case RefusalDelta(piece):
                self._text += piece
                self._refusal += piece
                return self._so_far(piece)
            case ReasoningDelta(piece):
                self._thoughts += piece
                return self._so_far("", {THINKING: piece})
            case ToolCallDelta():
                return self._so_far("") if self._take_call(event) else None
        return None

    def _take_call(self, piece: ToolCallDelta) -> bool:
        if self._one_call and piece.index > 0:
            return False
        if piece.index >= len(self._calls):
            self._calls.append(ToolCall(id=piece.id or "", name=piece.name or "", arguments=""))
        so_far = self._calls[piece.index]
        self._calls[piece.index] = ToolCall(
            id=so_far.id, name=so_far.name, arguments=so_far.arguments + piece.arguments
        )
        return True

    def _so_far(self, delta: str, more: dict[str, Any] | None = None) -> ChatResponse:
        content = Content(text=self._text, reasoning=self._thoughts, refusal=self._refusal)
        return ChatResponse(
            message=_message(content, self._calls, is_whole=False),
            delta=delta,
            raw=identity(self._report) if self._report else {},
            additional_kwargs=more or {},
        )


def _message(content: Content, calls: Sequence[ToolCall], *, is_whole: bool) -> ChatMessage:
    thought = content.usage.reasoning_tokens if content.usage else None
    blocks: list[ContentBlock] = []
    if content.reasoning:
        blocks.append(ThinkingBlock(content=content.reasoning, num_tokens=thought))
    # What a model says when it refuses is an answer; LlamaIndex has no other place for it.
    text = content.text or content.refusal
    if text or not calls:
        blocks.append(TextBlock(text=text))
    blocks.extend(block_of(call, is_whole=is_whole) for call in calls)
    kwargs: dict[str, Any] = {}
    if calls:
        kwargs[CALLS] = [dict_of(call) for call in calls]
    if content.refusal:
        kwargs[REFUSAL] = content.refusal
    return ChatMessage(role=MessageRole.ASSISTANT, blocks=blocks, additional_kwargs=kwargs)


def identity(report: RouteReport) -> dict[str, Any]:
    """Return who answers, as `raw` while the answer is still coming."""
    return {
        "provider": report.provider,
        "model": report.model,
        "finish_reason": None,
        "freetier": {
            "request_id": report.request_id,
            "alias": report.alias,
            "account": report.account,
            "canonical": report.canonical,
            "free": report.free,
            "waited": report.waited,
            "failovers": sum(attempt.fault is not None for attempt in report.attempts),
        },
    }


def _raw(completion: Completion, used: dict[str, Any]) -> dict[str, Any]:
    content, report = completion.content, completion.report
    return {
        "provider": report.provider,
        "model": report.model,
        "id": content.id,
        "upstream_model": content.upstream_model,
        "usage": used,
        "finish_reason": content.finish_reason.value,
        "freetier": {
            **plain(report.as_dict()),
            "failovers": report.failovers,
            "usage_estimated": content.usage is None or content.usage.estimated,
        },
    }


def usage(used: Usage | None) -> dict[str, Any]:
    """Return tokens in the words that `TokenCountingHandler` reads; details only if told."""
    if used is None:
        return {}
    out: dict[str, Any] = {
        "prompt_tokens": used.input_tokens,
        "completion_tokens": used.output_tokens,
        "total_tokens": used.total_tokens or used.input_tokens + used.output_tokens,
    }
    details = {
        "prompt_tokens_details": {
            "cached_tokens": used.cached_tokens,
            "audio_tokens": used.audio_input_tokens,
            "image_tokens": used.image_input_tokens,
            "video_tokens": used.video_input_tokens,
        },
        "completion_tokens_details": {
            "reasoning_tokens": used.reasoning_tokens,
            "audio_tokens": used.audio_output_tokens,
        },
    }
    for name, parts in details.items():
        if told := {key: count for key, count in parts.items() if count is not None}:
            out[name] = told
    return out


_LEAVES = frozenset({str, int, float, bool, type(None)})


def plain(value: Any) -> Any:
    """Return a copy made of what JSON knows and nothing else."""
    kind = type(value)
    if kind in _LEAVES:
        return value
    if isinstance(value, StrEnum):
        return value.value
    if kind is tuple or kind is list:
        return [plain(one) for one in value]
    if kind is dict and all(type(key) is str for key in value):
        return {key: plain(one) for key, one in value.items()}
    return json.loads(json.dumps(value, default=_unfrozen))


def _unfrozen(value: object) -> object:
    return dict(value) if hasattr(value, "keys") else str(value)  # type: ignore[call-overload]
