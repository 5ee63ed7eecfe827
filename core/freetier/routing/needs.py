"""What a request asks of a candidate, found out once per request."""

from __future__ import annotations

from dataclasses import dataclass

from freetier.routing.tokens import (
    CALL,
    MESSAGE,
    REQUEST,
    TOOL,
    compact,
    media_tokens,
    text_tokens,
    texts,
    tool_texts,
)
from freetier.values.chat import ChatRequest, MediaPart
from freetier.values.models import Capability
from freetier.values.quick import maker, quick
from freetier.values.vectors import EmbedRequest

_MEDIA = {
    "image": Capability.VISION,
    "audio": Capability.AUDIO,
    "video": Capability.VIDEO,
    "file": Capability.FILES,
}

NONE: frozenset[Capability] = frozenset()
SHAPING = frozenset({Capability.JSON_SCHEMA, Capability.TOOL_CHOICE, Capability.JSON_OBJECT})
"""Any of these gives an answer the shape of a schema."""

TEMPLATE = 256
"""Tokens that a provider's own template may add, for upper bounds only."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What one request needs, and how large it is before any correction.

    Attributes:
        capabilities: What a model must be able to do.
        ways: Of these at least one, if there are any.
        image_urls: Whether an image is given by an address that the provider must fetch.
        max_tokens: The caller's bound on the output.
        text_tokens: Of all texts, tools and the schema, with their frames.
        image_tokens, audio_tokens, video_tokens, file_tokens: Of the media.
        thought_tokens: Of earlier thoughts, sent back only where they are wanted.
        text_bound: No tokenizer makes more tokens of the texts than this.
        inputs: Texts that shall become vectors.
        longest: Tokens of the longest of them: each has a context of its own.
    """

    capabilities: frozenset[Capability] = frozenset()
    ways: frozenset[Capability] = frozenset()
    image_urls: bool = False
    max_tokens: int | None = None
    text_tokens: int = 0
    image_tokens: int = 0
    audio_tokens: int = 0
    video_tokens: int = 0
    file_tokens: int = 0
    thought_tokens: int = 0
    text_bound: int = 0
    inputs: int = 0
    longest: int = 0

    @property
    def media_tokens(self) -> int:
        """Return the tokens of all media."""
        return self.image_tokens + self.audio_tokens + self.video_tokens + self.file_tokens


_needs = maker(Needs)


def needs(request: ChatRequest | EmbedRequest) -> Needs:
    """Find out what a request needs."""
    if isinstance(request, EmbedRequest):
        return _of_texts(request.inputs)
    media = [
        part
        for message in request.messages
        if not isinstance(message.content, str)
        for part in message.content
        if isinstance(part, MediaPart)
    ]
    sizes = dict.fromkeys(_MEDIA, 0)
    for part in media:
        sizes[part.kind] += media_tokens(part)
    spoken, frames = _spoken(request)
    asked = _asked(request)
    return _needs(
        capabilities=frozenset(_MEDIA[p.kind] for p in media) | asked if media else asked,
        ways=_ways(request),
        image_urls=any(_is_address(part) for part in media),
        max_tokens=request.max_tokens,
        text_tokens=frames + sum(map(text_tokens, spoken)),
        image_tokens=sizes["image"],
        audio_tokens=sizes["audio"],
        video_tokens=sizes["video"],
        file_tokens=sizes["file"],
        thought_tokens=sum(text_tokens(m.reasoning) for m in request.messages if m.reasoning),
        text_bound=TEMPLATE + 2 * frames + sum(_size(text) for text in spoken),
    )


def _of_texts(inputs: tuple[str, ...]) -> Needs:
    sizes = [text_tokens(text) for text in inputs]
    return _needs(
        capabilities=frozenset({Capability.EMBEDDINGS}),
        text_tokens=sum(sizes),
        text_bound=TEMPLATE + sum(_size(text) for text in inputs),
        inputs=len(inputs),
        longest=max(sizes, default=0),
    )


def _spoken(request: ChatRequest) -> tuple[list[str], int]:
    """Return all texts of a request, and the tokens of the frames around them."""
    found = [text for message in request.messages for text in texts(message)]
    found += [text for tool in request.tools for text in tool_texts(tool)]
    if request.response_format is not None and request.response_format.schema:
        found.append(compact(request.response_format.schema))
    calls = sum(len(message.tool_calls) for message in request.messages)
    frames = REQUEST + MESSAGE * len(request.messages) + CALL * calls + TOOL * len(request.tools)
    return found, frames


def _asked(request: ChatRequest) -> frozenset[Capability]:
    asked = set()
    history = any(m.tool_calls or m.role == "tool" for m in request.messages)
    if request.tools or history:
        asked.add(Capability.TOOLS)
    choice = request.tool_choice
    if request.tools and choice is not None and choice.mode in {"required", "named"}:
        asked.add(Capability.TOOL_CHOICE)
    if request.tools and request.parallel_tool_calls:
        asked.add(Capability.PARALLEL_TOOLS)
    shape = request.response_format
    if shape is not None:
        if shape.kind != "schema":
            asked.add(Capability(shape.kind))
        if shape.kind != "json_object" and request.tools:
            asked |= {Capability.JSON_SCHEMA, Capability.SCHEMA_WITH_TOOLS}
    return frozenset(asked) if asked else NONE


def _ways(request: ChatRequest) -> frozenset[Capability]:
    """Return what a shape may be asked for by, where the way is left open."""
    shape = request.response_format
    return SHAPING if shape is not None and shape.kind == "schema" else NONE


def _is_address(part: MediaPart) -> bool:
    return part.kind == "image" and part.data is None and not (part.url or "").startswith("data:")


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
