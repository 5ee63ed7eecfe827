"""Every kind of fault: whole, streamed, for vectors; in both colours; with and without a way out.

The expected cells stand in `fault_matrix.yaml`, which is written by hand; nothing in the
package writes it. This runs each of them on the virtual clock and prints the whole table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from freetier import Router
from freetier.errors import RouteError, StreamInterrupted
from freetier.testing import FakeModel, FakeProvider, Fleet, Limit, VirtualClock, faults
from freetier.values.reports import RouteReport

TABLE: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("fault_matrix.yaml").read_text("utf-8")
)
WAYS = {"first": ["alpha"], "all": ["alpha", "beta"], "only": ["alpha"]}
"""Which providers fail, in each column."""

LIMIT = Limit(50, "minute", "requests", "rolling")
LATENCY = 0.25
MODES = ("complete", "stream", "embed")
VECTORS = FakeModel("e", dimensions=8)
ASKED = {"max_wait": 0, "timeout": 5, "first_content": 5, "idle": 5}


class Cell(NamedTuple):
    """What came of one request: how it ended, the faults it met, when, what is used up."""

    outcome: str
    met: str
    seconds: float
    used: str

    def __str__(self) -> str:
        return f"{self.outcome} | {self.met} | {self.seconds:g} | {self.used}"


def read(text: str) -> Cell:
    """Return a cell as the file writes it."""
    outcome, met, seconds, used = (part.strip() for part in text.split("|"))
    return Cell(outcome, met, float(seconds), used)


def _stage(row: dict[str, Any], column: str) -> tuple[Router, Fleet, VirtualClock]:
    names = ["alpha"] if column == "only" else ["alpha", "beta"]
    fakes = [
        FakeProvider(
            name,
            "generic",
            models=["m", VECTORS],
            limits=[LIMIT],
            latency=LATENCY,
            answer="One two three four.",
        )
        for name in names
    ]
    fleet, clock = Fleet(*fakes), VirtualClock()
    kind, given = row["fault"]
    for name in WAYS[column]:
        fleet.always(name, getattr(faults, kind)(**given))
    config = fleet.config(limits=True) | {"strategy": "declared"}
    config["backoff"] = {"initial": 0}  # chance stays out of the table
    config["aliases"] = [{"alias": "any", "models": [{"provider": n, "model": "m"} for n in names]}]
    return Router(config, transport=fleet.transport(clock), clock=clock, seed=7), fleet, clock


def _whole(router: Router, clock: VirtualClock, *, tasks: bool) -> RouteReport:
    if not tasks:
        return router.complete("Hello", model="any", **ASKED).report
    return clock.run(router.acomplete("Hello", model="any", **ASKED)).report


def _stream(router: Router, clock: VirtualClock, *, tasks: bool) -> RouteReport:
    async def read_all() -> RouteReport:
        async with router.astream("Hello", model="any", **ASKED) as stream:
            async for _ in stream:
                pass
            return stream.report

    if tasks:
        return clock.run(read_all())
    with router.stream("Hello", model="any", **ASKED) as stream:
        for _ in stream:
            pass
        return stream.report


def _vectors(router: Router, clock: VirtualClock, *, tasks: bool) -> RouteReport:
    if not tasks:
        return router.embed("Hello", model=VECTORS.id, **ASKED).reports[0]
    return clock.run(router.aembed("Hello", model=VECTORS.id, **ASKED)).reports[0]


RUNS = {"complete": _whole, "stream": _stream, "embed": _vectors}


def found(row: dict[str, Any], mode: str, column: str, *, tasks: bool) -> Cell:
    """Return what comes of one request."""
    router, _, clock = _stage(row, column)
    try:
        report, outcome = RUNS[mode](router, clock, tasks=tasks), "answered"
    except (RouteError, StreamInterrupted) as error:
        report, outcome = error.report, type(error).__name__
    rows = router.quota_status()
    assert not [one for one in rows if one.reserved], "nothing stays reserved"
    used = {one.provider: one.used for one in rows}
    met = " ".join(f"{a.fault or 'ok'}" for a in report.attempts)
    return Cell(outcome, met, round(clock.monotonic(), 2), " ".join(map(str, used.values())))


def expected(row: dict[str, Any], mode: str, column: str) -> Cell:
    """Return the cell that is written for it; where nothing else is said it is as the whole."""
    return read(row.get(mode, row["complete"]).get(column) or row["complete"][column])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["name"])
def test_every_cell_of_the_fault_matrix_is_as_written(row: dict[str, Any]) -> None:
    """Outcome, attempts, virtual time and quota afterwards, in eighteen situations each."""
    wrong = []
    for mode in MODES:
        for column in WAYS:
            want = expected(row, mode, column)
            for tasks in (False, True):
                cell = found(row, mode, column, tasks=tasks)
                colour = "async" if tasks else "sync"
                print(f"{row['name']:44} {mode:8} {colour:5} {column:5} {cell}")
                if cell != want:
                    wrong.append(f"{mode} {colour} {column}: {cell}, written is {want}")
    assert not wrong, "\n".join(wrong)


def test_the_fault_matrix_has_at_least_thirty_kinds() -> None:
    """And none twice."""
    names = [row["name"] for row in TABLE]
    assert len(set(names)) == len(names) >= 30


def test_a_cell_that_is_written_wrong_is_found() -> None:
    """The control: each part of a cell counts, and so does each mode."""
    row = TABLE[0]
    cell = found(row, "complete", "first", tasks=False)
    assert cell == expected(row, "complete", "first")
    wrong = ("AllFailed", "server ok", 0.5, "1 1")
    for n, part in enumerate(wrong):
        assert cell != Cell(*(part if n == m else one for m, one in enumerate(cell)))
    assert found(row, "embed", "only", tasks=True).outcome == "AllFailed"
