"""A good tool call that a provider threw away, made an answer after all (decisions 8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from json import loads

from freetier.routing.effects import Emit, Flow, ask
from freetier.routing.trying import Try, account, judge
from freetier.values.chat import (
    ChatRequest,
    Content,
    Event,
    Finished,
    FinishReason,
    Tool,
    ToolCall,
    ToolCallDelta,
    UsageReported,
)
from freetier.values.faults import Refused
from freetier.values.reports import Completion


def rescued(this: Try, refused: Refused) -> Flow[Completion | Refused]:
    """Return the answer inside a refusal, or the refusal if there is none.

    Every call must name a tool that was offered. In a stream the calls are handed out.
    """
    trip, request = this.trip, this.trip.job.request
    tools = request.tools if isinstance(request, ChatRequest) else ()
    calls = _calls(refused.rescued, tools, this.held.id)
    if not calls or trip.said or this.first_at is not None:
        return refused
    this.first_at = trip.elapsed
    content = Content(tool_calls=calls, finish_reason=FinishReason.TOOL_CALLS)
    judged = yield from judge(this, account(this, content))
    if isinstance(judged, Refused):
        this.first_at = None
        return judged
    trip.record.notes.append(f"a tool call that {this.candidate.key} refused was rescued")
    if trip.job.stream:
        for event in _events(judged):
            yield from ask(Emit((event,)))
    return replace(judged, report=trip.record.report())


def _calls(text: str | None, tools: tuple[Tool, ...], name: str) -> tuple[ToolCall, ...]:
    """Return the calls, if all of them are of offered tools."""
    offered = {tool.name for tool in tools}
    found = loads(text) if text else []
    if any(call["name"] not in offered for call in found):
        return ()
    return tuple(
        ToolCall(id=f"call_{name[:20]}{n}", name=call["name"], arguments=call["arguments"])
        for n, call in enumerate(found)
    )


def _events(answer: Completion) -> Iterator[Event]:
    for n, call in enumerate(answer.content.tool_calls):
        yield ToolCallDelta(n, call.id, call.name, call.arguments)
    if answer.usage is not None:
        yield UsageReported(answer.usage)
    yield Finished(answer.content.finish_reason)
