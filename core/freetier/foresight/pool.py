"""Candidates as sources of answers, with their limits as the store knows them now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from freetier.foresight.asked import Asked, cost_of
from freetier.foresight.known import known, untouched
from freetier.planning.fill import Source
from freetier.planning.supply import Following, Supply, supply
from freetier.routing.edges import edges
from freetier.values.accounts import Candidate

if TYPE_CHECKING:
    from freetier.engine import Engine
    from freetier.routing.lines import Line

USUAL = 2.0
"""Seconds of an answer of a model that has not answered yet."""


class Pool:
    """Candidates' limits as they stand now; keys that several share become one supply.

    Attributes:
        says: Who says how much a window holds, by its key.
    """

    def __init__(self, engine: Engine, asked: Asked) -> None:
        self.says: dict[str, str] = {}
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
        wall, cost = self._asked.wall, cost_of(candidate, self._asked)
        if fresh:
            seen = untouched(candidate, cost, wall)
        else:
            seen = known(self._engine, candidate, cost, wall)
        opens = max((block.left_ms / 1000 for block in seen.blocks.values()), default=0.0)
        mine = []
        for line, charge, tally, source in seen.windows:
            if charge.key not in made:
                each = USUAL if fresh else self.each([candidate])
                ends = _following(line, wall)
                made[charge.key] = supply(charge, tally, wall, following=ends, each=each)
                self.says[charge.key] = source
            mine.append(made[charge.key])
        return Source(key=candidate.key, supplies=tuple(mine), opens=opens)


def _following(line: Line, wall: float) -> Following | None:
    window = line.calendar
    if window is None or window.unit is None:
        return None
    unit, zone = window.unit, window.zone
    return lambda t: edges(unit, zone, int((wall + t) * 1000))[2] / 1000 - wall
