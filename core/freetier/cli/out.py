"""What a command writes: tables and lines for people, or one JSON document for programs.

In a terminal `rich` draws, with the colours that `NO_COLOR`, `FORCE_COLOR` and `TERM` allow.
Into a pipe or a file go the same words as plain text, never folded and never coloured.
Remarks go to the standard error, so that they never mix with what is asked for.
"""

from __future__ import annotations

import json as jsons
import sys
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from freetier.cli.statuses import Status
from freetier.display.text import text
from freetier.values.sheets import Sheet, Shown, Tone

if TYPE_CHECKING:
    from rich.console import Console

SHADED = "█"
"""What an encoding must have, or bars are drawn with ASCII."""


class Out:
    """The way out of one command.

    Attributes:
        json: Whether programs read it: then only `show` writes, and only JSON.
        status: What the command leaves with; a command that did not do all it was asked to
            sets `Status.FAILED`.
    """

    def __init__(self, *, json: bool = False) -> None:
        self.json = json
        self.status = Status.OK

    @cached_property
    def console(self) -> Console:
        """The terminal, as `rich` sees it; for commands that draw themselves."""
        from rich.console import Console

        return Console(highlight=False, markup=False, emoji=False)

    @property
    def drawn(self) -> bool:
        """Whether a terminal is at the other end."""
        return self.console.is_terminal and not self.json

    @cached_property
    def ascii_only(self) -> bool:
        """Whether the other end has no block characters."""
        try:
            SHADED.encode(sys.stdout.encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            return True
        return False

    def show(
        self, what: Shown | Iterable[Sheet], data: object = None, *, lines: bool = False
    ) -> None:
        """Write what was asked for.

        Args:
            what: A value that prints well, or its tables.
            data: What programs get; by default the value itself.
            lines: Whether a document is one line, because more of them follow.
        """
        if self.json:
            self._document(what if data is None else data, indent=None if lines else 2)
            return
        sheets = what.sheets() if isinstance(what, Shown) else tuple(what)
        if self.drawn:
            from freetier.display.terminal import renderable

            self.console.print(renderable(sheets, ascii_only=self.ascii_only))
        else:
            self._write(f"{text(sheets, ascii_only=self.ascii_only)}\n")

    def _document(self, data: object, indent: int | None = 2) -> None:
        """Write values as JSON: by the names of the code; what JSON lacks is text or null."""
        from pydantic_core import to_jsonable_python

        plain = to_jsonable_python(data, fallback=str, inf_nan_mode="null")
        self._write(jsons.dumps(plain, indent=indent, ensure_ascii=False) + "\n")

    def line(self, words: str, tone: Tone = "") -> None:
        """Write one line for people; programs do not see it."""
        if self.json:
            return
        if self.drawn:
            from rich.text import Text

            from freetier.display.terminal import STYLES

            self.console.print(Text(words, STYLES[tone]), soft_wrap=True)
        else:
            self._write(f"{words}\n")

    def say(self, piece: str) -> None:
        """Write a piece of an answer as it comes."""
        self._write(piece)
        sys.stdout.flush()

    def remark(self, words: str, tone: Tone = "dim") -> None:
        """Write one line beside what was asked for, to the standard error."""
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.text import Text

            from freetier.display.terminal import STYLES

            Console(stderr=True, highlight=False).print(Text(words, STYLES[tone]), soft_wrap=True)
        else:
            sys.stderr.write(f"{words}\n")

    def fail(self, error: Exception, message: str) -> None:
        """Write why it did not happen: a sentence for people, and for programs a document."""
        if self.json:
            more = {name: value for name, value in vars(error).items() if name != "args"}
            self._document({"error": {"type": type(error).__name__, "message": message, **more}})
        self.remark(message, "bad")

    def _write(self, words: str) -> None:
        sys.stdout.write(words)
