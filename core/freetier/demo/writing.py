"""Text that is wrapped while it comes."""

from __future__ import annotations

from collections.abc import Callable


class Wrapped:
    """Writes pieces of a text as lines of whole words, with an indent before each line.

    Blanks and line breaks within the text become single blanks. What cannot be printed is left
    out: a model's words must not steer the terminal.

    Args:
        write: Takes what is to be written.
        width: Letters in a line, the indent included.
        indent: Blanks before each line.
    """

    def __init__(self, write: Callable[[str], None], width: int, indent: int = 0) -> None:
        self._write = write
        self._width = width
        self._indent = indent
        self._column = 0
        self._word = ""

    def feed(self, piece: str) -> None:
        """Take the next piece; a word is written once its end is known."""
        self._word += piece
        while len(parts := self._word.split(maxsplit=1)) > 1 or self._word[-1:].isspace():
            if parts:
                self._put(parts[0])
            self._word = parts[1] if len(parts) > 1 else ""

    def end(self) -> None:
        """Write the last word and end the line; nothing is written if there was no word."""
        if self._word:
            self._put(self._word)
        if self._column:
            self._write("\n")
        self._column, self._word = 0, ""

    def _put(self, word: str) -> None:
        word = "".join(filter(str.isprintable, word))
        if self._column and self._column + 1 + len(word) > self._width:
            self._write("\n")
            self._column = 0
        before = " " if self._column else " " * self._indent
        self._write(before + word)
        self._column += len(before) + len(word)
