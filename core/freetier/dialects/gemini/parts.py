"""Texts, images, sounds, films and files as Gemini's parts."""

from __future__ import annotations

import re
from typing import Any

from freetier.dialects.media import UNKNOWN, check_picture, content_of
from freetier.values.chat import MediaPart, Part, TextPart

WirePart = dict[str, Any]

_PICTURES = frozenset({"heic", "heif", "jpeg", "png", "webp"})
"""Kinds of images; from https://ai.google.dev/gemini-api/docs/image-understanding."""

_UPLOADED = re.compile(r"https://generativelanguage\.googleapis\.com/[\w./-]{1,200}")
_FILM = re.compile(r"https://(?:(?:www|m)\.)?(?:youtube\.com/watch\?v=|youtu\.be/)[\w&=-]{1,100}")


def wire_parts(content: str | tuple[Part, ...]) -> list[WirePart]:
    """Return a message's content, without empty texts.

    Raises:
        ValueError: A part cannot be said to this provider.
    """
    if isinstance(content, str):
        return [{"text": content}] if content else []
    return [
        {"text": part.text} if isinstance(part, TextPart) else _media(part)
        for part in content
        if not isinstance(part, TextPart) or part.text
    ]


def _media(part: MediaPart) -> WirePart:
    if part.url is None and part.data is None:
        raise ValueError(f"the {part.kind} has neither an address nor content")
    if part.data is None and _is_known_address(part):
        place = {"fileUri": part.url}
        return {"fileData": {**place, "mimeType": part.mime} if part.mime else place}
    mime, data = content_of(part)
    if mime == UNKNOWN or "/" not in mime:
        raise ValueError(f"the {part.kind} must tell its type (mime)")
    if part.kind == "image":
        check_picture(mime, _PICTURES)
    return {"inlineData": {"mimeType": mime.partition(";")[0].strip(), "data": data}}


def _is_known_address(part: MediaPart) -> bool:
    """Tell whether Google itself fetches it: a file uploaded there, or a public film."""
    url = part.url or ""
    return bool(_UPLOADED.fullmatch(url) or (part.kind == "video" and _FILM.fullmatch(url)))
