"""Messages in the OpenAI shape, turned into values."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from freetier.errors import ConfigError, kind_of
from freetier.values.chat import MediaPart, Message, Part, Role, TextPart, ToolCall
from freetier.values.quick import maker

_message = maker(Message)

ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "tool": "tool",
    "function": "tool",
}


def message(one: Any, where: str) -> Message:
    """Turn one message into a value.

    Args:
        one: A message, a text (said by the user), or a dict with `role` and `content`.
        where: Its place, for errors.

    Raises:
        ConfigError: It cannot be read.
    """
    if isinstance(one, Message):
        return one
    if isinstance(one, str):
        return _message(role="user", content=one)
    if not isinstance(one, dict | Mapping) and callable(getattr(one, "model_dump", None)):
        one = one.model_dump()  # an object of OpenAI's client
    if not isinstance(one, dict | Mapping):
        raise ConfigError(f"{kind_of(one)} is no message; give a dict", where=where)
    role = ROLES.get(str(one.get("role")))
    if role is None:
        raise ConfigError(
            f"unknown role {one.get('role')!r}; there are system, user, assistant, tool",
            where=where,
            path="role",
        )
    calls, name = one.get("tool_calls") or (), one.get("name")
    _must_be(calls, list | tuple, "a list", where, "tool_calls")
    _must_be(name, str | None, "a text", where, "name")
    if "content" not in one and role != "assistant":
        raise ConfigError("is missing; give a text or a list of parts", where=where, path="content")
    return _message(
        role=role,
        content=content(one.get("content"), where),
        name=name,
        tool_calls=tuple(_call(call, f"{where}.tool_calls[{n}]") for n, call in enumerate(calls)),
        tool_call_id=one.get("tool_call_id"),
        reasoning=one.get("reasoning_content"),
        refusal=one.get("refusal"),
    )


def _must_be(value: object, kind: Any, word: str, where: str, path: str) -> None:
    if not isinstance(value, kind):
        raise ConfigError(f"give {word}, not {kind_of(value)}", where=where, path=path)


def content(said: Any, where: str) -> str | tuple[Part, ...]:
    """Turn a message's content into text or parts."""
    if said is None:
        return ""
    if isinstance(said, str):
        return said
    if not isinstance(said, list | tuple):
        raise ConfigError("content is a text or a list of parts", where=where, path="content")
    return tuple(_part(one, f"{where}.content[{n}]") for n, one in enumerate(said))


def _part(one: Any, where: str) -> Part:
    if isinstance(one, str):
        return TextPart(one)
    if isinstance(one, TextPart | MediaPart):
        return one
    kind = one.get("type") if isinstance(one, Mapping) else None
    reader = _PARTS.get(str(kind))
    if reader is None:
        raise ConfigError(
            f"unknown part {kind!r}; there are {', '.join(_PARTS)}", where=where, path="type"
        )
    try:
        return reader(one)
    except binascii.Error:
        raise ConfigError(f"the content of this {kind} part is no base64", where=where) from None
    except ValueError as error:
        raise ConfigError(f"this {kind} part cannot be sent: {error}", where=where) from None
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"this {kind} part cannot be read: {error!r}", where=where) from None


def _text(one: Mapping[str, Any]) -> Part:
    return TextPart(str(one["text"]))


def _image(one: Mapping[str, Any]) -> Part:
    image = one["image_url"]
    url, detail = (image, None) if isinstance(image, str) else (image["url"], image.get("detail"))
    return _by_address("image", url, detail=detail)


def _audio(one: Mapping[str, Any]) -> Part:
    audio = one["input_audio"]
    return MediaPart(
        kind="audio", data=_bytes(audio["data"]), mime=f"audio/{audio.get('format', 'wav')}"
    )


def _video(one: Mapping[str, Any]) -> Part:
    video = one["video_url"]
    return _by_address("video", video if isinstance(video, str) else video["url"])


def _file(one: Mapping[str, Any]) -> Part:
    file = one["file"]
    data, name = file["file_data"], file.get("filename")
    if ":" in data:  # no letter of base64
        return _by_address("file", data, name=name)
    return MediaPart(kind="file", data=_bytes(data), name=name)


def _by_address(kind: Any, url: str, **more: Any) -> Part:
    if not url.startswith("data:"):
        if "://" not in url or url.startswith("file:"):
            raise ValueError("give an address such as https://host/name, or data:...;base64,...")
        return MediaPart(kind=kind, url=url, **more)
    head, _, said = url.removeprefix("data:").partition(",")
    mime, *how = head.split(";")
    data = _bytes(unquote(said)) if "base64" in how else unquote_to_bytes(said)
    if not data:
        raise ValueError("it is empty")
    return MediaPart(kind=kind, data=data, mime=mime or None, **more)


def _bytes(text: str) -> bytes:
    """Decode base64, broken into lines or not; raise if it is none."""
    packed = "".join(text.split())
    return b64decode(packed + "=" * (-len(packed) % 4), validate=True)


def _call(one: Any, where: str) -> ToolCall:
    if isinstance(one, ToolCall):
        return one
    inner = one.get("function") if isinstance(one, Mapping) else None
    if not isinstance(inner, Mapping) or not inner.get("name"):
        raise ConfigError("a tool call needs function.name", where=where)
    arguments = inner.get("arguments") or "{}"
    if isinstance(arguments, Mapping):  # as some clients keep them
        arguments = json.dumps(arguments)
    _must_be(arguments, str, "JSON text", where, "arguments")
    return ToolCall(id=str(one.get("id") or ""), name=inner["name"], arguments=arguments)


_PARTS: dict[str, Callable[[Mapping[str, Any]], Part]] = {
    "text": _text,
    "image_url": _image,
    "input_audio": _audio,
    "video_url": _video,
    "file": _file,
}
