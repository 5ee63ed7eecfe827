"""Which vectors may stand side by side: embedding names pinned to one space each.

RULE: hosts join a space only if the catalog describes their models alike; what it does
not know, the first vector of a space tells, and holds for all later ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from freetier.errors import ConfigError
from freetier.routing.candidates import ASSUMED
from freetier.routing.resolve import Resolved
from freetier.values.accounts import Candidate
from freetier.values.models import Capability
from freetier.values.vectors import Space, Vector

KEPT = 1024
"""Names whose space is kept; more are looked up again."""

TOLERANCE = 0.01
"""By how much the length of a normalised vector may differ from 1: hosts calculate with as
few as eight bits of fraction."""

VECTORS = frozenset({Capability.EMBEDDINGS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """An embedding name: the candidates of one space, and the space as the catalog has it."""

    source: Resolved
    resolved: Resolved
    space: Space


class Spaces:
    """What embedding names mean, and what first vectors told; shared between threads."""

    __slots__ = ("_learned", "_pinned")

    def __init__(self) -> None:
        self._pinned: dict[str, Pinned] = {}
        self._learned: dict[Space, Space] = {}

    def pinned(self, source: Resolved, *, strict: bool) -> Pinned:
        """Return the space of a name; the same candidates as long as it means the same.

        Args:
            source: What the name means.
            strict: Whether candidates of other spaces are an error; else they are left out.

        Raises:
            ConfigError: Nothing behind the name makes embeddings, or it mixes spaces.
        """
        found = self._pinned.get(source.name)
        if found is None or found.source is not source:
            found = pin(source, strict=strict)
            if len(self._pinned) >= KEPT:
                self._pinned.clear()
            self._pinned[source.name] = found
        return found

    def known(self, space: Space) -> Space:
        """Return a space with what its first vector told."""
        return self._learned.get(space, space)

    def learn(self, space: Space, vector: Vector) -> Space:
        """Take in the first vector of a space; of several that come at once the first counts."""
        if None not in {space.dimensions, space.normalised}:
            return space
        told = replace(
            space,
            dimensions=space.dimensions or len(vector),
            normalised=_is_unit(vector) if space.normalised is None else space.normalised,
        )
        return self._learned.setdefault(space, told)


def pin(source: Resolved, *, strict: bool) -> Pinned:
    """Return the candidates of a name that share one space; see `Spaces.pinned`."""
    able = [as_embedding(candidate) for candidate in source.candidates]
    able = [candidate for candidate in able if candidate.model.embeds]
    name = source.name or "(default)"
    if not able or (strict and len(able) < len(source.candidates)):
        others = [c for c in source.candidates if not as_embedding(c).model.embeds]
        who = f": {others[0].key} makes text" if others else ""
        raise ConfigError(f"{name!r} is no embedding model{who}", where="model")
    space = space_of(able[0])
    fitting = tuple(candidate for candidate in able if space_of(candidate) == space)
    foreign = [candidate for candidate in able if space_of(candidate) != space]
    if foreign and (strict or any(c.model.canonical != space.model for c in foreign)):
        raise _mixed(name, able[0], foreign[0])
    notes = (*source.notes, *(_left_out(candidate, space) for candidate in foreign))
    return Pinned(
        source=source, resolved=replace(source, candidates=fitting, notes=notes), space=space
    )


def as_embedding(candidate: Candidate) -> Candidate:
    """Return a candidate that nobody listed as what it was named for."""
    if candidate.named and candidate.model.capabilities == ASSUMED:
        return replace(candidate, model=replace(candidate.model, capabilities=VECTORS))
    return candidate


def space_of(candidate: Candidate) -> Space:
    """Return the space of a candidate as far as it is known before its first vector.

    A task that cannot be told to the host makes no difference there.
    """
    model = candidate.model
    return Space(
        model=model.canonical,
        family=model.family or model.canonical,
        revision=model.revision,
        dimensions=model.dimensions,
        normalised=model.normalised,
        tasks=model.tasks if candidate.quirks.task_field else "",
    )


def shortened(space: Space, dimensions: int | None) -> Space:
    """Return the space of vectors that are asked for with fewer numbers.

    A model that makes vectors of length 1 need not do so with the shorter ones.
    """
    if dimensions is None or dimensions == space.dimensions:
        return space
    return replace(space, dimensions=dimensions, normalised=None)


def complaint(space: Space, vectors: tuple[Vector, ...], wanted: int) -> str:
    """Return why vectors are not those of a space, or an empty text.

    Args:
        space: Where they should live.
        vectors: As they came.
        wanted: How many texts there were.
    """
    if len(vectors) != wanted:
        return f"{len(vectors)} vectors came for {wanted} texts"
    sizes = {len(vector) for vector in vectors}
    size = len(vectors[0])
    if len(sizes) > 1 or space.dimensions not in {None, size}:
        found = ", ".join(map(str, sorted(sizes)))
        return f"vectors of {found} dimensions, where {space.dimensions or 'one size'} is right"
    length = _length(vectors[0])
    if not math.isfinite(length) or not length:
        return "a vector without direction"
    if space.normalised and not _is_unit(vectors[0]):
        return f"a vector of length {length:.3f}, where 1 is right"
    return ""


def _length(vector: Vector) -> float:
    return math.sqrt(math.fsum(value * value for value in vector))


def _is_unit(vector: Vector) -> bool:
    return abs(_length(vector) - 1) <= TOLERANCE


def _mixed(name: str, one: Candidate, other: Candidate) -> ConfigError:
    first, second = space_of(one), space_of(other)
    return ConfigError(
        f"{name!r} mixes vectors that cannot be compared: {one.key} ({first}) and "
        f"{other.key} ({second}); name one of the models",
        where="model",
    )


def _left_out(candidate: Candidate, space: Space) -> str:
    other = space_of(candidate)
    return f"{candidate.key} is left out: its vectors ({other}) are not known to fit ({space})"


def unexpected(expected: Space, found: Space) -> ConfigError:
    """Return the error for a model whose vectors live elsewhere than expected."""
    return ConfigError(f"expected {expected}; this is {found}", where="expect_space")


def models_of(candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """Return the names of all embedding models there are, for error texts."""
    return tuple(dict.fromkeys(c.model.canonical for c in candidates if c.model.embeds))
