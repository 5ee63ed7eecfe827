"""A candidate's limits as they are known now: told, found by us, found by others of the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from freetier.routing.charges import charges, prepare
from freetier.status import store_of
from freetier.values.accounts import Candidate
from freetier.values.quota import UNTOLD, BlockState, Charge, Cost, Learned, Tally

if TYPE_CHECKING:
    from freetier.engine import Engine
    from freetier.routing.lines import Line


class Window(NamedTuple):
    """One limit: what is charged, what is used, and who says so."""

    line: Line
    charge: Charge
    tally: Tally
    source: str


class Known(NamedTuple):
    """The limits of one candidate, and what keeps it shut."""

    windows: tuple[Window, ...]
    blocks: Mapping[str, BlockState]


def known(engine: Engine, candidate: Candidate, cost: Cost, wall: float) -> Known:
    """Ask the store; what it tells of limits holds for this very answer.

    Raises:
        StoreError: The quota store cannot be asked.
    """
    board, store, now = engine.board, store_of(engine), engine.clock.monotonic()
    entry = board.entry(candidate)
    found = charges(entry.prepared, cost, int(wall * 1000), board.learned)
    said = store.survey((*found, *board.search.unknown(entry)), entry.keys.blocks)
    board.adopt(said.tallies)
    before = entry.prepared
    board.search.heard(entry, {tally.key: tally for tally in said.tallies}, now)
    if entry.prepared is not before:
        found = charges(entry.prepared, cost, int(wall * 1000), board.learned)
        said = store.survey(found, entry.keys.blocks)
    tallies = {tally.key: tally for tally in said.tallies}
    found = charges(entry.prepared, cost, int(wall * 1000), board.learned)
    windows = tuple(
        Window(line, charge, tallies[charge.key], source_of(line, charge, board.learned))
        for line, charge in zip(entry.prepared.lines, found, strict=True)
        if charge.ceiling < UNTOLD
    )
    return Known(windows, said.blocks)


def untouched(candidate: Candidate, cost: Cost, wall: float) -> Known:
    """Return the limits of somebody who has not used anything yet, as the catalog has them."""
    prepared = prepare(candidate)
    pairs = zip(prepared.lines, charges(prepared, cost, int(wall * 1000)), strict=True)
    windows = (Window(line, c, Tally(c.key), line.limit.source) for line, c in pairs)
    return Known(tuple(one for one in windows if one.charge.ceiling < UNTOLD), {})


def source_of(line: Line, charge: Charge, learned: Mapping[str, Learned]) -> str:
    """Return who says how much a window holds; the user's own limit may be lower, and holds."""
    told = learned.get(line.told_key)
    return told.source if told is not None and told.amount == charge.ceiling else line.limit.source
