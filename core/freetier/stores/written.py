"""The state of a ledger as rows of text, and what an operation has changed in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from freetier.errors import StoreError
from freetier.stores.ledger import Ledger
from freetier.stores.operations import Operation, Row, Sort
from freetier.values.faults import Fault
from freetier.values.quota import Denied, Kind, Learned
from freetier.windows import MIRRORS
from freetier.windows.entries import Unreadable

T = TypeVar("T")

FOREVER = 1 << 62  # milliseconds; limits that were learned stay
DAY_MS = 86_400_000

_encode = json.JSONEncoder(separators=(",", ":")).encode
_decode = json.JSONDecoder().decode


class Change(NamedTuple):
    """What becomes of one row.

    Attributes:
        row: Its name.
        state: Its new text; `None` deletes it.
        until: From when on it may be deleted unread.
    """

    row: Row
    state: str | None
    until: int = 0


def perform(operation: Operation[T], found: Mapping[Row, str], now: int) -> tuple[T, list[Change]]:
    """Do an operation on rows that were read, and return what is to be written.

    Args:
        operation: What to do.
        found: The text of those of its rows that exist.
        now: The store's instant.

    Raises:
        StoreError: A row is not what this version writes.
    """
    ledger = Ledger()
    kinds = {charge.key: charge.kind for charge in operation.charges}
    for row, written in found.items():
        state, _, text = written.partition("\n")
        try:
            _load(ledger, row, _decode(state), text, kinds)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise StoreError(f"the row {row.sort} of {row.key!r} cannot be read") from error
    try:
        result = operation.perform(ledger, now)
    except Unreadable as error:  # what is long is unpacked when it is needed
        keys = ", ".join(repr(row.key) for row in found if row.sort == "window")
        raise StoreError(f"one of the rows window of {keys} cannot be read") from error
    if isinstance(result, Denied):
        return result, []
    return result, list(_changes(operation, ledger, found, now))


def _load(ledger: Ledger, row: Row, state: list[Any], text: str, kinds: Mapping[str, Kind]) -> None:
    key = row.key
    match row.sort:
        case "window":
            kind, *rest = state
            if MIRRORS[Kind(kind)] is MIRRORS[kinds[key]]:
                ledger.mirrors[key] = MIRRORS[Kind(kind)].unpacked(rest, text)
        case "block":
            until, fault = state
            ledger.blocks[key] = (int(until), Fault(fault))
        case "fault":
            ledger.faults[key] = [int(at) for at in state]
        case "lease":
            owner, until = state
            ledger.leases[key] = (str(owner), int(until))
        case "learned":
            amount, source, at = state
            ledger.learned[key] = Learned(amount=int(amount), source=str(source), at_ms=int(at))


def _changes(
    operation: Operation[T], ledger: Ledger, found: Mapping[Row, str], now: int
) -> Iterable[Change]:
    spoken = _windows(operation, ledger, now) if operation.charges else {}
    for row in operation.writes:
        new = spoken.get(row.key) if row.sort == "window" else _spoken(row.sort, row.key, ledger)
        old = found.get(row)
        if new is None:
            if old is not None:
                yield Change(row, None)
        elif new[0] != old:
            yield Change(row, *new)


def _windows(operation: Operation[T], ledger: Ledger, now: int) -> dict[str, tuple[str, int]]:
    """Return the windows' rows: a line of JSON, and what is long behind it as it is."""
    spoken = {}
    for charge in operation.charges:
        mirror = ledger.mirrors.get(charge.key)
        if mirror is not None:
            until = max(mirror.over_at(charge), now + charge.span_ms)
            state, text = mirror.packed()
            line = _encode([charge.kind, *state])
            spoken[charge.key] = (f"{line}\n{text}" if text else line, until)
    return spoken


def _spoken(sort: Sort, key: str, ledger: Ledger) -> tuple[str, int] | None:
    """Return a row that is no window, and until when it matters."""
    match sort:
        case "block" if key in ledger.blocks:
            until, fault = ledger.blocks[key]
            return _encode([until, fault]), until
        case "fault" if key in ledger.faults:
            at = ledger.faults[key]
            return _encode(at), at[-1] + DAY_MS
        case "lease" if key in ledger.leases:
            owner, until = ledger.leases[key]
            return _encode([owner, until]), until
        case "learned" if key in ledger.learned:
            told = ledger.learned[key]
            return _encode([told.amount, told.source, told.at_ms]), FOREVER
        case _:
            return None
