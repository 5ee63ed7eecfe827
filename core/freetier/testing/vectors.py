"""Vectors that depend on the text only: texts that share words lie near each other."""

from __future__ import annotations

import base64
import math
import re
import struct
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

Text = str | Sequence[int]
WORD = re.compile(r"\w+")


def vector(text: Text, dimensions: int) -> list[float]:
    """Return the vector of a text (or of token ids), of length 1."""
    words = WORD.findall(text.lower()) if isinstance(text, str) else [str(t) for t in text]
    sums = [0.0] * dimensions
    for word in words or [repr(text)]:
        number = _hash(word)
        sums[number % dimensions] += 1.0 if number & (1 << 40) else -1.0
    norm = math.sqrt(sum(x * x for x in sums))
    if norm == 0.0:  # words have cancelled each other
        sums[_hash(repr(text)) % dimensions] = norm = 1.0
    return [x / norm for x in sums]


@lru_cache(maxsize=65_536)
def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "replace"), digest_size=8).digest())


def packed(values: Sequence[float]) -> str:
    """Return a vector as base64 of little-endian floats, as `encoding_format` asks for."""
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode("ascii")
