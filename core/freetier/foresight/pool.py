"""Candidates as sources of answers, with their limits as the store knows them now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from freetier.foresight.asked import Asked, cost_of
from freetier.planning.fill import Source
from freetier.planning.supply import Following, Supply, supply
from freetier.routing.charges import charges, prepare
from freetier.routing.edges import edges
from freetier.status import store_of
from freetier.values.accounts import Candidate
from freetier.values.quota import UNTOLD, Tally

if TYPE_CHECKING:
    from freetier.engine import Engine
    from freetier.routing.lines import Line

USUAL = 2.0
"""Seconds of an answer of a model that has not answered yet."""


class Pool:
    """Candidates' limits as they stand now; keys that several share become one supply."""

    def __init__(self, engine: Engine, asked: Asked) -> None:
        self._engine = engine
        self._asked = asked

    def sources(self, candidates: Iterable[Candidate], *, fresh: bool = False) -> list[Source]:
        """Return sources of candidates.

        Args:
            candidates: In order.
            fresh: Whether nothing of their limits is used yet.
        """
        made: dict[str, Supply] = {}
        return [self._source(candidate, made, fresh=fresh) for candidate in candidates]

    def each(self, candidates: Sequence[Candidate]) -> float:
        """Return seconds that one answer usually takes."""
        known = (self._engine.board.entry(c).latency for c in candidates)
        seconds = [one for one in known if one is not None]
        return sum(seconds) / len(seconds) if seconds else USUAL

    def _source(self, candidate: Candidate, made: dict[str, Supply], *, fresh: bool) -> Source:
        board, wall = self._engine.board, self._asked.wall
        prepared = prepare(candidate)
        learned = {} if fresh else board.learned
        cost = cost_of(candidate, self._asked)
        found = charges(prepared, cost, int(wall * 1000), learned)
        tallies, opens = [Tally(charge.key) for charge in found], 0.0
        if not fresh:
            said = store_of(self._engine).survey(found, board.entry(candidate).keys.blocks)
            board.adopt(said.tallies)
            tallies = list(said.tallies)
            opens = max((b.left_ms / 1000 for b in said.blocks.values()), default=0.0)
        mine = []
        for line, charge, tally in zip(prepared.lines, found, tallies, strict=True):
            if charge.ceiling >= UNTOLD:
                continue
            if charge.key not in made:
                each = USUAL if fresh else self.each([candidate])
                ends = _following(line, wall)
                made[charge.key] = supply(charge, tally, wall, following=ends, each=each)
            mine.append(made[charge.key])
        return Source(key=candidate.key, supplies=tuple(mine), opens=opens)


def _following(line: Line, wall: float) -> Following | None:
    window = line.calendar
    if window is None or window.unit is None:
        return None
    unit, zone = window.unit, window.zone
    return lambda t: edges(unit, zone, int((wall + t) * 1000))[2] / 1000 - wall
