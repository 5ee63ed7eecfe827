"""Notes of what happens, in slices of time; the providers' side is told by their own books."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from math import ceil

from freetier.testing.books import Books
from freetier.testing.simulation.outcome import AccountDay, Outcome
from freetier.testing.simulation.scenario import Scenario

OURS, OTHERS = True, False


class Series:
    """Figures by slice of time."""

    __slots__ = ("_step", "values")

    def __init__(self, seconds: float, step: float) -> None:
        self._step = step
        self.values = array("d", bytes(8 * (ceil(seconds / step) + 1)))

    def add(self, at: float, amount: float = 1.0) -> None:
        """Add to the slice that an instant lies in; what comes after the end to the last one."""
        place = min(int(at / self._step), len(self.values) - 1)
        self.values[place] += amount

    def put(self, at: float, value: float) -> None:
        """Replace the figure of a slice."""
        self.values[min(int(at / self._step), len(self.values) - 1)] = value


class Notes:
    """What is noted of one account."""

    __slots__ = ("calls", "failed", "left", "refused", "served", "tokens", "waited")

    def __init__(self, seconds: float, step: float) -> None:
        self.calls = Series(seconds, step)
        self.refused = Series(seconds, step)
        self.failed = Series(seconds, step)
        self.served = Series(seconds, step)
        self.tokens = Series(seconds, step)
        self.waited = Series(seconds, step)
        self.left = Series(seconds, step)


class Record(Books):
    """The books of a fleet that keep counts instead of entries, and the callers' own notes."""

    def __init__(self, scenario: Scenario, accounts: Iterable[str]) -> None:
        super().__init__()
        self._scenario = scenario
        self.whose = OURS
        seconds, step = scenario.seconds, scenario.step
        self.notes = {account: Notes(seconds, step) for account in accounts}
        self.offered = Series(seconds, step)
        self.told_no = Series(seconds, step)
        self.failed = Series(seconds, step)
        self.waits = array("d")
        self.latencies = array("d")
        self.services = array("d")
        self.told_after = array("d")
        self.errors: dict[str, int] = {}
        self.written = 0

    def write(self, **facts: object) -> int:
        """Count a request that reached a provider."""
        self.written += 1
        notes = self.notes.get(str(facts["account"]))
        if self.whose is OURS and notes is not None:
            at = float(facts["at"]) - self._scenario.start  # type: ignore[arg-type]
            notes.calls.add(at)
            if facts["verdict"] == "refused":
                notes.refused.add(at)
            elif facts["verdict"] != "admitted":
                notes.failed.add(at)
        return self.written - 1

    def amend(self, number: int, **facts: object) -> None:
        """Do nothing: how it went on is noted by the callers."""

    def outcome(self, seed: int, wall: float) -> Outcome:
        """Return everything as a value."""
        step = self._scenario.step
        return Outcome(
            scenario=self._scenario.name,
            seed=seed,
            seconds=self._scenario.seconds,
            step=step,
            offered=tuple(self.offered.values),
            told_no=tuple(self.told_no.values),
            failed=tuple(self.failed.values),
            waits=tuple(sorted(self.waits)),
            latencies=tuple(sorted(self.latencies)),
            services=tuple(sorted(self.services)),
            told_after=tuple(sorted(self.told_after)),
            errors=dict(sorted(self.errors.items())),
            accounts=tuple(_account(label, notes) for label, notes in self.notes.items()),
            wall=wall,
        )


def _account(label: str, notes: Notes) -> AccountDay:
    return AccountDay(
        account=label,
        calls=tuple(notes.calls.values),
        served=tuple(notes.served.values),
        refused=tuple(notes.refused.values),
        failed=tuple(notes.failed.values),
        tokens=tuple(notes.tokens.values),
        waited=tuple(notes.waited.values),
        left=tuple(notes.left.values),
    )
