"""How many tokens a request takes, estimated without any tokenizer, rounded up.

Text is sorted by kind of character, because that is what decides how many characters
share a token. The weights were set so that the estimate is not below the median of six
public tokenizers (o200k, cl100k, Llama 3 and 4, Mistral's two) on prose, code, JSON,
tables and fifteen languages; on random text such as base64 it is about a third too low.
What a provider reports corrects it per model (`routing.lengths`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import ceil

from freetier.values.chat import Json, MediaPart, Message, Tool

REQUEST = 3
MESSAGE = 4
"""Tokens of the frame of a request and of each of its messages."""

CALL = 8
TOOL = 12
"""Tokens of the frame of a tool call and of a tool's declaration."""

IMAGE = 1105
IMAGE_LOW = 258
"""An image: six tiles of 170 and 85 at OpenAI; one tile at Gemini."""

UNSEEN = {"audio": 1920, "video": 17_400, "file": 2580}
"""Media given by address: a minute of sound or film, ten pages, by Gemini's figures."""

BYTES_PER_TOKEN = {"audio": 250, "video": 400, "file": 200}
"""Media given as bytes: speech at 64 kbit/s, film at 1 Mbit/s, pages of 50 kB."""

WAVE_BYTES_PER_TOKEN = 1000
"""Sound that is not compressed."""


def _classes() -> bytes:
    """Return the table that turns each byte into the letter of its class.

    Bytes above 127 stand for a character by their first byte; the rest of it counts
    nothing (`_`).
    """
    spans = {
        "a": [(0x61, 0x7A)],
        "A": [(0x41, 0x5A)],
        "0": [(0x30, 0x39)],
        ".": [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
        " ": [(0x09, 0x09), (0x20, 0x20)],
        "n": [(0x0A, 0x0A)],
        "c": [(0xCE, 0xCF), (0xD0, 0xD3), (0xD8, 0xDB)],  # Greek, Cyrillic, Arabic
        "l": [(0xC2, 0xCD), (0xD6, 0xD7), (0xE0, 0xE0), (0xE2, 0xEF)],  # Latin, Indic, CJK
        "x": [(0xD4, 0xD5), (0xDC, 0xDF), (0xE1, 0xE1)],  # Armenian, Georgian, Ethiopic
        "e": [(0xF0, 0xF4)],  # emoji
    }
    table = bytearray(b"_" * 256)
    for letter, ranges in spans.items():
        for first, last in ranges:
            table[first : last + 1] = letter.encode() * (last - first + 1)
    return bytes(table)


_CLASSES = _classes()


def text_tokens(text: str) -> int:
    """Return the tokens of a text, never less than a quarter of its UTF-8 bytes."""
    if not text:
        return 0
    data = text.encode("utf-8", "replace")
    count = data.translate(_CLASSES).replace(b"..", b".").count
    tokens = (
        0.29 * count(b"a")
        + 0.55 * count(b"A")
        + count(b"0")
        + count(b".")
        + 0.05 * count(b" ")
        + 0.7 * count(b"n")
    )
    if len(data) != len(text):
        tokens += 0.5 * count(b"c") + 1.1 * count(b"l") + 2.0 * count(b"x") + 3.0 * count(b"e")
    return max(ceil(tokens), (len(data) + 3) // 4)


def media_tokens(part: MediaPart) -> int:
    """Return the tokens of an image, a sound, a film or a file."""
    if part.kind == "image":
        return IMAGE_LOW if part.detail == "low" else IMAGE
    if part.data is None:
        return UNSEEN[part.kind]
    wave = part.mime in {"audio/wav", "audio/x-wav", "audio/wave", "audio/l16", "audio/pcm"}
    size = WAVE_BYTES_PER_TOKEN if wave else BYTES_PER_TOKEN[part.kind]
    return ceil(len(part.data) / size)


def texts(message: Message) -> list[str]:
    """Return every text of a message that goes over the wire whatever the provider."""
    content = message.content
    if isinstance(content, str):
        found = [content]
    else:
        found = [part.text for part in content if not isinstance(part, MediaPart)]
    found += [text for call in message.tool_calls for text in (call.name, call.arguments)]
    if message.name:
        found.append(message.name)
    return found


def tool_texts(tool: Tool) -> list[str]:
    """Return the texts of a tool's declaration."""
    return [tool.name, tool.description, compact(tool.parameters)]


def compact(value: Json) -> str:
    """Return a schema as JSON without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)
