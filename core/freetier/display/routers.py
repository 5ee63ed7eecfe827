"""How a router looks: its accounts, what is left of each, and what it warns of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from freetier.display.quota import resets, share_left, tone
from freetier.display.words import counted
from freetier.values.accounts import Account
from freetier.values.listing import QuotaRow, QuotaStatus
from freetier.values.setup import Setup
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet

HEADS = (
    Head("account"),
    Head("provider"),
    Head("price"),
    Head("quota left"),
    Head("back"),
)


def sheets(
    setup: Setup, rows: QuotaStatus | str, warnings: Iterable[str] = ()
) -> tuple[Sheet, ...]:
    """Return the table of a router.

    Args:
        setup: Its configuration.
        rows: What is left, or why nobody can tell.
        warnings: What it warns of.
    """
    known = () if isinstance(rows, str) else rows
    now = 0.0 if isinstance(rows, str) else rows.at
    lines = tuple(_line(setup, a, _of(known, a.id), now) for a in setup.accounts)
    facts = [counted(len(setup.accounts), "account"), f"strategy {setup.strategy}"]
    facts.append(f"quota counted in {setup.store.partition('://')[0]}")
    facts.append("may spend money" if setup.allow_paid else "spends no money")
    notes = [*warnings, *([f"quota is not known: {rows}"] if isinstance(rows, str) else [])]
    return (
        Sheet(
            title="Router",
            lead=(Mark(", ".join(facts), "dim"),),
            heads=HEADS,
            rows=lines,
            notes=tuple(notes),
        ),
    )


def _of(rows: Sequence[QuotaRow], account: str) -> list[QuotaRow]:
    return [row for row in rows if row.account == account]


def _line(setup: Setup, account: Account, rows: list[QuotaRow], now: float) -> tuple[Cell, ...]:
    provider = setup.providers[account.provider]
    paid = setup.allow_paid and account.paid_enabled
    best = _best(rows)
    tightest = min(best, key=share_left, default=None)
    left: Cell = Mark("not limited", "dim")
    if tightest is not None:
        share = share_left(tightest)
        left = Bar(share, f"{share:.0%}", tone(share))
        if tightest.blocked_until is not None:
            left = Mark(f"blocked: {(tightest.blocked_why or '').replace('_', ' ')}", "bad")
    return (
        Mark(account.id, "strong"),
        provider.title or account.provider,
        Mark("paid too", "warn") if paid else Mark("free", "good"),
        left,
        resets(tightest, now) if tightest is not None else "",
    )


def _best(rows: list[QuotaRow]) -> list[QuotaRow]:
    """Return the windows of the account's model that has the most left, with the account's own."""
    shared = [row for row in rows if row.model is None]
    models = dict.fromkeys(row.model for row in rows if row.model is not None)
    each = [[*shared, *(row for row in rows if row.model == model)] for model in models]
    return max(each or [shared], key=lambda mine: min(map(_left, mine), default=1.0))


def _left(row: QuotaRow) -> float:
    return 0.0 if row.blocked_until is not None else share_left(row)
