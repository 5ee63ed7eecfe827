"""The WordPiece tokenizer of BERT, lower case, in plain Python.

The library that usually does this brings a network stack along; the texts here are short. The
rules are those of `BertTokenizer` (Devlin and others, 2018), and so is the vocabulary.
"""

from __future__ import annotations

import gzip
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LONGEST_WORD = 100
"""Characters; a longer word is unknown, as in BERT's own tokenizer."""

IDEOGRAPHS = (
    range(0x3400, 0x4DC0),
    range(0x4E00, 0xA000),
    range(0xF900, 0xFB00),
    range(0x20000, 0x2A6E0),
    range(0x2A700, 0x2B740),
    range(0x2B740, 0x2B820),
    range(0x2B820, 0x2CEB0),
    range(0x2F800, 0x2FA20),
)
"""Characters that are words by themselves."""


class WordPiece:
    """Turns a text into the ids of its pieces.

    Args:
        vocabulary: The pieces in the order of their ids, with [UNK], [CLS] and [SEP] among them.
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._ids: Mapping[str, int] = {piece: at for at, piece in enumerate(vocabulary)}
        self._unknown, self._start, self._end = (self._ids[t] for t in ("[UNK]", "[CLS]", "[SEP]"))

    def encode(self, text: str, limit: int = 256) -> list[int]:
        """Return the ids of [CLS], the text's pieces and [SEP], at most `limit` of them."""
        ids = [self._start]
        for word in words(text):
            if len(ids) >= limit - 1:
                break
            ids += self._pieces(word)
        return [*ids[: limit - 1], self._end]

    def _pieces(self, word: str) -> list[int]:
        ids: list[int] = []
        start = 0
        while start < len(word):
            end = self._longest(word, start)
            if end == start or len(word) > LONGEST_WORD:
                return [self._unknown]
            ids.append(self._ids[_piece(word, start, end)])
            start = end
        return ids

    def _longest(self, word: str, start: int) -> int:
        """Return where the longest known piece from `start` ends; `start` if there is none."""
        ends = range(len(word), start, -1)
        return next((end for end in ends if _piece(word, start, end) in self._ids), start)


@cache
def english() -> WordPiece:
    """Return the tokenizer with the shipped vocabulary, that of bert-base-uncased."""
    packed = files("freetier.local").joinpath("data", "vocabulary.txt.gz").read_bytes()
    return WordPiece(gzip.decompress(packed).decode("utf-8").splitlines())


def words(text: str) -> Iterator[str]:
    """Split a text into lower-case words without accents, and single marks and ideographs."""
    word: list[str] = []
    # Letter by letter: `str.lower` of a whole word would pick the Greek sigma by its place.
    for character in map(str.lower, unicodedata.normalize("NFD", text)):
        kind = unicodedata.category(character)
        if _is_dropped(character, kind):
            continue
        stands_alone = _stands_alone(character, kind)
        if not (stands_alone or _is_blank(character, kind)):
            word.append(character)
            continue
        if word:
            yield "".join(word)
            word = []
        if stands_alone:
            yield character
    if word:
        yield "".join(word)


def _piece(word: str, start: int, end: int) -> str:
    return f"##{word[start:end]}" if start else word[:end]


def _is_blank(character: str, kind: str) -> bool:
    return character in "\t\n\r" or kind[0] == "Z"


def _is_dropped(character: str, kind: str) -> bool:
    is_control = kind in {"Cc", "Cf", "Co", "Cs"} and character not in "\t\n\r"
    return is_control or kind == "Mn" or character == "\ufffd"


def _stands_alone(character: str, kind: str) -> bool:
    is_ascii_mark = character.isascii() and character.isprintable() and not character.isalnum()
    return (
        (is_ascii_mark and character != " ")
        or kind.startswith("P")
        or any(ord(character) in block for block in IDEOGRAPHS)
    )
