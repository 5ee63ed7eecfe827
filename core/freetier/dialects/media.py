"""What media are made of: their type and their bytes, for every language alike."""

from __future__ import annotations

from base64 import b64encode

from freetier.routing.ports import ByAddress
from freetier.values.chat import MediaPart

UNKNOWN = "application/octet-stream"
"""The type of bytes that say nothing of themselves."""

_STARTS = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
)
_BRANDS = {b"avif": "image/avif", b"heic": "image/heic", b"mif1": "image/heif"}
_RIFF_KINDS = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}


def content_of(part: MediaPart) -> tuple[str, str]:
    """Return the media type and the content in base64.

    Raises:
        ByAddress: The part is an address, and not a `data:` one.
    """
    if part.data is not None:
        return mime_of(part), b64encode(part.data).decode()
    head, comma, data = (part.url or "").partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        raise ByAddress(
            f"this dialect takes {part.kind} by content only, not by address (fetch_media)"
        )
    return part.mime or head[len("data:") : -len(";base64")], data


def mime_of(part: MediaPart) -> str:
    """Return the media type that was told, or that the first bytes show."""
    if part.mime:
        return part.mime
    data = part.data or b""
    if data.startswith(b"RIFF"):
        return _RIFF_KINDS.get(data[8:12], UNKNOWN)
    if data[4:8] == b"ftyp":
        film = {"audio": "audio/mp4", "image": "image/heic"}.get(part.kind, "video/mp4")
        return _BRANDS.get(data[8:12], film)
    return next((mime for start, mime in _STARTS if data.startswith(start)), UNKNOWN)


def check_picture(mime: str, taken: frozenset[str]) -> None:
    """Raise if an image is of a kind that nobody who speaks a language takes.

    Args:
        mime: Its type.
        taken: The kinds that are taken, as they stand behind `image/`.

    Raises:
        ValueError: It is of another kind, or does not tell its kind; the text has those taken.
    """
    family, _, kind = mime.partition(";")[0].strip().lower().partition("/")
    if family != "image" or kind.replace("jpg", "jpeg") not in taken:
        said = "that does not tell its type (mime)" if mime == UNKNOWN else f"of the type {mime!r}"
        raise ValueError(f"an image {said} cannot be sent; {', '.join(sorted(taken))} can")
