"""Texts, images, sounds and files in the words of the OpenAI language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from freetier.dialects.media import check_picture, content_of, mime_of
from freetier.values.chat import MediaPart, Part, TextPart
from freetier.values.quirks import Quirks

WirePart = dict[str, Any]

_SOUNDS = {
    "mpeg": "mp3", "mp3": "mp3", "mpga": "mp3", "x-mp3": "mp3", "x-mpeg": "mp3",
    "wav": "wav", "x-wav": "wav", "wave": "wav", "vnd.wave": "wav", "x-pn-wav": "wav",
    "flac": "flac", "x-flac": "flac", "ogg": "ogg", "aac": "aac", "mp4": "m4a", "x-m4a": "m4a",
    "m4a": "m4a", "opus": "opus", "webm": "webm", "aiff": "aiff", "x-aiff": "aiff",
}  # fmt: skip


def text_of(content: str | tuple[Part, ...]) -> str:
    """Return the words of a message; media have none."""
    if isinstance(content, str):
        return content
    return "\n".join(part.text for part in content if isinstance(part, TextPart))


def media_of(content: str | tuple[Part, ...]) -> tuple[MediaPart, ...]:
    """Return what of a message is not text."""
    return tuple(part for part in content if isinstance(part, MediaPart))


def wire_content(content: str | tuple[Part, ...], quirks: Quirks) -> str | list[WirePart]:
    """Return a message's content; a plain text wherever there is nothing but text.

    Raises:
        ValueError: A part cannot be said to this provider.
    """
    if isinstance(content, str):
        return content
    if all(isinstance(part, TextPart) for part in content):
        return text_of(content)
    return wire_parts(content, quirks)


def wire_parts(content: Iterable[Part], quirks: Quirks) -> list[WirePart]:
    """Return parts as an array.

    Raises:
        ValueError: A part cannot be said to this provider.
    """
    return [
        {"type": "text", "text": part.text} if isinstance(part, TextPart) else _media(part, quirks)
        for part in content
        if not isinstance(part, TextPart) or part.text
    ]


_PICTURES = frozenset({"bmp", "gif", "jpeg", "png", "webp"})
"""Kinds of images; the vendors name all but `bmp`, which servers of one's own take as well."""


def _media(part: MediaPart, quirks: Quirks) -> WirePart:
    if part.url is None and part.data is None:
        raise ValueError(f"the {part.kind} has neither an address nor content")
    if part.kind == "image":
        return _image(part, quirks)
    if part.kind == "audio":
        return _sound(part)
    if part.kind == "video":
        return {"type": "video_url", "video_url": {"url": _address(part)}}
    return _file(part)


def _image(part: MediaPart, quirks: Quirks) -> WirePart:
    if not quirks.image_urls and part.data is not None:
        part = replace(part, url=None)
    url = _address(part)
    if url.startswith("data:"):
        check_picture(url[len("data:") :].partition(",")[0].partition(";")[0], _PICTURES)
    if not quirks.image_urls and not url.startswith("data:"):
        raise ValueError("this provider takes images by content only, not by address")
    image = {"url": url, "detail": part.detail} if part.detail else {"url": url}
    return {"type": "image_url", "image_url": image}


def _sound(part: MediaPart) -> WirePart:
    mime, data = content_of(part)
    subtype = mime.partition("/")[2].partition(";")[0].strip().lower()
    if subtype not in _SOUNDS:
        raise ValueError(f"sound of the type {mime!r} cannot be sent; wav and mp3 can")
    return {"type": "input_audio", "input_audio": {"data": data, "format": _SOUNDS[subtype]}}


def _file(part: MediaPart) -> WirePart:
    if part.data is not None and mime_of(part).startswith("text/"):
        return {"type": "text", "text": part.data.decode("utf-8", "replace")}
    mime, data = content_of(part)
    name = part.name or ("file.pdf" if mime == "application/pdf" else "file")
    return {"type": "file", "file": {"filename": name, "file_data": f"data:{mime};base64,{data}"}}


def _address(part: MediaPart) -> str:
    """Return where a part lies, or the part itself as an address."""
    if part.url is not None:
        return part.url
    mime, data = content_of(part)
    return f"data:{mime};base64,{data}"
