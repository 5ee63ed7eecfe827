"""Tables as `rich` renderables: the same cells, with colour and in the terminal's width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from freetier.display.text import ASCII_BLOCKS, BLOCKS, drawn, plain
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet, Tone, When

GAP = 2
LEAST = 9
"""Columns of a terminal to which a cell may be cut."""

FAR = " (in "
"""Between an instant and how far it is; where there is no room the instant stands alone."""

STYLES: dict[Tone, str] = {
    "": "",
    "good": "green",
    "warn": "yellow",
    "bad": "red",
    "dim": "dim",
    "strong": "bold",
}


def renderable(
    sheets: Iterable[Sheet], *, zone: tzinfo | None = None, ascii_only: bool = False
) -> Group:
    """Return tables for a `rich` console.

    Args:
        sheets: One after the other, with an empty line between them.
        zone: Of instants; `None` is the machine's.
        ascii_only: For terminals that have no block characters.
    """
    blocks = ASCII_BLOCKS if ascii_only else BLOCKS
    parts: list[RenderableType] = []
    for sheet in sheets:
        if parts:
            parts.append(Text())
        parts.extend(_parts(sheet, zone, blocks))
    return Group(*parts)


def _parts(sheet: Sheet, zone: tzinfo | None, blocks: str) -> Iterable[RenderableType]:
    if sheet.title:
        yield Text(plain(sheet.title), "bold")
    yield from (_styled(sentence, zone, blocks) for sentence in sheet.lead)
    if sheet.rows:
        rows = [[_styled(cell, zone, blocks) for cell in row] for row in sheet.rows]
        yield _Fitted(sheet.heads, rows)
    for sentence in sheet.notes:
        said = _styled(sentence, zone, blocks)
        said.stylize("dim")
        yield said


class _Fitted:
    """A table that leaves out and cuts what has no room, so that its numbers stay whole."""

    def __init__(self, heads: Sequence[Head], rows: list[list[Text]]) -> None:
        self._heads = heads
        self._rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = [
            max(cell_len(head.text), *(row[at].cell_len for row in self._rows))
            for at, head in enumerate(self._heads)
        ]
        kept = list(range(len(wide)))
        for at in reversed(range(len(wide))):
            if self._heads[at].spare and _total(wide, kept) > options.max_width:
                kept.remove(at)
        if _total(wide, kept) > options.max_width:
            self._shorten(wide)
        cuttable = [at for at in kept if self._heads[at].cut and wide[at] > LEAST]
        while cuttable and _total(wide, kept) > options.max_width:
            widest = max(cuttable, key=lambda at: wide[at])
            wide[widest] -= 1
            cuttable = [at for at in cuttable if wide[at] > LEAST]
        yield self._table(kept, wide)

    def _shorten(self, wide: list[int]) -> None:
        """Leave out how far each instant is, so that it is never cut in the middle."""
        for at, head in enumerate(self._heads):
            cells = [row[at] for row in self._rows]
            if any(FAR in cell.plain for cell in cells) and not head.fold:
                for cell in cells:
                    cell.right_crop(len(cell) - len(cell.plain.partition(FAR)[0]))
                wide[at] = max(cell_len(head.text), *(cell.cell_len for cell in cells))

    def _table(self, kept: list[int], wide: list[int]) -> Table:
        named = any(head.text for head in self._heads)
        table = Table(
            box=None, show_header=named, header_style="dim", pad_edge=False, padding=(0, GAP, 0, 0)
        )
        for at in kept:
            head = self._heads[at]
            table.add_column(
                head.text,
                justify="right" if head.right else "left",
                no_wrap=not head.fold,
                overflow="fold" if head.fold else "ellipsis",
                max_width=wide[at] if head.cut else None,
            )
        for row in self._rows:
            table.add_row(*(row[at] for at in kept))
        return table


def _total(wide: Sequence[int], kept: Sequence[int]) -> int:
    return sum(wide[at] for at in kept) + GAP * (len(kept) - 1)


def _styled(cell: Cell, zone: tzinfo | None, blocks: str) -> Text:
    match cell:
        case Bar():
            bar = drawn(cell.share, blocks)
            full = bar.count(blocks[0])
            return Text.assemble(
                (bar[:full], STYLES[cell.tone]), (bar[full:], "dim"), f" {plain(cell.text)}"
            )
        case When():
            at, far, left = plain(cell, zone).partition(FAR)
            return Text.assemble(at, (f"{far}{left}", "dim"))
        case Mark():
            return Text(plain(cell), STYLES[cell.tone])
    return Text(plain(cell))
