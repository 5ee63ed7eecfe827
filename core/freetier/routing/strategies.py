"""In which order candidates are tried (decisions 7).

Each strategy is a sort key over one standing, so that an index can use it as it is;
rotation and chance are added where they are asked for. Whoever is blocked or unfit is
gone before a strategy sees the list. Equal candidates share by requests in flight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from freetier.errors import ConfigError, kind_of
from freetier.routing.shares import rounded_down
from freetier.values.accounts import Candidate
from freetier.values.standings import Ordering, SortKey, Standing, Turn

GOLDEN = 0.6180339887498949
"""Steps of this share of a circle never bunch up, so that chance is fair at once."""

Strategy = str | Ordering


def _declared(standing: Standing) -> tuple[float, ...]:
    candidate = standing.candidate
    return (candidate.step, candidate.order)


def _free_first(standing: Standing) -> tuple[float, ...]:
    candidate = standing.candidate
    worth = -rounded_down(standing.share_left) if candidate.free else standing.blended
    return (
        not candidate.free,
        standing.tier_rank,
        candidate.account.priority,
        worth,
        candidate.step,
        standing.in_flight,
        candidate.order,
    )


def _priority(standing: Standing) -> tuple[float, ...]:
    number = standing.candidate.account.priority
    return (standing.tier_rank, number, standing.in_flight, *_declared(standing))


def _least_used(standing: Standing) -> tuple[float, ...]:
    number = standing.candidate.account.priority
    return (-standing.share_left, standing.in_flight, number, *_declared(standing))


def _round_robin(standing: Standing) -> tuple[float, ...]:
    return (standing.wins, standing.in_flight, *_declared(standing))


def _weighted(standing: Standing) -> tuple[float, ...]:
    weight = standing.candidate.weight
    due = standing.wins / weight if weight > 0 else float("inf")
    return (due, *_declared(standing))


def _least_busy(standing: Standing) -> tuple[float, ...]:
    candidate = standing.candidate
    worth = -rounded_down(standing.share_left) if candidate.free else standing.blended
    return (not candidate.free, standing.in_flight, worth, *_declared(standing))


def _fastest(standing: Standing) -> tuple[float, ...]:
    """Order by latency as it will be with those under way; unknown ones are tried first."""
    busy = standing.in_flight
    return ((standing.latency or 0.0) * (1 + busy), busy, *_declared(standing))


def _cost_first(standing: Standing) -> tuple[float, ...]:
    share = rounded_down(standing.share_left)
    return (standing.blended, -share, standing.in_flight, *_declared(standing))


def _harvest(standing: Standing) -> tuple[float, ...]:
    return (standing.price, -standing.share_left, standing.in_flight, *_declared(standing))


KEYS: Mapping[str, SortKey] = {
    "free-first": _free_first,
    "priority": _priority,
    "declared": _declared,
    "least-used": _least_used,
    "round-robin": _round_robin,
    "weighted": _weighted,
    "least-busy": _least_busy,
    "fastest": _fastest,
    "cost-first": _cost_first,
    "harvest": _harvest,
}
"""Each strategy as a sort key, for an index; there `wins` stand for rotation and weights."""


def _sorting(key: SortKey) -> Ordering:
    def ordering(standings: Sequence[Standing], turn: Turn) -> list[Candidate]:
        del turn
        return [standing.candidate for standing in sorted(standings, key=key)]

    return ordering


def round_robin(standings: Sequence[Standing], turn: Turn) -> list[Candidate]:
    """Return the declared order, begun one place later at each request."""
    declared = [s.candidate for s in sorted(standings, key=_declared)]
    start = turn.counter % len(declared) if declared else 0
    return declared[start:] + declared[:start]


def weighted(standings: Sequence[Standing], turn: Turn) -> list[Candidate]:
    """Draw one candidate after the other, each by its share of the weights left.

    The draw of request n is `chance` moved by n golden steps, so that ten requests of
    two equal candidates are five and five. Weights of zero come last.
    """
    left = [s.candidate for s in sorted(standings, key=_declared)]
    last = [c for c in left if c.weight <= 0]
    left = [c for c in left if c.weight > 0]
    drawn, point = [], (turn.chance + turn.counter * GOLDEN) % 1
    while left:
        reach, place = point * sum(c.weight for c in left), 0
        while place < len(left) - 1 and reach >= left[place].weight:
            reach -= left[place].weight
            place += 1
        point = min(reach / left[place].weight, 1 - 1e-9)
        drawn.append(left.pop(place))
    return drawn + last


STRATEGIES: Mapping[str, Ordering] = {
    **{name: _sorting(key) for name, key in KEYS.items()},
    "round-robin": round_robin,
    "weighted": weighted,
}
"""Every strategy by its name."""


def strategy(wanted: Strategy) -> Ordering:
    """Return a strategy by name, or the callable itself.

    Raises:
        ConfigError: There is no strategy of this name; the text has the nearest one.
    """
    if callable(wanted):
        return wanted
    if not isinstance(wanted, str):
        raise ConfigError(
            f"give a name, or a function of standings and a turn, not {kind_of(wanted)}",
            where="strategy",
        )
    found = STRATEGIES.get(wanted.lower().replace("_", "-"))
    if found is not None:
        return found
    near = get_close_matches(wanted, STRATEGIES, n=1)
    meant = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(STRATEGIES)}"
    raise ConfigError(f"no strategy {wanted!r}; {meant}")


def order(
    wanted: Strategy, standings: Sequence[Standing], turn: Turn | None = None
) -> tuple[Candidate, ...]:
    """Return the candidates in the order they are to be tried.

    Withdrawn models, which only a person can have named, come after the others under
    every strategy. A callable may leave candidates out, but not bring others in.

    Raises:
        ConfigError: A callable returned something else than candidates it was given.
    """
    found = strategy(wanted)(standings, turn or Turn())
    if not isinstance(wanted, str):
        found = _checked(found, standings)
    gone = [candidate for candidate in found if candidate.model.withdrawn]
    if not gone:
        return tuple(found)
    return (*(c for c in found if not c.model.withdrawn), *gone)


def sort_key(name: str) -> SortKey:
    """Return a named strategy as a sort key for an index, withdrawn models last."""
    key = KEYS[name]
    return lambda standing: (standing.candidate.model.withdrawn, *key(standing))


def _checked(found: Iterable[object], standings: Sequence[Standing]) -> list[Candidate]:
    """Return what a user's callable chose, each candidate once."""
    given = {id(s.candidate): s.candidate for s in standings}
    chosen: dict[int, Candidate] = {}
    if not isinstance(found, Iterable):
        raise ConfigError(
            f"the strategy returned {kind_of(found)}; it returns candidates in order",
            where="strategy",
        )
    for one in found:
        candidate = one.candidate if isinstance(one, Standing) else one
        if id(candidate) not in given:
            raise ConfigError(f"the strategy returned {one!r}, which is none of its candidates")
        chosen[id(candidate)] = given[id(candidate)]
    return list(chosen.values())
