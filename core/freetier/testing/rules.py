"""When which fault happens: by call, by time, or by chance."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from freetier.testing.faults import Fault, Ok

OK = Ok()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where a rule looks: any field left empty means every one."""

    provider: str | None = None
    account: str | None = None
    model: str | None = None

    def holds(self, provider: str, account: str, model: str) -> bool:
        """Return whether a call lies in this scene."""
        return (
            self.provider in {None, provider}
            and self.account in {None, account}
            and self.model in {None, model}
        )


class Rule(Protocol):
    """Says what happens to one call after the other in its scene."""

    scene: Scene

    def next(self, at: float) -> Fault:
        """Return the fault of the call that comes at `at`."""


@dataclass(slots=True)
class Script:
    """One fault after the other, or by the number of the call (from 1); then none."""

    scene: Scene
    faults: Mapping[int, Fault]
    calls: int = 0

    def next(self, at: float) -> Fault:  # noqa: ARG002
        """Return the fault of the next call."""
        self.calls += 1
        return self.faults.get(self.calls, OK)


@dataclass(slots=True)
class Outage:
    """The same fault for every call from `since` until before `until`."""

    scene: Scene
    since: float
    until: float
    fault: Fault

    def next(self, at: float) -> Fault:
        """Return the fault while the outage lasts."""
        return self.fault if self.since <= at < self.until else OK


@dataclass(slots=True)
class Chance:
    """The same fault with a probability; the same seed gives the same calls."""

    scene: Scene
    probability: float
    fault: Fault
    seed: int = 0
    dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Take the dice."""
        self.dice = random.Random(self.seed)  # noqa: S311 - repeatable on purpose

    def next(self, at: float) -> Fault:  # noqa: ARG002
        """Throw the dice."""
        return self.fault if self.dice.random() < self.probability else OK


def by_call(faults: Sequence[Fault] | Mapping[int, Fault]) -> Mapping[int, Fault]:
    """Return the faults by the number of the call."""
    return faults if isinstance(faults, Mapping) else dict(enumerate(faults, start=1))


class Rules:
    """All rules of a fleet; the first that has a fault for a call wins.

    Every rule of a call's scene is asked, so that numbers and dice do not depend on the
    other rules.
    """

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(self, rule: Rule) -> None:
        """Append a rule."""
        with self._lock:
            self._rules.append(rule)

    def remove(self, rule: Rule) -> None:
        """Take a rule out again."""
        with self._lock:
            self._rules.remove(rule)

    def clear(self) -> None:
        """Let everything go well from now on."""
        with self._lock:
            self._rules.clear()

    def fault(
        self, provider: str, account: str, model: str, at: float, *, listing: bool = False
    ) -> Fault:
        """Return what happens to a call; a list of models is no call, only outages hit it."""
        if not self._rules:
            return OK
        with self._lock:
            rules = [r for r in self._rules if not listing or isinstance(r, Outage)]
            faults = [r.next(at) for r in rules if r.scene.holds(provider, account, model)]
        return next((fault for fault in faults if not isinstance(fault, Ok)), OK)
