"""Scenarios from files and mappings; whatever is wrong is told with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from freetier.config.checking import check
from freetier.config.durations import seconds
from freetier.config.places import Place
from freetier.config.reading import read_tree
from freetier.errors import ConfigError
from freetier.testing.limits import SECONDS, Limit
from freetier.testing.simulation.capacity import capacity
from freetier.testing.simulation.scenario import (
    Burst,
    Change,
    Range,
    Scenario,
    Size,
    Supply,
    Traffic,
    Trouble,
)
from freetier.testing.simulation.written import (
    BurstEntry,
    ChangeEntry,
    ProviderEntry,
    ScenarioEntry,
    SizeEntry,
    TrafficEntry,
    TroubleEntry,
    TrueLimit,
)

T = TypeVar("T")


def read_scenario(given: str | Path | Mapping[str, Any]) -> Scenario:
    """Return the scenario that a file (YAML, or JSON if its name ends so) or a mapping describes.

        name: a busy hour
        seconds: 1h
        providers:
          - name: mine
            accounts: 2
            limits:
              - {amount: 30, per: minute}
              - {amount: 500, per: day}
        traffic: {load: 1.5, patience: [10, 60]}

    Lengths of time are seconds or texts such as `10m` and `1d`. `traffic` has a `rate` in
    requests a second, or a `load` in times of what the accounts can carry for ever, bursts
    included.

    Raises:
        ConfigError: It cannot be read; the text names the place and the nearest right key.
    """
    is_file = not isinstance(given, Mapping)
    tree: Any = read_tree(Path(given)) if is_file else given  # type: ignore[arg-type]
    place = Place(str(given) if is_file else "scenario", tree=tree)
    entry = check(ScenarioEntry, tree, place)
    supplies = tuple(
        _supply(one, place.at("providers", n)) for n, one in enumerate(entry.providers)
    )
    more = {} if entry.start is None else {"start": entry.start}
    return Scenario(
        name=entry.name,
        seconds=_span(entry.seconds, place.at("seconds")),
        supplies=supplies,
        traffic=_traffic(entry.traffic, supplies, place.at("traffic")),
        processes=entry.processes,
        store=entry.store,
        router=entry.router,
        step=_span(entry.step, place.at("step")),
        **more,
    )


def _span(value: object, place: Place) -> float:
    length = seconds(value, place)
    if length <= 0:
        raise place.error("must be longer than nothing")
    return length


def _supply(written: object, place: Place) -> Supply:
    entry = check(ProviderEntry, written, place)
    told = entry.told
    try:
        return Supply(
            name=entry.name,
            style=entry.style,
            model=entry.model,
            accounts=entry.accounts,
            limits=_limits(entry.limits, place.at("limits")),
            told=told if isinstance(told, bool) else tuple(told),
            says=entry.says,
            latency=_range(entry.latency, place.at("latency")),
            transit=_range(entry.transit, place.at("transit")),
            skew=entry.skew,
            drift=entry.drift,
            others=entry.others,
            troubles=tuple(_each(entry.troubles, place.at("troubles"), _trouble)),
            changes=tuple(_each(entry.changes, place.at("changes"), _change)),
        )
    except ValueError as error:
        if isinstance(error, ConfigError):
            raise
        raise place.error(str(error)) from None


def _each(written: Iterable[object], place: Place, read: Callable[[object, Place], T]) -> list[T]:
    return [read(one, place.at(n)) for n, one in enumerate(written)]


def _limits(written: Iterable[object], place: Place) -> tuple[Limit, ...]:
    return tuple(_each(written, place, _limit))


def _limit(written: object, place: Place) -> Limit:
    entry = check(TrueLimit, written, place)
    fields = entry.model_dump() | {"phase": seconds(entry.phase, place.at("phase"))}
    if entry.per not in SECONDS:
        fields["per"] = _span(entry.per, place.at("per"))
    amount, per = fields.pop("amount"), fields.pop("per")
    try:
        return Limit(amount, per, **fields)
    except ValueError as error:
        raise place.error(str(error)) from None


def _trouble(written: object, place: Place) -> Trouble:
    entry = check(TroubleEntry, written, place)
    return Trouble(
        since=seconds(entry.since, place.at("since")),
        until=seconds(entry.until, place.at("until")),
        status=entry.status,
        account=entry.account,
    )


def _change(written: object, place: Place) -> Change:
    entry = check(ChangeEntry, written, place)
    return Change(
        at=seconds(entry.at, place.at("at")), limits=_limits(entry.limits, place.at("limits"))
    )


def _range(value: object, place: Place) -> Range:
    """Return a length of time, or two between which chance decides."""
    if not isinstance(value, list | tuple):
        length = seconds(value, place)
        return length, length
    if len(value) != 2:  # noqa: PLR2004 - from and to
        raise place.error("must be one length of time, or two")
    low, high = (seconds(one, place.at(n)) for n, one in enumerate(value))
    return min(low, high), max(low, high)


def _tokens(value: object, place: Place) -> tuple[int, int]:
    pair = value if isinstance(value, list | tuple) else [value, value]
    whole = [one for one in pair if isinstance(one, int) and not isinstance(one, bool) and one > 0]
    if len(whole) != 2:  # noqa: PLR2004 - from and to
        raise place.error("must be a whole number above 0, or two")
    return min(whole), max(whole)


def _size(written: object, place: Place) -> Size:
    entry = check(SizeEntry, written, place)
    return Size(
        share=entry.share,
        prompt=_tokens(entry.prompt, place.at("prompt")),
        output=_tokens(entry.output, place.at("output")),
        max_tokens=entry.max_tokens,
    )


def _burst(written: object, place: Place) -> Burst:
    entry = check(BurstEntry, written, place)
    return Burst(size=entry.size, every=_span(entry.every, place.at("every")))


def _traffic(written: object, supplies: tuple[Supply, ...], place: Place) -> Traffic:
    entry = check(TrafficEntry, written, place)
    bursts = tuple(_each(entry.bursts, place.at("bursts"), _burst))
    sizes = tuple(_each(entry.sizes, place.at("sizes"), _size)) or (Size(),)
    patience = entry.patience if isinstance(entry.patience, list) else [entry.patience]
    return Traffic(
        rate=_rate(entry, supplies, bursts, sizes, place),
        curve=tuple(entry.curve),
        bursts=bursts,
        patience=tuple(_each(patience, place.at("patience"), seconds)),
        sizes=sizes,
        stream=entry.stream,
    )


def _rate(
    entry: TrafficEntry,
    supplies: tuple[Supply, ...],
    bursts: tuple[Burst, ...],
    sizes: tuple[Size, ...],
    place: Place,
) -> float:
    """Return the requests a second besides the bursts."""
    if (entry.load is None) == (entry.rate is None):
        raise place.error("give either 'rate' or 'load'")
    if entry.rate is not None:
        return entry.rate
    carried = capacity(supplies, sizes)
    if carried is None:
        raise place.at("load").error("an account without limits can carry any load; give a 'rate'")
    rate = (entry.load or 0.0) * carried - sum(burst.size / burst.every for burst in bursts)
    if rate < 0:
        raise place.at("load").error("is less than the bursts alone")
    return rate
