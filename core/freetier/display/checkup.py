"""How a checkup looks: keys, what is gone and new, how old the figures are, terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from freetier.display.words import counted, page
from freetier.values.checkup import AccountCheck, Checkup, Unused
from freetier.values.sheets import Cell, Head, Mark, Sheet, Tone

HEADS = (
    Head("account"),
    Head("key"),
    Head("models listed", right=True),
    Head("figures"),
    Head("remarks", fold=True),
)
UNUSED = (Head("provider"), Head("variable"), Head("key from", fold=True))
CHANGES = (Head("account"), Head("gone", fold=True), Head("new", fold=True), Head("context"))

_TONES: dict[str, Tone] = {"accepted": "good", "refused": "bad", "untested": "warn"}
_TERMS = {
    "forbidden": "the terms forbid several accounts of one person",
    "forbidden_for_consumers": "the consumer terms forbid several accounts of one person",
    "limits_may_not_be_circumvented": "the terms forbid getting round limits",
}
MOST = 12
"""Models of one kind that are named in a table; programs get all."""


def sheets(checkup: Checkup) -> tuple[Sheet, ...]:
    """Return the table of accounts, and that of free providers without one."""
    verdict = "every account can serve" if checkup.ok else "not every account can serve"
    found = [
        Sheet(
            title=f"Accounts: {verdict}",
            heads=HEADS,
            rows=tuple(_line(check, checkup.max_age) for check in checkup.accounts),
        )
    ]
    if checkup.unused:
        rows = tuple(map(_unused, checkup.unused))
        found.append(Sheet(title="Free, and without an account here", heads=UNUSED, rows=rows))
    return tuple(found)


def changes(checkup: Checkup) -> tuple[Sheet, ...]:
    """Return the table of what providers' own lists say otherwise than the catalog."""
    rows = [_change(check) for check in checkup.accounts if check.listed is not None]
    asked = counted(len(rows), "account")
    notes = tuple(
        f"{check.account}: {check.problem or check.note or 'no list'}"
        for check in checkup.accounts
        if check.listed is None
    )
    if not rows:
        return (Sheet(title="No account gave a list", notes=notes),)
    if not any(any(row[1:]) for row in rows):
        return (Sheet(title=f"Nothing has changed at {asked}", notes=notes),)
    return (Sheet(title=f"What changed at {asked}", heads=CHANGES, rows=tuple(rows), notes=notes),)


def _line(check: AccountCheck, max_age: int) -> tuple[Cell, ...]:
    remarks = "; ".join(_remarks(check))
    return (
        Mark(check.account, "strong"),
        Mark(check.key, _TONES.get(check.key, "")),
        "" if check.listed is None else check.listed,
        Mark(f"{check.aged} older than {max_age} d", "warn") if check.aged else "",
        Mark(remarks, "" if check.ok else "bad"),
    )


def _remarks(check: AccountCheck) -> Iterator[str]:
    if check.problem:
        yield check.problem
    if check.wanted:
        yield f"configured, but not listed any more: {named(check.wanted)}"
    rest = [name for name in check.gone if name not in check.wanted]
    if rest:
        yield f"not listed any more: {named(rest)}"
    if check.note:
        yield check.note
    if check.oldest:
        yield f"oldest figure of {check.oldest}"
    if check.terms in _TERMS:
        yield _TERMS[check.terms]
    if check.trains:
        yield "free use may train models"


def _unused(unused: Unused) -> tuple[Cell, ...]:
    return (unused.provider, unused.variables[0], page(unused.key_page))


def _change(check: AccountCheck) -> tuple[Cell, ...]:
    contexts = [f"{c.id}: {c.known:,} -> {c.told:,}" for c in check.changed]
    return (
        Mark(check.account, "strong"),
        named(check.gone),
        named([one.id for one in check.new]),
        named(contexts),
    )


def named(names: Sequence[str], most: int = MOST) -> str:
    """Return names in a line; those beyond a number are counted."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
