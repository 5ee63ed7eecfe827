"""From samples to tables."""

from __future__ import annotations

import statistics
from typing import Any

from tests.benchmarks.speed import targets
from tests.benchmarks.speed.field import LAYOUTS, Samples
from tests.benchmarks.speed.targets import Target

Table = list[dict[str, Any]]
Loaded = dict[str, dict[str, float]]


def figure(sample: dict[str, float], name: str) -> float:
    """Return one figure of a sample, in µs."""
    if name == "first":
        return sample["first"] * 1e6
    over = sample["tokens"] if name == "token" else sample["count"]
    return sample["wall" if name == "wall" else "cpu"] / over * 1e6


def ratio(samples: Samples, layout: str, target: Target, ours: str) -> float | None:
    """Return the median over the rounds of what ours costs as a multiple of theirs."""
    one = samples.get((layout, target.scenario.name, ours))
    other = samples.get((layout, target.scenario.name, target.theirs))
    if not one or not other:
        return None
    pairs = zip(one, other, strict=True)
    return statistics.median(figure(a, target.figure) / figure(b, target.figure) for a, b in pairs)


def wanted(samples: Samples, loaded: Loaded, decided: dict[int, float]) -> Table:
    """Return the rows of the targets, with what was measured."""
    rows = []
    for target in targets.TARGETS:
        plain, fast = target.ours, f"{target.ours}[fast]"
        row: dict[str, Any] = {"what": target.what}
        first, second = LAYOUTS
        row |= _row(
            target.must,
            ratio(samples, first, target, plain),
            target.stretch,
            ratio(samples, first, target, fast),
        )
        row["one origin"] = _round(ratio(samples, second, target, plain))
        row["one origin, fast"] = _round(ratio(samples, second, target, fast))
        rows.append(row)
    return [*rows, *_decision_rows(decided), *_import_rows(loaded)]


def _row(must: float, plain: float | None, stretch: float | None, fast: float | None) -> Any:
    """Return a row's columns; `met` tells how much is reached."""
    met = None
    if plain is not None and fast is not None:
        met = "must" if plain <= must else "no"
        if met == "must" and stretch is not None and fast <= stretch:
            met = "stretch"
    return {
        "must": must,
        "plain": _round(plain),
        "stretch": stretch,
        "fast": _round(fast),
        "met": met,
    }


def _decision_rows(decided: dict[int, float]) -> Table:
    if not decided:
        return []
    few, many = decided[8], decided[2048]
    rows = (
        ("decision, 8 accounts, µs of CPU", few, targets.DECISION),
        ("decision, 2,048 accounts / 8", many / few, targets.DECISION_GROWTH),
    )
    return [{"what": what} | _row(goal[0], found, goal[1], found) for what, found, goal in rows]


def _import_rows(loaded: Loaded) -> Table:
    rows = []
    for ours, theirs, must, stretch in targets.IMPORTS if loaded else ():
        for unit in ("ms", "MB"):
            found = loaded[ours][unit] / loaded[theirs][unit]
            name = {"ms": "CPU", "MB": "memory"}[unit]
            rows.append({"what": f"{ours} / {theirs}, {name}"} | _row(must, found, stretch, found))
    return rows


def contenders(samples: Samples) -> Table:
    """Return everybody's medians, and the ratio to httpx."""
    rows = []
    for (layout, scenario, name), found in samples.items():
        row: dict[str, Any] = {"scenario": scenario, "layout": layout, "contender": name}
        names = ("token", "first") if "tokens" in found[0] else ("cpu", "wall")
        for column in names:
            row[_COLUMNS[column]] = round(statistics.median(figure(s, column) for s in found), 1)
        base = samples.get((layout, scenario, "httpx"))
        if base:
            pairs = zip(found, base, strict=True)
            row["CPU / httpx"] = _round(
                statistics.median(figure(a, names[0]) / figure(b, names[0]) for a, b in pairs)
            )
        if found[-1]["failed"]:
            row["failed"] = int(found[-1]["failed"])
        rows.append(row)
    return rows


_COLUMNS = {
    "token": "CPU µs a token",
    "first": "first token µs",
    "cpu": "CPU µs a request",
    "wall": "wall µs a request",
}


def loading(loaded: Loaded) -> Table:
    """Return what each statement costs above a bare interpreter."""
    return [
        {"statement": name, "CPU ms": round(f["ms"], 1), "MB": round(f["MB"], 1)}
        | {"modules": int(f["modules"])}
        for name, f in loaded.items()
    ]


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def printed(found: dict[str, Table]) -> str:
    """Return tables as text."""
    from tests.benchmarks import stores

    return stores.printed(found)
