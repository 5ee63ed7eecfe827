"""The many shapes of an error, reduced to codes, types and a message.

Shapes seen: `{"error": {...}}` with text or number codes, Google's with details, the same
in an array, flat, `{"detail": ...}` as text, list or object, RFC 7807, `{"errors": [...]}`,
`{"error": "text"}` with or without a code beside it, a bare JSON text, plain text, HTML.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from freetier.dialects import jsontext
from freetier.dialects.jsontext import as_dict, as_list, as_text

RAW_MAX = 65_536
"""Characters of a body that rules are compared with."""

_GENERIC = "provider returned error"
"""What OpenRouter says when the upstream's own words are in the metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBody:
    """What an error says, whatever its shape.

    Attributes:
        message: The words.
        codes: All codes, most telling first, as lower-case texts.
        types: All types, likewise.
        status: The HTTP status told in the body, if one was.
        parameter: What a field named `param` says.
        raw: The body and the message in lower case, for comparing.
        error: The object that told most, for fields of one provider.
    """

    message: str = ""
    codes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    status: int | None = None
    parameter: str | None = None
    raw: str = ""
    error: dict[str, Any] = field(default_factory=dict, repr=False)


def from_bytes(body: bytes) -> ErrorBody:
    """Read the body of an error."""
    text = body[:RAW_MAX].decode("utf-8", "replace").strip()
    try:
        value = jsontext.read(body)
    except jsontext.Unreadable:
        value = text
    return _reduced(value, text)


def from_value(value: object) -> ErrorBody:
    """Read an error that stood within an answer."""
    text = value if isinstance(value, str) else jsontext.write(value).decode()
    return _reduced(value, text[:RAW_MAX])


def is_error(value: object) -> bool:
    """Tell whether the JSON of an answer is an error and no answer."""
    value = _unwrapped(value)
    if isinstance(value, str):
        return bool(value)
    if not isinstance(value, dict):
        return False
    if value.get("error") or value.get("object") == "error" or value.get("type") == "error":
        return True
    if "choices" in value or "usage" in value:
        return False
    if any(value.get(name) for name in ("errors", "detail", "message")):
        return True
    return _status(value, {}) is not None  # RFC 7807 with a title alone


def _unwrapped(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _reduced(value: object, text: str) -> ErrorBody:
    value = _unwrapped(value)
    if not isinstance(value, dict):
        message = value if isinstance(value, str) else text
        return ErrorBody(message=message, raw=f"{text}\n{message}".lower())
    error = as_dict(_unwrapped(value.get("error"))) or _first_of_errors(value)
    message = _message(value, error)
    return ErrorBody(
        message=message,
        codes=_lower(_codes(value, error)),
        types=_lower((error.get("type"), value.get("type"))),
        status=_status(value, error),
        parameter=as_text(error.get("param") or value.get("param")) or None,
        raw=f"{text}\n{message}".lower(),
        error=error or value,
    )


def _first_of_errors(value: dict[str, Any]) -> dict[str, Any]:
    return next((as_dict(error) for error in as_list(value.get("errors"))), {})


def _codes(value: dict[str, Any], error: dict[str, Any]) -> list[object]:
    """Return what may be a code, the provider's own before repeated HTTP statuses."""
    reasons = [as_dict(detail).get("reason") for detail in as_list(error.get("details"))]
    return [
        as_dict(error.get("metadata")).get("error_type"),
        as_dict(error.get("availability")).get("code"),
        *reasons,
        error.get("code"),
        value.get("code"),
        error.get("status"),
        *(as_dict(other).get("code") for other in as_list(value.get("errors"))),
        value.get("title"),
    ]


def _lower(values: object) -> tuple[str, ...]:
    texts = [as_text(value).lower() for value in values] if isinstance(values, list | tuple) else []
    return tuple(dict.fromkeys(text for text in texts if text))


def _status(value: dict[str, Any], error: dict[str, Any]) -> int | None:
    for told in (
        error.get("status_code"),
        value.get("status_code"),
        value.get("raw_status_code"),
        error.get("code"),
        value.get("status"),
        value.get("code"),
    ):
        text = as_text(told)
        if len(text) == len("404") and text.isdecimal() and "400" <= text <= "599":
            return int(text)
    return None


def _message(value: dict[str, Any], error: dict[str, Any]) -> str:
    words = (
        _words(error.get("message"))
        or _words(value.get("detail"))
        or _words(value.get("error"))
        or _words(value.get("message"))
        or _words(value.get("error_description"))
        or as_text(value.get("title"))
    )
    raw = as_text(as_dict(error.get("metadata")).get("raw"))
    return raw if raw and words.lower() in ("", _GENERIC) else words


def _words(value: object) -> str:
    """Return the text of a message that may be a text, a list of complaints or an object."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, map(_words, value[:8])))
    if not isinstance(value, dict):
        return ""
    inner = value.get("msg") or value.get("message") or value.get("detail")
    place = ".".join(as_text(part) for part in as_list(value.get("loc")))
    words = _words(inner)
    return f"{place}: {words}" if place and words else words
