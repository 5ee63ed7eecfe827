"""Answers in OpenAI's shape: plain dicts that are also read by attribute."""

from __future__ import annotations

from typing import Any

from freetier.values.chat import (
    Event,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Restarted,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from freetier.values.reports import Completion, RouteReport


class Reading(dict[str, Any]):
    """A dict whose keys are attributes as well; `model_dump()` gives plain dicts."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def model_dump(self) -> dict[str, Any]:
        """Return the same as plain dicts and lists."""
        return {key: _plain(value) for key, value in self.items()}

    def model_dump_json(self) -> str:
        """Return the same as JSON text."""
        import json  # noqa: PLC0415 - rarely needed

        return json.dumps(self.model_dump())


def _plain(value: Any) -> Any:
    if isinstance(value, Reading):
        return value.model_dump()
    if isinstance(value, RouteReport):
        return value.as_dict()
    return [_plain(one) for one in value] if isinstance(value, list) else value


def completion(made: Completion, created: int) -> Reading:
    """Return a whole answer as a chat completion; `report` is its last field.

    Args:
        made: The answer.
        created: Seconds since 1970 UTC.
    """
    said = made.content
    message = Reading(role="assistant", content=said.text or None)
    if said.tool_calls:
        message["tool_calls"] = [_call(call) for call in said.tool_calls]
    if said.reasoning:
        message["reasoning_content"] = said.reasoning
    message["refusal"] = said.refusal or None
    choice = Reading(
        index=0, message=message, finish_reason=said.finish_reason.value, logprobs=None
    )
    return Reading(
        id=said.id or f"chatcmpl-{made.report.request_id}",
        object="chat.completion",
        created=created,
        model=made.report.model,
        choices=[choice],
        usage=usage(said.usage),
        provider=made.report.provider,
        report=made.report,
    )


def _call(call: ToolCall) -> Reading:
    function = Reading(name=call.name, arguments=call.arguments)
    return Reading(id=call.id, type="function", function=function)


def usage(used: Usage | None) -> Reading | None:
    """Return a usage in OpenAI's words."""
    if used is None:
        return None
    out = Reading(
        prompt_tokens=used.input_tokens,
        completion_tokens=used.output_tokens,
        total_tokens=used.total_tokens,
    )
    if used.cached_tokens is not None:
        out["prompt_tokens_details"] = Reading(cached_tokens=used.cached_tokens)
    if used.reasoning_tokens is not None:
        out["completion_tokens_details"] = Reading(reasoning_tokens=used.reasoning_tokens)
    return out


def chunk(event: Event, report: RouteReport, created: int, *, first: bool) -> Reading | None:
    """Return one event as a chunk, or None if the shape has no place for it."""
    delta, reason, used = _delta(event), None, None
    if isinstance(event, Finished):
        reason = event.reason.value
    elif isinstance(event, UsageReported):
        used = usage(event.usage)
    elif not delta:
        return None
    if first:
        delta = Reading(role="assistant", **delta)
    choices = [Reading(index=0, delta=delta, finish_reason=reason, logprobs=None)]
    return Reading(
        id=f"chatcmpl-{report.request_id}",
        object="chat.completion.chunk",
        created=created,
        model=report.model,
        choices=[] if used is not None else choices,
        usage=used,
        provider=report.provider,
    )


def _delta(event: Event) -> Reading:
    if isinstance(event, TextDelta):
        return Reading(content=event.text)
    if isinstance(event, ReasoningDelta):
        return Reading(reasoning_content=event.text)
    if isinstance(event, RefusalDelta):
        return Reading(refusal=event.text)
    if isinstance(event, Restarted):
        return Reading(restarted=True)
    if isinstance(event, ToolCallDelta):
        function = Reading(arguments=event.arguments)
        if event.name is not None:
            function["name"] = event.name
        call = Reading(index=event.index, function=function)
        if event.id is not None:
            call["id"], call["type"] = event.id, "function"
        return Reading(tool_calls=[call])
    return Reading()
