"""Tables as an HTML fragment for notebooks.

Everything is escaped, nothing is fetched and nothing runs. Colours are the page's own, at
part strength, so that light and dark themes both read well; where a page strips styles, as
code hosts do, the numbers still stand beside the bars.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from html import escape

from freetier.display.words import instant, span
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet, When

# JupyterLab sets every table's text to the right, by a rule with two classes; three outdo it.
STYLE = """
.ft{font:13px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:inherit;
max-width:100%;overflow-x:auto;margin:.25em 0 .75em}
.ft p{margin:.15em 0;max-width:76ch}
.ft .ft-t{font-weight:600;font-size:14px;margin-bottom:.3em}
.ft table{border-collapse:collapse;border:0;margin:.35em 0;font-size:13px;color:inherit;
font-variant-numeric:tabular-nums}
.ft tr,.ft tbody tr:nth-child(odd),.ft tbody tr:nth-child(even){background:none}
.ft tbody tr:hover{background:rgba(128,128,128,.12)}
.ft th{font-weight:500;opacity:.65;border:0;border-bottom:1px solid rgba(128,128,128,.45);
background:none}
.ft td{border:0;border-bottom:1px solid rgba(128,128,128,.18)}
.ft th,.ft td{padding:.28em 1em .28em 0;vertical-align:middle;
white-space:nowrap;max-width:none}
.ft.ft.ft th,.ft.ft.ft td{text-align:left}
.ft.ft.ft .ft-r{text-align:right}
.ft .ft-f{white-space:normal;min-width:16em;max-width:46em}
.ft i.ft-b{display:inline-block;width:84px;height:8px;border-radius:4px;overflow:hidden;
background:rgba(128,128,128,.25);margin-right:.6em;vertical-align:middle}
.ft i.ft-b.ft-bad{background:rgba(217,84,79,.28)}
.ft i.ft-b b{display:block;height:100%;border-radius:4px;background:#8b949e}
.ft i.ft-b b.ft-good{background:#2f9e5b}.ft i.ft-b b.ft-warn{background:#d29922}
.ft i.ft-b b.ft-bad{background:#d9544f}
.ft span.ft-good{color:#2f9e5b}.ft span.ft-warn{color:#b98a1c}.ft span.ft-bad{color:#d9544f}
.ft .ft-dim{opacity:.6}.ft .ft-strong{font-weight:600}
""".replace("\n", "")


def html(sheets: Iterable[Sheet], *, zone: tzinfo | None = None) -> str:
    """Return tables as one fragment with its own style.

    Args:
        sheets: One below the other.
        zone: Of instants; `None` is the machine's.
    """
    inner = "".join("".join(_parts(sheet, zone)) for sheet in sheets)
    return f'<div class="ft"><style>{STYLE}</style>{inner}</div>'


def _parts(sheet: Sheet, zone: tzinfo | None) -> Iterable[str]:
    if sheet.title:
        yield f'<p class="ft-t">{escape(sheet.title)}</p>'
    for sentence in sheet.lead:
        yield f"<p>{_cell(sentence, zone)}</p>"
    if sheet.rows:
        yield "<table>"
        if any(head.text for head in sheet.heads):
            yield "<thead><tr>"
            yield from (f"<th{_class(head)}>{escape(head.text)}</th>" for head in sheet.heads)
            yield "</tr></thead>"
        yield "<tbody>"
        for row in sheet.rows:
            yield f"<tr>{''.join(_row(sheet.heads, row, zone))}</tr>"
        yield "</tbody></table>"
    for sentence in sheet.notes:
        yield f'<p class="ft-dim">{_cell(sentence, zone)}</p>'


def _row(heads: Sequence[Head], row: Sequence[Cell], zone: tzinfo | None) -> Iterable[str]:
    for head, cell in zip(heads, row, strict=True):
        yield f"<td{_class(head)}>{_cell(cell, zone)}</td>"


def _class(head: Head) -> str:
    kind = "ft-r" if head.right else "ft-f" if head.fold else ""
    return f' class="{kind}"' if kind else ""


def _cell(cell: Cell, zone: tzinfo | None) -> str:
    match cell:
        case Bar():
            percent = round(100 * min(1.0, max(0.0, cell.share)))
            tone = f' class="ft-{cell.tone}"' if cell.tone else ""
            rail = "ft-b ft-bad" if cell.tone == "bad" else "ft-b"
            bar = f'<i class="{rail}"><b{tone} style="width:{percent}%"></b></i>'
            return f"{bar}{escape(cell.text)}"
        case When():
            at, left = instant(cell.at, cell.now, zone), span(cell.at - cell.now)
            return f'{escape(at)} <span class="ft-dim">in {escape(left)}</span>'
        case Mark():
            return f'<span class="ft-{cell.tone}">{escape(cell.text)}</span>'
    return escape(str(cell))
