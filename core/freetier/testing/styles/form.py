"""What differs between vendors, as fields with a default; a style is a filled-in form.

Bodies and headers are templates: `"{name}"` alone becomes the fact itself, of any type;
within a longer text it becomes its words; a member whose fact is `ABSENT` is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorForm:
    """One of a vendor's errors.

    Attributes:
        status: the HTTP status.
        message: template of the words.
        type: the vendor's class of errors.
        code: the vendor's code.
        param: the member of the request that is at fault.
        body: template instead of the style's envelope; a text is sent as it is.
        content: the content type.
        headers: templates, in addition to the rate headers.
    """

    status: int
    message: str = ""
    type: Any = ABSENT
    code: Any = ABSENT
    param: Any = ABSENT
    body: Any = None
    content: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate header.

    Attributes:
        name: as written on the wire.
        metric: of the limit it tells, or `hit` for the one that refused.
        window: that limit's window.
        part: what is told: the limit, what remains, seconds until all remains.
        form: how: a number, Go's durations, decimal seconds, Unix time in milliseconds.
    """

    name: str
    metric: str
    window: str
    part: Literal["limit", "remaining", "reset"]
    form: Literal["int", "go", "seconds", "epoch_ms"] = "int"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateForm:
    """Which headers come with which statuses.

    Attributes:
        rows: in the vendor's order; those whose limit is not configured stay away.
        cost: names of headers that tell the tokens of the request itself.
        on: statuses that carry them.
        also: constant headers on every answer to a known account.
        retry_after: whether a refusal carries whole seconds, rounded up.
        retry_after_ms: whether it carries milliseconds too.
    """

    rows: tuple[RateRow, ...] = ()
    cost: tuple[str, ...] = ()
    on: frozenset[int] = frozenset({200, 413, 429})
    also: tuple[tuple[str, str], ...] = ()
    retry_after: bool = False
    retry_after_ms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatForm:
    """A whole chat answer, as far as it is more than the common shape.

    Attributes:
        id: template with `{number}`.
        top: more members of the answer.
        choice: of its one choice.
        message: of the message.
        usage: of the usage.
        finish_with_calls: the finish reason of a turn that calls tools.
        call_prefix: before the nine letters of a call's id.
        call_index: whether calls of a whole answer are numbered.
        first_call: more members of the first call of a turn.
        text_with_calls: the content beside calls when the model said nothing.
        reasoning: the member that holds reasoning; `parts` = content becomes parts.
        embedding_usage: whether an embedding answer carries usage.
    """

    id: str = "chatcmpl-{number:08d}"
    top: Mapping[str, Any] = field(default_factory=dict)
    choice: Mapping[str, Any] = field(default_factory=dict)
    message: Mapping[str, Any] = field(default_factory=dict)
    usage: Mapping[str, Any] = field(default_factory=dict)
    finish_with_calls: str = "tool_calls"
    call_prefix: str = "call_"
    call_index: bool = False
    first_call: Mapping[str, Any] = field(default_factory=dict)
    text_with_calls: str | None = None
    reasoning: str = "reasoning_content"
    embedding_usage: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamForm:
    """A streamed chat answer, as far as it is more than the common shape.

    Attributes:
        top: more members of every chunk.
        first: of the first chunk.
        choice: of every choice.
        opening: delta of the first chunk; None = there is no such chunk.
        opening_with_calls: the same for a turn that calls tools; None = as `opening`.
        delta: members of every later delta.
        thought: more members of a delta with reasoning.
        closing: delta of the finish chunk.
        joined: whether the last piece of text carries the finish reason itself.
        finish: more members of the finish chunk; may hold `{usage}`.
        usage_with_finish: whether that chunk carries usage.
        usage_chunk: whether a chunk of its own carries it: never, if asked, always.
        usage_chunk_top: more members of that chunk.
        null_usage: whether, if asked, all other chunks say `"usage": null`.
        comments: comment lines before the first event.
        split_calls: whether arguments come in fragments after the name.
        one_index: whether parallel calls all have index 0.
    """

    top: Mapping[str, Any] = field(default_factory=dict)
    first: Mapping[str, Any] = field(default_factory=dict)
    choice: Mapping[str, Any] = field(default_factory=dict)
    opening: Mapping[str, Any] | None = field(
        default_factory=lambda: {"role": "assistant", "content": ""}
    )
    opening_with_calls: Mapping[str, Any] | None = None
    delta: Mapping[str, Any] = field(default_factory=dict)
    thought: Mapping[str, Any] = field(default_factory=dict)
    closing: Mapping[str, Any] = field(default_factory=dict)
    joined: bool = False
    finish: Mapping[str, Any] = field(default_factory=dict)
    usage_with_finish: bool = False
    usage_chunk: Literal["never", "asked", "always"] = "asked"
    usage_chunk_top: Mapping[str, Any] = field(default_factory=dict)
    null_usage: bool = False
    comments: int = 0
    split_calls: bool = True
    one_index: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRules:
    """What a strict vendor takes.

    Attributes:
        known: members of a request; None = unknown ones are ignored.
        message: members of a message by role; None = unknown ones are ignored.
        roles: roles of messages.
        call_id: pattern that ids of tool calls must match.
        user_after_tool: whether a user may speak right after a tool.
        systems: most system messages.
        tool_keywords: keywords refused in the schemas of tools.
        schema_keywords: keywords refused in the schema of an answer.
        root_keywords: keywords refused at the root of a tool's schema.
        choices: words of `tool_choice` that are taken, `named` for an object; None = all.
        strict_mixed: whether strict tools may stand beside others.
        closed: whether objects in the schema of an answer must forbid other members.
        image_urls: whether images may be given by address.
        efforts: words of `reasoning_effort` that are taken, by shell pattern of the model;
            a model that no pattern fits takes all.
        apart: members of which at most one may be given.
        null_content: whether a turn with calls may say `content: null`.
        text_arrays: whether a content of texts alone may be an array.
    """

    known: frozenset[str] | None = None
    message: Mapping[str, frozenset[str]] | None = None
    roles: frozenset[str] = frozenset({"system", "developer", "user", "assistant", "tool"})
    call_id: str | None = None
    user_after_tool: bool = True
    systems: int | None = None
    tool_keywords: frozenset[str] = frozenset()
    schema_keywords: frozenset[str] = frozenset()
    root_keywords: frozenset[str] = frozenset()
    choices: frozenset[str] | None = None
    strict_mixed: bool = True
    closed: bool = False
    image_urls: bool = True
    efforts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    null_content: bool = True
    text_arrays: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How one vendor speaks.

    Attributes:
        name: the vendor's name; where the catalog knows it, the catalog's.
        tongue: the language it speaks; `gemini` is Google's own.
        base_path: what base URLs end with.
        envelope: template of an error body, from `message`, `type`, `code`, `param`, `status`.
        defaults: facts of the envelope that an error does not state.
        errors: by kind; a kind that is not here is the generic one in this envelope.
        words: more facts of a refusal, by metric and window.
        event_error: what an error inside a stream says beside the members of every chunk,
            from `error`, `text`, `kind` and `status`; None = its body as a whole.
        model_prefix: what the list of models writes before each id.
        rates: rate headers.
        chat: whole answers.
        stream: streamed answers.
        fields: what a strict one takes.
    """

    name: str
    tongue: Literal["openai", "gemini"] = "openai"
    base_path: str = "/v1"
    envelope: Any
    defaults: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, ErrorForm]
    words: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    event_error: Mapping[str, Any] | None = None
    model_prefix: str = ""
    rates: RateForm = field(default_factory=RateForm)
    chat: ChatForm = field(default_factory=ChatForm)
    stream: StreamForm = field(default_factory=StreamForm)
    fields: FieldRules = field(default_factory=FieldRules)
