"""Texts as vectors: each text is embedded once, whichever framework asks first."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence

Vector = list[float]
Embed = Callable[[Sequence[str]], list[Vector]]

PLACES = 384
SHORTEST_WORD = 4


class Vectors:
    """Remembers the vectors of texts.

    Args:
        embed: Makes the vectors of texts that are new.
    """

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._known: dict[str, Vector] = {}

    def of(self, texts: Sequence[str]) -> list[Vector]:
        """Return one vector for each text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= dict(zip(new, self._embed(new), strict=True))
        return [self._known[text] for text in texts]


def word_vectors(texts: Sequence[str]) -> list[Vector]:
    """Return vectors of length 1 that count the longer words; no model is needed for them."""
    return [_counted(text) for text in texts]


def _counted(text: str) -> Vector:
    vector = [0.0] * PLACES
    for word in text.lower().replace("?", " ").replace(".", " ").replace(",", " ").split():
        if len(word) >= SHORTEST_WORD:
            vector[zlib.crc32(word.encode()) % PLACES] += 1.0
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]
