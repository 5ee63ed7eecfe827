"""The events of a stream as LangChain's chunks.

Every chunk carries one thing: text or a piece of a tool call, never both. The first says
who answers, the last says how it ended, with the usage and the finish reason; nothing is
said twice, because chunks are added up.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any, Protocol

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.tool import ToolCallChunk, tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk

from freetier import Completion, FinishReason, RouteReport
from freetier.values.chat import Event, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta
from freetier_langchain._calls import read_arguments, spoiler
from freetier_langchain._messages_in import REASONING, REFUSAL, VENDOR
from freetier_langchain._metadata import gateway, identity, outcome, passport
from freetier_langchain._usage import usage_metadata


class Answer(Protocol):
    """What a stream knows besides its events."""

    @property
    def report(self) -> RouteReport:
        """The route so far."""

    @property
    def completion(self) -> Completion:
        """The whole answer, at the end."""


class Stream(Answer, Iterable[Event], Protocol):
    """A stream in a thread."""


class AsyncStream(Answer, AsyncIterable[Event], Protocol):
    """A stream in a task."""


def written(stream: Stream) -> Iterator[ChatGenerationChunk]:
    """Yield the chunks of a stream."""
    writer = ChunkWriter(lambda: stream.report)
    for event in stream:
        if (chunk := writer.chunk(event)) is not None:
            yield chunk
    yield from writer.ending(stream.completion)


async def awritten(stream: AsyncStream) -> AsyncIterator[ChatGenerationChunk]:
    """Yield the chunks of a stream."""
    writer = ChunkWriter(lambda: stream.report)
    async for event in stream:
        if (chunk := writer.chunk(event)) is not None:
            yield chunk
    for chunk in writer.ending(stream.completion):
        yield chunk


class ChunkWriter:
    """Turns the events of one answer into chunks.

    Args:
        report: Tells who answers; asked for the first chunk only.
    """

    def __init__(self, report: Callable[[], RouteReport]) -> None:
        self._report = report
        self._has_begun = False
        self._arguments: dict[int, str] = {}

    def chunk(self, event: Event) -> ChatGenerationChunk | None:
        """Return the chunk of an event, or `None` if it waits for the end of the answer."""
        match event:
            case TextDelta(text):
                return self._chunk(content=text)
            case ReasoningDelta(text):
                return self._chunk(additional_kwargs={REASONING: text})
            case RefusalDelta(text):
                return self._chunk(additional_kwargs={REFUSAL: text})
            case ToolCallDelta():
                return self._chunk(tool_call_chunks=[self._fragment(event)])
        return None

    def ending(self, completion: Completion) -> Iterator[ChatGenerationChunk]:
        """Yield what stands at the end: unreadable calls made so, and the last chunk."""
        content = completion.content
        for fragment in self._spoilers(content.finish_reason):
            yield self._chunk(tool_call_chunks=[fragment])
        secrets = passport(completion)
        yield self._chunk(
            additional_kwargs={VENDOR: secrets} if secrets else {},
            response_metadata=outcome(completion),
            usage_metadata=usage_metadata(content.usage),
            chunk_position="last",
        )

    def _chunk(self, *, content: str = "", **said: Any) -> ChatGenerationChunk:
        info = None
        if not self._has_begun:
            self._has_begun = True
            report = self._report()
            info = gateway(report)
            said["response_metadata"] = {**identity(report), **said.get("response_metadata", {})}
        message = AIMessageChunk(content=content, **said)
        return ChatGenerationChunk(message=message, generation_info=info)

    def _fragment(self, event: ToolCallDelta) -> ToolCallChunk:
        before = self._arguments.get(event.index, "")
        self._arguments[event.index] = before + event.arguments
        return tool_call_chunk(
            index=event.index, id=event.id, name=event.name, args=event.arguments
        )

    def _spoilers(self, reason: FinishReason) -> Iterator[ToolCallChunk]:
        for index, arguments in self._arguments.items():
            _, complaint = read_arguments(arguments, reason)
            if complaint is not None:
                yield tool_call_chunk(index=index, args=spoiler(arguments))


def is_first(chunk: ChatGenerationChunk) -> bool:
    """Tell whether a chunk is the one that says who answers."""
    return chunk.generation_info is not None
