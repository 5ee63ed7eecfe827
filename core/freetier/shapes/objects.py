"""Answers in OpenAI's shape: plain dicts that are also read by attribute."""

from __future__ import annotations

from typing import Any

from freetier.values.chat import (
    Event,
    Finished,
    FinishReason,
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
    """A dict whose keys are attributes as well; `model_dump()` gives plain dicts.

    `UNSAID` are the fields that OpenAI's object of this kind has whether or not there is
    something to say: they read as None.
    """

    UNSAID: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            if name in self.UNSAID:
                return None
            raise AttributeError(name) from None

    def model_dump(
        self, *, exclude_none: bool = False, exclude_unset: bool = False, **_: Any
    ) -> dict[str, Any]:
        """Return the same as plain dicts and lists.

        Args:
            exclude_none: Leave out what is None.
            exclude_unset: Leave out what was not said.
            **_: What else OpenAI's objects take (`mode`, `by_alias`, ...) changes nothing.
        """
        unsaid = {} if exclude_unset else dict.fromkeys(self.UNSAID)
        return {
            key: _plain(value, exclude_none=exclude_none, exclude_unset=exclude_unset)
            for key, value in {**self, **unsaid, **self}.items()
            if not (exclude_none and value is None)
        }

    def model_dump_json(self, *, indent: int | None = None, **how: Any) -> str:
        """Return the same as JSON text; see `model_dump`."""
        import json  # noqa: PLC0415 - rarely needed

        return json.dumps(self.model_dump(**how), indent=indent)

    def to_dict(self) -> dict[str, Any]:
        """Return what was said as plain dicts and lists."""
        return self.model_dump(exclude_unset=True)

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return what was said as JSON text."""
        return self.model_dump_json(indent=indent, exclude_unset=True)


class _Answer(Reading):
    UNSAID = ("service_tier", "system_fingerprint")


class _Message(Reading):
    UNSAID = ("annotations", "audio", "function_call", "tool_calls")


class _Delta(Reading):
    UNSAID = ("content", "function_call", "refusal", "role", "tool_calls")


class _CallPiece(Reading):
    UNSAID = ("id", "type")


class _FunctionPiece(Reading):
    UNSAID = ("name",)


class _Usage(Reading):
    UNSAID = ("completion_tokens_details", "prompt_tokens_details")


class _Details(Reading):
    UNSAID = ("accepted_prediction_tokens", "audio_tokens", "rejected_prediction_tokens")


def _plain(value: Any, **how: bool) -> Any:
    if isinstance(value, Reading):
        return value.model_dump(**how)
    if isinstance(value, RouteReport):
        return value.as_dict()
    return [_plain(one, **how) for one in value] if isinstance(value, list) else value


def completion(made: Completion, created: int) -> Reading:
    """Return a whole answer as a chat completion; `report` is its last field.

    Args:
        made: The answer.
        created: Seconds since 1970 UTC.
    """
    said = made.content
    message = _Message(role="assistant", content=said.text or None)
    if said.tool_calls:
        message["tool_calls"] = [_call(call) for call in said.tool_calls]
    if said.reasoning:
        message["reasoning_content"] = said.reasoning
    message["refusal"] = said.refusal or None
    choice = Reading(
        index=0, message=message, finish_reason=_reason(said.finish_reason), logprobs=None
    )
    return _Answer(
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
    out = _Usage(
        prompt_tokens=used.input_tokens,
        completion_tokens=used.output_tokens,
        total_tokens=used.total_tokens,
    )
    if used.cached_tokens is not None:
        out["prompt_tokens_details"] = _Details(cached_tokens=used.cached_tokens)
    if used.reasoning_tokens is not None:
        out["completion_tokens_details"] = _Details(reasoning_tokens=used.reasoning_tokens)
    return out


def _reason(why: FinishReason) -> str:
    """Return a reason in OpenAI's words, which have none for what no provider's word says."""
    return "stop" if why is FinishReason.UNKNOWN else why.value


class Chunks:
    """Turns the events of one stream into chunks.

    Args:
        usage_apart: Whether the usage comes in a last chunk without choices, as OpenAI sends
            it to those who ask; else it stands on the chunk that ends the answer.
    """

    def __init__(self, *, usage_apart: bool) -> None:
        self._usage_apart = usage_apart
        self._used: Reading | None = None
        self._first = True

    def add(self, event: Event, report: RouteReport, created: int) -> list[Reading]:
        """Return what one event becomes; nothing if the shape has no place for it.

        Args:
            event: The next one of the answer.
            report: The route so far.
            created: Seconds since 1970 UTC.
        """
        delta, reason = _delta(event), None
        if isinstance(event, UsageReported):
            self._used = usage(event.usage)
        elif isinstance(event, Finished):
            reason = _reason(event.reason)
        if not delta and reason is None:
            return []
        if self._first:
            delta, self._first = _Delta(role="assistant", **delta), False
        choice = Reading(index=0, delta=delta, finish_reason=reason, logprobs=None)
        base: dict[str, Any] = {
            "id": f"chatcmpl-{report.request_id}",
            "object": "chat.completion.chunk",
            "created": created,
            "model": report.model,
        }
        is_last = reason is not None
        used = self._used if is_last and not self._usage_apart else None
        made: list[Reading] = [
            _Answer(**base, choices=[choice], usage=used, provider=report.provider)
        ]
        if is_last and self._usage_apart:
            made.append(_Answer(**base, choices=[], usage=self._used, provider=report.provider))
        return made


def _delta(event: Event) -> Reading:
    if isinstance(event, TextDelta):
        return _Delta(content=event.text)
    if isinstance(event, ReasoningDelta):
        return _Delta(reasoning_content=event.text)
    if isinstance(event, RefusalDelta):
        return _Delta(refusal=event.text)
    if isinstance(event, Restarted):
        return _Delta(restarted=True)
    if isinstance(event, ToolCallDelta):
        function = _FunctionPiece(arguments=event.arguments)
        if event.name is not None:
            function["name"] = event.name
        call = _CallPiece(index=event.index, function=function)
        if event.id is not None:
            call["id"], call["type"] = event.id, "function"
        return _Delta(tool_calls=[call])
    return _Delta()
