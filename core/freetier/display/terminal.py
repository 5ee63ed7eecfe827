"""Tables as `rich` renderables: the same cells, with colour and in the terminal's width."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from freetier.display.text import ASCII_BLOCKS, BLOCKS, drawn, plain
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet, Tone, When

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
        named = any(head.text for head in sheet.heads)
        table = Table(
            box=None, show_header=named, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0)
        )
        for head in sheet.heads:
            _column(table, head)
        for row in sheet.rows:
            table.add_row(*(_styled(cell, zone, blocks) for cell in row))
        yield table
    for sentence in sheet.notes:
        said = _styled(sentence, zone, blocks)
        said.stylize("dim")
        yield said


def _column(table: Table, head: Head) -> None:
    """Prose is folded; everything else is cut only if the terminal is too narrow for it."""
    table.add_column(
        head.text,
        justify="right" if head.right else "left",
        no_wrap=not head.fold,
        overflow="fold" if head.fold else "ellipsis",
    )


def _styled(cell: Cell, zone: tzinfo | None, blocks: str) -> Text:
    match cell:
        case Bar():
            bar = drawn(cell.share, blocks)
            full = bar.count(blocks[0])
            return Text.assemble(
                (bar[:full], STYLES[cell.tone]), (bar[full:], "dim"), f" {plain(cell.text)}"
            )
        case When():
            at, _, left = plain(cell, zone).partition(" (")
            return Text.assemble(at, (f" ({left}", "dim"))
        case Mark():
            return Text(plain(cell), STYLES[cell.tone])
    return Text(plain(cell))
