"""Aliases as people write them: a name for another name, or a ladder of steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from freetier.config.checking import check
from freetier.config.places import Place, quoted
from freetier.config.schema import Document, LadderEntry, StepEntry
from freetier.config.settings import strategy
from freetier.values.accounts import Alias, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """An alias and where each of its steps stands."""

    place: Place
    places: tuple[Place, ...]
    alias: Alias


def read_ladders(document: Document, place: Place) -> tuple[tuple[Ladder, ...] | None, list[str]]:
    """Return the aliases of one source (`None` if it has none), and the names that lose.

    A name in `models` wins over the same name in `aliases` or `modelAliases` (decisions 5).

    Raises:
        ConfigError: One is malformed, empty, or given twice under one key.
    """
    keys = [k for k in ("models", "aliases", "model_aliases") if k in document.model_fields_set]
    found: dict[str, Ladder] = {}
    warnings = []
    for key in keys:
        for name, ladder in _distinct(_read(getattr(document, key), place.at(key))).items():
            if name in found:
                winner = found[name].place.path
                warnings.append(f"{ladder.place.path} is not used: {winner} has the same name")
            found.setdefault(name, ladder)
    return tuple(found.values()) if keys else None, warnings


def _distinct(ladders: Iterator[Ladder]) -> dict[str, Ladder]:
    found: dict[str, Ladder] = {}
    for ladder in ladders:
        name = ladder.alias.name
        if name in found:
            raise ladder.place.error(f"the alias {quoted(name)} is given twice")
        found[name] = ladder
    return found


def _read(value: Any, place: Place) -> Iterator[Ladder]:  # noqa: ANN401
    if isinstance(value, Mapping):
        for name, target in value.items():
            yield _named(str(name), target, place.at(str(name)))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield _listed(item, place.at(index))
    elif value is not None:
        raise place.error("must be a list of aliases, or a mapping of names to models")


def _named(name: str, target: Any, place: Place) -> Ladder:  # noqa: ANN401
    if not name.strip():
        raise place.error("an alias needs a name")
    if isinstance(target, Mapping) and "model" not in target:
        entry = check(LadderEntry, target, place)
        if entry.alias or entry.name:
            raise place.error("the name of this alias stands before the colon already")
        return _ladder(name, entry, place)
    steps = target if isinstance(target, (list, tuple)) else [target]
    return _of_steps(Alias(name=name), steps, place, place)


def _listed(item: Any, place: Place) -> Ladder:  # noqa: ANN401
    entry = check(LadderEntry, item, place)
    name = (entry.alias or entry.name or "").strip()
    if not name:
        raise place.at("alias").error("is missing")
    return _ladder(name, entry, place)


def _ladder(name: str, entry: LadderEntry, place: Place) -> Ladder:
    key = "models" if entry.models is not None else "steps"
    steps = entry.models if entry.models is not None else entry.steps
    if entry.models is not None and entry.steps is not None:
        raise place.at("steps").error("says the same as `models`; write one of them")
    order = strategy(entry.strategy, place.at("strategy")) if entry.strategy else None
    alias = Alias(name=name, strategy=order, on_content_refused=entry.on_content_refused)
    return _of_steps(alias, steps or [], place, place.at(key))


def _of_steps(alias: Alias, steps: Any, place: Place, within: Place) -> Ladder:  # noqa: ANN401
    if not steps:
        raise within.error(f"the alias {quoted(alias.name)} has no step")
    places = tuple(within.at(index) for index in range(len(steps)))
    made = tuple(_step(item, there) for item, there in zip(steps, places, strict=True))
    ladder = Alias(
        name=alias.name,
        steps=made,
        strategy=alias.strategy,
        on_content_refused=alias.on_content_refused,
    )
    return Ladder(place=place, places=places, alias=ladder)


def _step(item: Any, place: Place) -> Step:  # noqa: ANN401
    if isinstance(item, str):
        if not item.strip():
            raise place.error("must not be empty")
        return Step(model=item.strip())
    entry = check(StepEntry, item, place)
    return Step(
        model=entry.model,
        provider=entry.provider,
        account=entry.account,
        weight=entry.weight,
    )
