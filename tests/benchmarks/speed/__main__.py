"""What a request costs: `python -m tests.benchmarks.speed [--brief] [--json]`, or `make speed`.

Prints what is wanted beside what is measured, then every contender's figures. A ratio is
that of two contenders within one round, in which everybody takes a turn; the median over
the rounds counts. Peers come with the extra `peers`; that one is missing is an error.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from tests.benchmarks.speed import tables
from tests.benchmarks.speed.contenders import CONTENDERS
from tests.benchmarks.speed.decisions import decisions
from tests.benchmarks.speed.field import LAYOUTS, rounds
from tests.benchmarks.speed.loads import loads
from tests.benchmarks.speed.targets import (
    FROM_ENV,
    IMPORTS,
    ONE,
    SCENARIOS,
    STREAMS,
    THREAD,
    Scenario,
)

OURS = ("httpx", "freetier", "freetier[fast]")
"""Who is measured in both layouts; peers have one account or cost the same in both."""

PEERS = ("ChatOpenAI", "OpenAILike", "litellm.Router", "freelm")

BRIEF = (ONE, THREAD, STREAMS)
"""What a look leaves of the scenarios: everybody takes part, nobody for long."""

Plan = dict[tuple[str, Scenario], list[str]]


def plan(only: list[str], *, brief: bool) -> Plan:
    """Return who takes part in what."""
    made: Plan = {}
    for layout in list(LAYOUTS)[: 1 if brief else None]:
        for scenario in BRIEF if brief else SCENARIOS:
            names = CONTENDERS if layout == "eight origins" else OURS
            chosen = [name for name in names if not only or name in only]
            made[layout, scenario] = [n for n in chosen if _takes_part(n, scenario)]
    return made


def _takes_part(name: str, scenario: Scenario) -> bool:
    """Tell whether any row needs it; peers at many a time need none, and most of an hour."""
    return scenario.at_once == 1 or name not in PEERS


def measured(asked: argparse.Namespace) -> dict[str, Any]:
    """Run everything, and return the tables by title."""
    times = asked.rounds or (1 if asked.brief else 9)
    taking_part = plan(asked.only, brief=asked.brief)
    samples = rounds(taking_part, times, asked.share or (0.02 if asked.brief else 1.0))
    statements = [one for row in IMPORTS for one in row[:2]] + [FROM_ENV]
    loaded = {} if asked.only else loads(statements, times)
    decided = {} if asked.only else decisions(times, 50 if asked.brief else 500)
    return {
        "Wanted and measured": tables.wanted(samples, loaded, decided),
        "Contenders": tables.contenders(samples),
        "Loading": tables.loading(loaded),
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--brief", action="store_true", help="a look, not a measurement")
    parser.add_argument("--json", action="store_true", help="figures instead of tables")
    parser.add_argument("--share", type=float, help="of each sample's requests, instead of 1")
    parser.add_argument("--rounds", type=int, help="instead of 9")
    parser.add_argument("--only", nargs="*", default=[], choices=CONTENDERS, help="some contenders")
    asked = parser.parse_args()
    found = measured(asked)
    print(json.dumps(found, ensure_ascii=False, indent=2) if asked.json else tables.printed(found))


if __name__ == "__main__":
    main()
