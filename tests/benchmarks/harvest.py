"""How much of the free quota arrives, against the most that anybody could have served.

    python tests/benchmarks/harvest.py --scenario FILE --seed 3 --json    anybody's scenario
    python tests/benchmarks/harvest.py                                    all shipped ones
    python tests/benchmarks/harvest.py --compare FILE --picture out.png   every strategy
    python tests/benchmarks/harvest.py --sockets FILE                     over real HTTP
    python tests/benchmarks/harvest.py --cost FILE                        CPU and memory

The shipped scenarios and what is expected of each stand in `harvest/`; every key of a scenario
file is told in `freetier.testing.simulation.scenario`, under the names of `written.py` there.
All times are of the virtual clock, but for `--sockets`, which prints its wall time, and
`--cost`, which prints CPU seconds; what a second of it is worth here is printed beside it.
The optimum is that of `optimum.py`, which says how it is found and shares no code with
`freetier`; 429s are counted by the providers' own books.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil, floor, inf
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from freetier.errors import ConfigError  # noqa: E402 - after the path
from freetier.testing import Limit  # noqa: E402
from freetier.testing.simulation import Outcome, Scenario, read_scenario, simulate  # noqa: E402
from freetier.testing.simulation.outcome import quantile  # noqa: E402
from freetier.testing.simulation.traffic import callers  # noqa: E402
from tests.benchmarks.optimum import Account, Optimum, optimum  # noqa: E402

SCENARIOS = HERE / "harvest"
GOALS = SCENARIOS / "goals.json"
WARM = 600.0
"""Seconds after which a router that learns has learned."""

STRATEGIES = (
    "harvest",
    "free-first",
    "least-used",
    "round-robin",
    "weighted",
    "least-busy",
    "fastest",
    "cost-first",
    "priority",
    "declared",
)


def accounts_of(scenario: Scenario) -> list[Account]:
    """Return the accounts as the optimum sees them: plain words, no objects of ours."""
    found = []
    for supply in scenario.supplies:
        limits = [(0.0, [_plain(limit) for limit in supply.limits])]
        limits += [(c.at, [_plain(limit) for limit in c.limits]) for c in supply.changes]
        for n in range(supply.accounts):
            label = f"{supply.name}-{n + 1}"
            away = [(t.since, t.until) for t in supply.troubles if t.account in {None, label}]
            found.append(Account(limits, away, supply.skew, scenario.start))
    return found


def _plain(limit: Limit) -> dict[str, Any]:
    return {
        "amount": limit.amount,
        "span": limit.span,
        "per": limit.per,
        "metric": limit.metric,
        "kind": limit.kind,
        "burst": limit.burst,
        "zone": limit.zone,
        "phase": limit.phase,
    }


def best(scenario: Scenario, seed: int) -> Optimum:
    """Return the optimum for the very callers of a seed."""
    requests = [
        (c.at, c.patience, c.prompt, min(c.output, c.max_tokens or c.output))
        for c in callers(scenario.traffic, scenario.seconds, seed)
    ]
    return optimum(accounts_of(scenario), requests, scenario.seconds)


def measured(scenario: Scenario, seed: int) -> tuple[dict[str, Any], Outcome]:
    """Run a scenario and return its figures beside the optimum's."""
    outcome = simulate(scenario, seed=seed)
    return judged(scenario, outcome, best(scenario, seed)), outcome


def judged(scenario: Scenario, outcome: Outcome, most: Optimum) -> dict[str, Any]:
    """Return figures against the optimum, for the whole and for the time after warming up.

    Compared is what is begun while requests come in; those who still wait at the end are
    served in both, and counted in neither.
    """
    totals, step = outcome.totals(), scenario.step
    end = floor(scenario.seconds / step) * step or inf  # outcomes are counted in whole slices
    warm = ceil(WARM / step) * step
    in_time, most_in_time = outcome.served(until=end), most.served(until=end)
    found = outcome.figures() | {
        "optimum": most_in_time,
        "optimum_in_all": most.served(),
        "optimum_by": most.by,
        "served_in_time": in_time,
        "served_of_optimum": _share(in_time, most_in_time),
        "served_of_optimum_in_all": _share(totals.served, most.served()),
        "avoidable_errors_share": max(0.0, most_in_time - in_time) / max(1, totals.offered),
        "served_of_offered": _share(totals.served, totals.offered),
        "told_no_at_once": quantile(outcome.told_after, 0.95) <= 0.001,
        "latency_p95_of_own": _share(
            quantile(outcome.latencies, 0.95), quantile(outcome.services, 0.95)
        ),
    }
    if end > warm:
        late = outcome.totals(since=warm)
        found |= {
            "late_served_of_optimum": _share(
                outcome.served(warm, end), most.served(warm, until=end)
            ),
            "late_refused_share": late.refused_share,
            "early_refused_share": _share(
                totals.refused - late.refused, totals.calls - late.calls, nothing=0.0
            ),
        }
    return found


def _share(part: float, whole: float, nothing: float = 1.0) -> float:
    return part / whole if whole else nothing


def compared(scenario: Scenario, seed: int) -> Iterator[tuple[str, dict[str, Any], Outcome]]:
    """Run a scenario under every strategy, against the same optimum."""
    most = best(scenario, seed)
    for strategy in STRATEGIES:
        one = replace(scenario, router={**scenario.router, "strategy": strategy})
        outcome = simulate(one, seed=seed)
        yield strategy, judged(one, outcome, most), outcome


def missed(figures: Mapping[str, Any], goals: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the goals that figures miss; a goal is the least and the most of a figure."""
    return [
        f"{name} is {figures[name]:.4g}, not {low:g} to {high:g}"
        for name, (low, high) in goals.items()
        if not low <= figures[name] <= high
    ]


TABLE = (
    ("served", "{served_in_time:>7}"),
    ("optimum", "{optimum:>8.0f}"),
    ("share", "{served_of_optimum:>7.4f}"),
    ("by", "{optimum_by:>9}"),
    ("429s", "{refused_share:>7.2%}"),
    ("avoidable", "{avoidable_errors_share:>9.2%}"),
    ("wait p50", "{wait_p50:>8.2f}"),
    ("p95", "{wait_p95:>6.2f}"),
)


def row(figures: Mapping[str, Any]) -> str:
    """Return one line of the table."""
    cells = [form.format(**figures) for _, form in TABLE]
    if "late_served_of_optimum" in figures:
        late = "{late_served_of_optimum:.4f} of it, {late_refused_share:.2%} 429s"
        cells.append("  after 10 min: " + late.format(**figures))
    return " ".join(cells)


def heading(first: str) -> str:
    """Return the first line of the table."""
    widths = [len(form.format_map(_Samples())) for _, form in TABLE]
    names = (f"{name:>{width}}" for (name, _), width in zip(TABLE, widths, strict=True))
    return f"{first:<34} " + " ".join(names)


class _Samples(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        return "" if name == "optimum_by" else 0


def run_all(seeds: Sequence[int], *, as_json: bool) -> int:
    """Run every shipped scenario and compare it with what is expected; return the exit status."""
    goals: dict[str, dict[str, list[float]]] = json.loads(GOALS.read_text(encoding="utf-8"))
    found, faults = [], 0
    if not as_json:
        print(heading("scenario, seed"))
    for name, wanted in goals.items():
        for seed in seeds:
            figures, _ = measured(read_scenario(SCENARIOS / name), seed)
            wrong = missed(figures, wanted)
            faults += len(wrong)
            found.append({"file": name, **figures, "missed": wrong})
            if not as_json:
                print(f"{name[:-5]:<28} {seed:>5} {row(figures)}", flush=True)
                for text in wrong:
                    print(f"    MISSED: {text}")
    if as_json:
        print(json.dumps(found, indent=2))
    return 1 if faults else 0


def compare(path: Path, seed: int, picture: Path | None, *, as_json: bool) -> int:
    """Run a scenario under every strategy; return the exit status."""
    scenario, rows = read_scenario(path), []
    if not as_json:
        print(heading(f"{path.stem}, seed {seed}"))
    for strategy, figures, outcome in compared(scenario, seed):
        rows.append((strategy, figures, outcome))
        if not as_json:
            print(f"{strategy:<34} {row(figures)}", flush=True)
    if as_json:
        print(json.dumps({name: figures for name, figures, _ in rows}, indent=2))
    if picture is not None:
        draw_comparison(scenario, seed, rows, picture)
    return 0


def cost(scenario: Scenario, seed: int) -> dict[str, float]:
    """Return what a simulation alone costs this process, in seconds of CPU and megabytes."""
    yardstick, began = _additions(), time.process_time()
    totals = simulate(scenario, seed=seed).totals()
    seconds = time.process_time() - began
    yardstick = (yardstick + _additions()) / 2
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "accounts": sum(supply.accounts for supply in scenario.supplies),
        "requests": totals.offered,
        "served": totals.served,
        "cpu_seconds": round(seconds, 1),
        "cpu_us_a_request": round(seconds / max(1, totals.offered) * 1e6),
        "peak_mb": round(most / 1e6 if sys.platform == "darwin" else most / 1e3, 1),
        "cpu_seconds_of_five_million_additions": round(yardstick, 2),
    }


def _additions() -> float:
    """Return the CPU seconds of a plain loop: what the machine gives just now."""
    began, total = time.process_time(), 0
    for n in range(5_000_000):
        total += n
    return time.process_time() - began


def draw_comparison(
    scenario: Scenario, seed: int, rows: Sequence[tuple[str, Any, Outcome]], path: Path
) -> None:
    """Draw what each strategy served, cumulated over time, and the optimum."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 6), layout="constrained")
    axis = figure.subplots()
    most, step = best(scenario, seed), scenario.step
    count = len(rows[0][2].offered)
    at = [n * step / 3600 for n in range(1, count + 1)]
    limits = [0.0] * count
    for when, weight in zip(most.times, most.weights, strict=True):
        limits[min(int(when / step), count - 1)] += weight
    for name, column in (("optimum", limits), *((n, _served(o)) for n, _, o in rows)):
        total, cumulated = 0.0, []
        for value in column:
            total += value
            cumulated.append(total)
        style = {"color": "black", "linestyle": "--"} if name == "optimum" else {}
        axis.plot(at, cumulated, label=f"{name}: {total:.0f}", **style)
    axis.set_xlabel("hours")
    axis.set_ylabel("answers so far")
    axis.legend(fontsize="small")
    axis.set_title(f"{scenario.name}, seed {seed}")
    figure.savefig(path)


def _served(outcome: Outcome) -> list[float]:
    columns = [one.served for one in outcome.accounts]
    return [sum(values) for values in zip(*columns, strict=True)]


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--scenario", type=Path, help="run one scenario file")
    what.add_argument("--compare", type=Path, help="run one under every strategy")
    what.add_argument("--sockets", type=Path, help="run one over real HTTP, in real time")
    what.add_argument("--cost", type=Path, help="run one, and tell what that takes")
    parser.add_argument("--seed", type=int, action="append", help="may be given several times")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    parser.add_argument("--picture", type=Path, help="draw it into this file as well")
    return parser.parse_args()


def main() -> int:
    """Do what was asked for; return the exit status."""
    asked = arguments()
    seeds = asked.seed or [1]
    try:
        if asked.compare:
            return compare(asked.compare, seeds[0], asked.picture, as_json=asked.json)
        if asked.sockets:
            from tests.benchmarks.over_sockets import over_sockets

            print(json.dumps(over_sockets(read_scenario(asked.sockets), seeds[0]), indent=2))
            return 0
        if asked.cost:
            print(json.dumps(cost(read_scenario(asked.cost), seeds[0]), indent=2))
            return 0
        if asked.scenario is None:
            return run_all(seeds, as_json=asked.json)
        return one(asked.scenario, seeds, asked.picture, as_json=asked.json)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2


def one(path: Path, seeds: Sequence[int], picture: Path | None, *, as_json: bool) -> int:
    """Run one scenario; return the exit status."""
    scenario, found = read_scenario(path), []
    for seed in seeds:
        figures, outcome = measured(scenario, seed)
        found.append(figures)
        if not as_json:
            print(outcome)
            print(f"{heading('')}\n{'':<34} {row(figures)}")
        if picture is not None:
            from freetier.testing.simulation.picture import draw

            draw(outcome, picture)
    if as_json:
        print(json.dumps(found[0] if len(found) == 1 else found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
