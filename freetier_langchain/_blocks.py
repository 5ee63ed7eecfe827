"""Content blocks of every kind LangChain lets into a message, read one by one.

A conversation may come from any model: chat-completions parts, LangChain's own blocks of
both generations, Anthropic's, OpenAI Responses' and Google's. Each becomes one of a few
pieces; marks for prompt caches are left behind because nothing reads them.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from freetier import MediaPart, TextPart, ToolCall
from freetier_langchain._errors import ModelMisconfigured

Block = Mapping[str, Any]
Kind = Literal["image", "audio", "video", "file"]

_EITHER = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Thought:
    """What a model thought; an empty one is a thought that cannot be read."""

    text: str


@dataclass(frozen=True, slots=True)
class Declined:
    """What a model said when it refused."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """A tool's answer inside a user's turn, as Anthropic writes it."""

    call_id: str
    content: object


Piece = TextPart | MediaPart | ToolCall | Thought | Declined | ToolResult


def read(block: str | Block) -> Piece | None:
    """Return what a block says, or `None` if its kind is not known.

    Raises:
        ModelMisconfigured: It is of a known kind and cannot be used.
    """
    if isinstance(block, str):
        return TextPart(block)
    reader = _READERS.get(str(block.get("type", "text" if "text" in block else None)))
    if reader is None:
        return None
    try:
        return reader(block)
    except (KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise ModelMisconfigured(
            f"a content block of the type {block.get('type')!r} cannot be read: {error!r}",
            where="messages",
        ) from error


def _decoded(written: str | bytes) -> bytes:
    """Return the content that base64 of either alphabet says, line breaks and all.

    Raises:
        binascii.Error: It is no base64, or says nothing.
    """
    text = written.decode("ascii", "replace") if isinstance(written, bytes) else written
    content = b64decode("".join(text.split()).translate(_EITHER), validate=True)
    if not content:
        raise binascii.Error("there is no content")
    return content


def _text(block: Block) -> Piece:
    return TextPart(str(block["text"]))


def _plain_text(block: Block) -> Piece:
    if "text" in block:
        return TextPart(str(block["text"]))
    return TextPart(_decoded(block["base64"]).decode("utf-8", "replace"))


def _image_url(block: Block) -> Piece:
    image = block["image_url"]
    if isinstance(image, str):
        return _by_address("image", image, detail=block.get("detail"))
    return _by_address("image", image["url"], detail=image.get("detail"))


def _input_audio(block: Block) -> Piece:
    audio = block["input_audio"]
    return MediaPart(
        kind="audio", data=_decoded(audio["data"]), mime=f"audio/{audio.get('format', 'wav')}"
    )


def _input_file(block: Block) -> Piece:
    address = block.get("file_data") or block["file_url"]
    return _by_address("file", address, name=block.get("filename"))


def _video_url(block: Block) -> Piece:
    video = block["video_url"]
    return _by_address("video", video if isinstance(video, str) else video["url"])


def _media(kind: Kind) -> Callable[[Block], Piece]:
    """Return a reader of blocks that hold their content flat or in an own object."""

    def read_media(block: Block) -> Piece:
        inner = block.get("source") or block.get(kind) or block
        name = inner.get("filename") or block.get("title") or _extra_name(block)
        mime = inner.get("mime_type") or inner.get("media_type")
        source = inner.get("source_type") or inner.get("type")
        if source == "text":
            return TextPart(str(inner.get("text") or inner["data"]))
        if address := inner.get("url") or inner.get("file_data"):
            return _by_address(kind, address, name=name, mime=mime)
        data = inner.get("base64") or inner.get("data")
        if data is None:
            raise ModelMisconfigured(
                f"this {kind} is neither an address nor content; an id of an uploaded file "
                "means nothing to other providers",
                where="messages",
            )
        content = bytes(data) if isinstance(data, bytes | bytearray) else _decoded(data)
        return MediaPart(kind=kind, data=content, mime=mime, name=name)

    return read_media


def _google_media(block: Block) -> Piece:
    family = str(block.get("mime_type", "")).partition("/")[0]
    kinds: dict[str, Kind] = {"image": "image", "audio": "audio", "video": "video"}
    return _media(kinds.get(family, "file"))(block)


def _extra_name(block: Block) -> str | None:
    extras: Block = block.get("extras") or block.get("metadata") or {}
    names = (extras.get(name) for name in ("filename", "name", "title"))
    return next((name for name in names if isinstance(name, str)), None)


def _by_address(
    kind: Kind,
    address: str,
    *,
    name: str | None = None,
    mime: str | None = None,
    detail: str | None = None,
) -> MediaPart:
    if not address.startswith("data:"):
        return MediaPart(kind=kind, url=address, name=name, mime=mime, detail=detail)
    head, _, data = address.partition(",")
    told = head.removeprefix("data:").partition(";")[0]
    return MediaPart(
        kind=kind, data=_decoded(data), name=name, mime=mime or told or None, detail=detail
    )


def _reasoning(block: Block) -> Piece:
    said = block.get("reasoning") or block.get("thinking")
    if said is None:
        said = "\n".join(str(part.get("text", "")) for part in block.get("summary") or ())
    return Thought(str(said))


def _unreadable_thought(_block: Block) -> Piece:
    return Thought("")


def _refusal(block: Block) -> Piece:
    return Declined(str(block["refusal"]))


def _call(arguments: str) -> Callable[[Block], Piece]:
    """Return a reader of tool calls whose arguments stand under a name."""

    def read_call(block: Block) -> Piece:
        said = block.get(arguments) or {}
        return ToolCall(
            id=str(block.get("call_id") or block.get("id") or ""),
            name=str(block["name"]),
            arguments=said
            if isinstance(said, str)
            else json.dumps(said, ensure_ascii=False, default=str),
        )

    return read_call


def _tool_result(block: Block) -> Piece:
    return ToolResult(call_id=str(block["tool_use_id"]), content=block.get("content") or "")


_READERS: Mapping[str, Callable[[Block], Piece]] = {
    "text": _text,
    "input_text": _text,
    "output_text": _text,
    "text-plain": _plain_text,
    "image_url": _image_url,
    "input_image": _image_url,
    "input_audio": _input_audio,
    "input_file": _input_file,
    "video_url": _video_url,
    "image": _media("image"),
    "audio": _media("audio"),
    "video": _media("video"),
    "file": _media("file"),
    "document": _media("file"),
    "media": _google_media,
    "reasoning": _reasoning,
    "thinking": _reasoning,
    "redacted_thinking": _unreadable_thought,
    "refusal": _refusal,
    "tool_call": _call("args"),
    "invalid_tool_call": _call("args"),
    "tool_use": _call("input"),
    "function_call": _call("arguments"),
    "tool_result": _tool_result,
}
