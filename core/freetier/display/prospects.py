"""How it looks what each name can use here and now."""

from __future__ import annotations

from itertools import groupby

from freetier.display.quota import tone
from freetier.display.words import span
from freetier.values.checkup import Prospect, Prospects
from freetier.values.models import abilities
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet

HEADS = (
    Head("account"),
    Head("model"),
    Head("tier", right=True),
    Head("context", right=True),
    Head("can", fold=True),
    Head("now"),
)
NOBODY = "Nobody here serves: "


def sheets(rows: Prospects) -> tuple[Sheet, ...]:
    """Return a table for each name, and sentences on what is left."""
    found = [
        Sheet(title=name, heads=HEADS, rows=tuple(map(_line, some)))
        for name, some in groupby(rows, key=lambda row: row.name)
    ]
    notes = [f"{NOBODY}{', '.join(rows.nobody)}"] if rows.nobody else []
    notes += [f"Embeddings: {', '.join(rows.vectors)}"] if rows.vectors else []
    return (*found, Sheet(notes=tuple(notes))) if notes or not found else tuple(found)


def _line(row: Prospect) -> tuple[Cell, ...]:
    return (
        Mark(row.account, "strong"),
        row.model if row.free else f"{row.model} (paid)",
        row.tier or "",
        f"{row.context:,}" if row.context else "",
        Mark(", ".join(abilities(row.capabilities)) or "chat", "dim"),
        _now(row),
    )


def _now(row: Prospect) -> Cell:
    if not row.why:
        return Bar(row.share_left, f"{row.share_left:.0%}", tone(row.share_left))
    back = f", back in {span(row.back_in)}" if row.back_in else ""
    return Mark(f"{row.why}{back}", "warn" if row.back_in else "bad")
