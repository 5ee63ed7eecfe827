"""A conversation, the tools, one request, and one answer as events or whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from freetier.values.quick import quick
from freetier.values.vectors import Vector

Json = Mapping[str, Any]
Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """Plain text, as a part of a turn beside images, sound or files."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPart:
    """An image, a sound, a film or a file, by address or by content.

    Attributes:
        kind: What it is.
        url: Where it lies; `None` if `data` is given.
        data: The bytes themselves.
        mime: The media type, for example `image/png`.
        name: The file name, where the dialect has one.
        detail: The level of detail the provider should look at (`low`, `high`, `auto`).
    """

    kind: Literal["image", "audio", "video", "file"]
    url: str | None = None
    data: bytes | None = field(default=None, repr=False)
    mime: str | None = None
    name: str | None = None
    detail: str | None = None


Part = TextPart | MediaPart


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A model's wish to call a tool.

    Attributes:
        id: Names the call; the tool's turn answers to it.
        name: The tool's name.
        arguments: The JSON text as it came; it need not be valid.
    """

    id: str
    name: str
    arguments: str = "{}"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation, as it is sent to any provider.

    Attributes:
        role: Who speaks.
        content: Text, or parts in order.
        name: The speaker's name, sent only where it is understood.
        tool_calls: What an assistant's turn called.
        tool_call_id: Which call a tool's turn answers.
        reasoning: The model's thoughts of that turn, sent only where they are wanted.
        refusal: The model's refusal of that turn.
        vendor: Secrets of a turn per (provider, family), for example signatures; they go
            back only to the same provider and family (decisions 8, history passport).
    """

    role: Role
    content: str | tuple[Part, ...] = ""
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    vendor: Mapping[tuple[str, str], Json] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that the model may call.

    Attributes:
        name: What the model calls it by.
        description: What it does, for the model.
        parameters: The JSON schema of its arguments.
        strict: Whether the provider must keep to the schema; `None` leaves it to the provider.
    """

    name: str
    description: str = ""
    parameters: Json = field(default_factory=dict)
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether and which tool must be called; `name` only with the mode `named`."""

    mode: Literal["auto", "none", "required", "named"]
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFormat:
    """The shape an answer must have, as JSON.

    Attributes:
        kind: Any `json_object`; a `json_schema` that the provider itself enforces; or a
            `schema` that is asked of each candidate in the best way it has: enforced, as a
            tool that must be called, or in words.
        name, description: Of the schema; a tool of that name may be called.
        schema: The JSON schema.
        strict: Whether providers that can shall enforce it to the letter.
    """

    kind: Literal["json_object", "json_schema", "schema"]
    name: str = "response"
    description: str = ""
    schema: Json = field(default_factory=dict)
    strict: bool | None = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """Everything a caller asks of a model.

    Attributes:
        model: An alias, a canonical name, or a provider's id; empty means the default model.
        messages: At least one.
        tools: What may be called.
        tool_choice: `None` leaves it to the provider.
        parallel_tool_calls: `None` leaves it to the provider.
        response_format: `None` means free text.
        max_tokens: Bound on the output, in tokens; `None` sends none.
        temperature, top_p, stop, seed, presence_penalty, frequency_penalty,
            reasoning_effort: As in the OpenAI language; `None` sends none.
        extra: Parameters that this list does not know; sent to openai-dialect candidates only.
    """

    model: str = ""
    messages: tuple[Message, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    reasoning_effort: str | None = None
    extra: Json = field(default_factory=dict)


class FinishReason(StrEnum):
    """Why an answer ended, in one language for all providers."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"
    UNKNOWN = "unknown"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one answer as the provider counts them, or estimated.

    Attributes:
        input_tokens, output_tokens, total_tokens: Counts; output includes reasoning.
        cached_tokens: Part of the input that came from the provider's cache, if it said so.
        reasoning_tokens: Part of the output that was thought, if the provider said so.
        audio_input_tokens, audio_output_tokens: Parts that were sound, if the provider said so.
        image_input_tokens, video_input_tokens: Parts of the input that were images and films,
            if the provider said so.
        estimated: True if the provider sent no usage.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    audio_input_tokens: int | None = None
    audio_output_tokens: int | None = None
    image_input_tokens: int | None = None
    video_input_tokens: int | None = None
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the model's thoughts."""

    text: str


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """A piece of the model's own refusal."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a tool call; `id` and `name` stand on its first piece only.

    `index` counts the calls of this answer from 0, whatever the provider wrote.
    """

    index: int
    id: str | None
    name: str | None
    arguments: str


@dataclass(frozen=True, slots=True)
class VendorNote:
    """A secret of the turn that must come back unchanged to the same provider."""

    data: Json


@dataclass(frozen=True, slots=True)
class UsageReported:
    """The final usage; once per answer."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of the answer; once."""

    reason: FinishReason


@dataclass(frozen=True, slots=True)
class Restarted:
    """The stream broke and begins anew: forget everything that came before (decisions 8)."""

    lost: str


ContentEvent = TextDelta | ReasoningDelta | RefusalDelta | ToolCallDelta

Event = ContentEvent | VendorNote | UsageReported | Finished | Restarted

CONTENT_EVENTS = (TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta)
"""The first of these commits a stream to its candidate."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one answer says: all its events put together."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: FinishReason = FinishReason.UNKNOWN
    usage: Usage | None = None
    vendor: Json = field(default_factory=dict, repr=False)
    id: str | None = None
    upstream_model: str | None = None
    vectors: tuple[Vector, ...] = field(default=(), repr=False)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was said, thought, refused, called or embedded."""
        said = self.text or self.reasoning or self.refusal or self.tool_calls
        return not (said or self.vectors)
