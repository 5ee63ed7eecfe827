"""LlamaIndex's content blocks as parts of a message, read one by one.

Thoughts and calls are no parts: they travel in fields of their own, and marks for prompt
caches are left behind because nothing reads them.
"""

from __future__ import annotations

import binascii
import mimetypes
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import IOBase
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

from llama_index.core.base.llms import types

from freetier.errors import ConfigError
from freetier.values.chat import MediaPart, Part, TextPart

Kind = Literal["image", "audio", "video", "file"]
Block = Any
"""One of LlamaIndex's blocks; which there are differs between its releases."""

UNTITLED = "input_document"
"""What LlamaIndex calls a document without a title."""

_PLAIN_TEXT = "text/plain"


def parts(blocks: Iterable[Block], where: str) -> tuple[Part, ...]:
    """Return what may be said to a provider, in order.

    Args:
        blocks: Of one message.
        where: The message's place, for errors.

    Raises:
        ConfigError: A block holds nothing, cannot be read, or is of an unknown kind.
    """
    found: list[Part] = []
    for number, block in enumerate(blocks):
        try:
            found.extend(_read(block))
        except (OSError, ValueError, TypeError) as error:
            kind = getattr(block, "block_type", type(block).__name__)
            raise ConfigError(
                f"this {kind} block cannot be sent: {error}", where=where, path=f"blocks[{number}]"
            ) from error
    return tuple(found)


def _read(block: Block) -> Iterator[Part]:
    reader = _READERS.get(getattr(block, "block_type", ""))
    if reader is None:
        raise TypeError(f"there are {', '.join(sorted(_READERS))}")
    yield from reader(block)


def _text(block: Block) -> Iterator[Part]:
    if block.text:
        yield TextPart(block.text)


def _image(block: Block) -> Iterator[Part]:
    mime = block.image_mimetype or _guessed(block.path)
    yield _media("image", block, block.image, block.resolve_image, mime=mime, detail=block.detail)


def _audio(block: Block) -> Iterator[Part]:
    form = block.format
    mime = form if form is None or "/" in form else f"audio/{form}"
    yield _media("audio", block, block.audio, block.resolve_audio, mime=mime)


def _video(block: Block) -> Iterator[Part]:
    mime = block.video_mimetype or _guessed(block.path)
    detail = getattr(block, "detail", None)
    yield _media("video", block, block.video, block.resolve_video, mime=mime, detail=detail)


def _document(block: Block) -> Iterator[Part]:
    title = None if block.title == UNTITLED else block.title
    name = title or (Path(block.path).name if block.path else None)
    mime = block.document_mimetype or _guessed(block.path, block.url, title)
    part = _media("file", block, block.data, block.resolve_document, mime=mime, name=name)
    if part.mime is None and part.data is not None and _is_text(part.data):
        part = MediaPart(kind="file", data=part.data, mime=_PLAIN_TEXT, name=name)
    yield part


def _media(
    kind: Kind, block: Block, held: object, resolve: Callable[[], IOBase], **told: Any
) -> MediaPart:
    """Return a part by address where there is only that, else by content; nothing is fetched."""
    if held is None and block.path is None:
        if block.url is None:
            raise ValueError("it has neither content nor path nor address")
        return _by_address(kind, str(block.url), **told)
    if isinstance(held, IOBase) and held.seekable():
        held.seek(0)  # a history is sent again with each turn
    return MediaPart(kind=kind, data=resolve().read(), **told)


def _by_address(kind: Kind, address: str, **told: Any) -> MediaPart:
    if not address.startswith("data:"):
        return MediaPart(kind=kind, url=address, **told)
    head, comma, data = address.removeprefix("data:").partition(",")
    if not comma:
        raise ValueError("its data address has no comma")
    told["mime"] = told.get("mime") or head.partition(";")[0] or None
    content = unquote_to_bytes(data)
    if head.endswith(";base64"):
        try:
            content = b64decode(content, validate=True)
        except binascii.Error as error:
            raise ValueError(f"its data address is no base64: {error}") from error
    return MediaPart(kind=kind, data=content, **told)


def _guessed(*names: object) -> str | None:
    """Return the media type that the ending of the first telling name stands for."""
    guesses = (mimetypes.guess_type(str(name))[0] for name in names if name)
    return next((guess for guess in guesses if guess), None)


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _citable(block: Block) -> Iterator[Part]:
    yield TextPart(f"{block.title} ({block.source}):")
    for inner in block.content:
        yield from _read(inner)


def _citation(block: Block) -> Iterator[Part]:
    yield from _read(block.cited_content)


def _apart(_block: Block) -> Iterator[Part]:
    return iter(())


_READERS: Mapping[str, Callable[[Block], Iterator[Part]]] = {
    "text": _text,
    "image": _image,
    "audio": _audio,
    "video": _video,
    "document": _document,
    "cache": _apart,
    "citable": _citable,
    "citation": _citation,
    "thinking": _apart,
    "tool_call": _apart,
}


def thoughts(blocks: Iterable[Block]) -> str | None:
    """Return what a turn thought."""
    said = (b.content for b in blocks if isinstance(b, types.ThinkingBlock) and b.content)
    return "\n".join(said) or None
