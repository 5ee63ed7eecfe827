"""Tables as plain text, aligned by spaces; bars of block characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from unicodedata import combining, east_asian_width

from freetier.display.words import instant, span
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet, When

BLOCKS, ASCII_BLOCKS = "█░", "#-"
BAR = 10
"""Characters of a bar."""

GAP = "  "


def text(sheets: Iterable[Sheet], *, zone: tzinfo | None = None, ascii_only: bool = False) -> str:
    """Return tables as text, without colour and without an end of line at the end.

    Args:
        sheets: One after the other, with an empty line between them.
        zone: Of instants; `None` is the machine's.
        ascii_only: For places that have no block characters.
    """
    return "\n\n".join("\n".join(_lines(sheet, zone, ascii_only)) for sheet in sheets)


def plain(cell: Cell, zone: tzinfo | None = None, blocks: str = BLOCKS) -> str:
    """Return a cell as text."""
    match cell:
        case Bar():
            return f"{drawn(cell.share, blocks)} {_one_line(cell.text)}"
        case When():
            return f"{instant(cell.at, cell.now, zone)} (in {span(cell.at - cell.now)})"
        case Mark():
            return _one_line(cell.text)
    return _one_line(str(cell))


def drawn(share: float, blocks: str = BLOCKS) -> str:
    """Return a bar: full and empty blocks; something is never shown as nothing."""
    share = min(1.0, max(0.0, share))
    full = round(share * BAR)
    if 0 < share < 1:
        full = min(BAR - 1, max(1, full))
    return blocks[0] * full + blocks[1] * (BAR - full)


def width(words: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in words
    )


def _one_line(words: str) -> str:
    """Return a text that cannot break the table it stands in, nor steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in words)


def _lines(sheet: Sheet, zone: tzinfo | None, ascii_only: bool) -> Iterable[str]:  # noqa: FBT001
    blocks = ASCII_BLOCKS if ascii_only else BLOCKS
    if sheet.title:
        yield _one_line(sheet.title)
    for sentence in sheet.lead:
        yield plain(sentence)
    if sheet.rows:
        rows = [[plain(cell, zone, blocks) for cell in row] for row in sheet.rows]
        yield from _table(sheet.heads, rows)
    for sentence in sheet.notes:
        yield plain(sentence)


def _table(heads: Sequence[Head], rows: list[list[str]]) -> Iterable[str]:
    named = any(head.text for head in heads)
    every = [[head.text for head in heads], *rows] if named else rows
    widths = [max(width(row[at]) for row in every) for at in range(len(heads))]
    for row in every:
        cells = (_put(cell, w, head) for cell, w, head in zip(row, widths, heads, strict=True))
        yield GAP.join(cells).rstrip()


def _put(cell: str, wide: int, head: Head) -> str:
    room = " " * (wide - width(cell))
    return room + cell if head.right else cell + room
