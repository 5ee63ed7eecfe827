"""What is shown to people, before it is known where: tables of plain cells.

A value that prints well says `sheets()`; `freetier.display` writes them as text for a
terminal or a log, as HTML for a notebook, or through `rich`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Tone = Literal["", "good", "warn", "bad", "dim", "strong"]
"""What a cell means, whatever colour that has where it is shown."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A text with a meaning."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A share as a bar, with its words beside it.

    Attributes:
        share: How much of the bar is full, 0 to 1.
        text: The same in words; a bar alone says too little.
        tone: What it means.
    """

    share: float
    text: str
    tone: Tone = "good"


@dataclass(frozen=True, slots=True)
class When:
    """An instant, shown in the reader's own zone, with how far it is from now.

    Attributes:
        at: Seconds since 1970 UTC.
        now: The same of the moment it was made, so that both need no clock.
    """

    at: float
    now: float


Cell: TypeAlias = "str | int | Mark | Bar | When"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column.

    Attributes:
        text: What it says.
        right: Whether its cells are numbers, which stand to the right.
        fold: Whether its cells are prose, which may be broken into lines.
        spare: Whether it is left out where there is no room for it.
        cut: Whether its cells may be cut where there is no room for them.
    """

    text: str
    right: bool = False
    fold: bool = False
    spare: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with words above and below it.

    Attributes:
        title: What it is; the one strong line.
        lead: Sentences above the table.
        heads: Of the columns; none where there are only sentences.
        rows: Cells, as many as there are heads.
        notes: Sentences below the table.
    """

    title: str = ""
    lead: tuple[str | Mark, ...] = ()
    heads: tuple[Head, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    notes: tuple[str | Mark, ...] = ()


class Shown:
    """A value that prints well: a table in a terminal and in a notebook.

    A class that takes part says `sheets()`; its `repr` stays what it is for programs.
    """

    __slots__ = ()

    def __init_subclass__(cls, **more: object) -> None:
        """Keep IPython from taking a class's own `repr` for how it wants to be shown."""
        super().__init_subclass__(**more)
        cls._repr_pretty_ = Shown._repr_pretty_  # type: ignore[method-assign]

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the tables that show this value."""
        raise NotImplementedError

    def __str__(self) -> str:
        from freetier.display import text  # noqa: PLC0415 - only those who look load it

        return text(self.sheets())

    def _repr_html_(self) -> str:
        from freetier.display import html  # noqa: PLC0415

        return html(self.sheets())

    def _repr_pretty_(self, printer: object, cycle: bool) -> None:  # noqa: FBT001 - IPython's call
        from freetier.display import text  # noqa: PLC0415

        printer.text("..." if cycle else text(self.sheets()))  # type: ignore[attr-defined]
