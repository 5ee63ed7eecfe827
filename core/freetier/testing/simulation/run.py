"""Running a scenario: the real flow, dialects and stores against fake providers, in no time."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from freetier import overrides
from freetier.engine import Engine
from freetier.errors import QuotaExhausted, RouteError
from freetier.parts import Parts
from freetier.recipes import Recipe
from freetier.routing.flow import travel
from freetier.routing.world import Trip
from freetier.stores.memory import MemoryStore
from freetier.testing.fleet import Fleet
from freetier.testing.provider import FakeProvider
from freetier.testing.simulation.driver import StageDriver
from freetier.testing.simulation.fleet import config_of, fleet_of, prompt, transits
from freetier.testing.simulation.line import Line
from freetier.testing.simulation.outcome import Outcome
from freetier.testing.simulation.record import Record
from freetier.testing.simulation.scenario import Change, Scenario
from freetier.testing.simulation.stage import Stage
from freetier.testing.simulation.strangers import let_in
from freetier.testing.simulation.traffic import Caller, callers
from freetier.values.chat import ChatRequest, Message
from freetier.values.options import RouteOptions
from freetier.values.reports import Completion


def simulate(scenario: Scenario, *, seed: int = 0) -> Outcome:
    """Run a scenario in virtual time and return what came of it.

    Requests go through the router's own flow, dialects and stores; the providers are those
    of `freetier.testing` and keep their own limits by their own clocks. The same scenario
    and seed give the same outcome, but for `wall`.

    Args:
        scenario: What is simulated; `read_scenario` reads one from a file.
        seed: Of everything that chance decides.

    Raises:
        ConfigError: The router's fields cannot be used.
        ValueError: Limits that the router is to be told and that no configuration can say.
    """
    began = time.perf_counter()
    fleet, stage = fleet_of(scenario, seed), Stage(scenario.start)
    labels = [label for p in fleet.providers.values() for label in p.register.accounts]
    record = Record(scenario, labels)
    for provider in fleet.providers.values():
        provider.join(record, fleet.rules)
    with _routers(scenario, fleet, stage, seed) as routers:
        play = Play(scenario, stage, routers, record, seed)
        let_in(scenario, fleet, stage, record, seed)
        _watch(scenario, fleet, stage, record)
        play.begin()
        with _few_collections():
            stage.run()
    return record.outcome(seed, time.perf_counter() - began)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Let the garbage collector look less often: there are few cycles and many values."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class Caretaker:
    """One router on the stage."""

    def __init__(self, engine: Engine, driver: StageDriver) -> None:
        self.engine = engine
        self.driver = driver
        self.world = replace(engine.world, is_heard=False)
        self.options = overrides.defaults(engine.setup)


@contextmanager
def _routers(
    scenario: Scenario, fleet: Fleet, stage: Stage, seed: int
) -> Iterator[list[Caretaker]]:
    """Lend as many routers as there are processes, over one store."""
    with tempfile.TemporaryDirectory() as folder:
        config: Mapping[str, Any] = config_of(scenario, fleet)
        if scenario.store == "sqlite":
            config = {**config, "store": f"sqlite:///{Path(folder) / 'quota.db'}"}
        memory = MemoryStore(stage) if scenario.store == "memory" else None
        homes = {_origin(fleet.url(name)): p for name, p in fleet.providers.items()}
        line = Line(stage, homes, transits(scenario), seed)
        made = []
        for process in range(scenario.processes):
            setup = Recipe(config=config, fields={}, environ={}).setup()
            parts = Parts(store=memory, clock=stage, seed=seed * 1000 + process)
            engine = Engine(setup, parts)
            store = engine.store.sync
            if store is None:
                raise ValueError("a simulation needs a store that threads can use")
            made.append(Caretaker(engine, StageDriver(stage, store, line, engine.shared)))
        try:
            yield made
        finally:
            for one in made:
                one.engine.close()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _watch(scenario: Scenario, fleet: Fleet, stage: Stage, record: Record) -> None:
    """Look at what is left at the end of each slice, and change limits when it is time."""
    places = [
        (provider, account, record.notes[account.label].left, supply.model)
        for supply in scenario.supplies
        for provider in [fleet.providers[supply.name]]
        for account in provider.register.accounts.values()
    ]

    def look() -> None:
        for provider, account, left, model in places:
            left.put(stage.elapsed - scenario.step / 2, provider.left(account, model, stage.now()))
        if stage.elapsed + scenario.step <= scenario.seconds:
            stage.after(scenario.step, look)

    stage.after(scenario.step, look)
    for supply in scenario.supplies:
        for change in supply.changes:
            _plan(stage, fleet.providers[supply.name], change)


def _plan(stage: Stage, provider: FakeProvider, change: Change) -> None:
    stage.at(change.at, lambda: provider.change(change.limits, stage.now()))


class Play:
    """The callers, one after the other."""

    def __init__(
        self,
        scenario: Scenario,
        stage: Stage,
        routers: list[Caretaker],
        record: Record,
        seed: int,
    ) -> None:
        self._stage = stage
        self._routers = routers
        self._record = record
        self._stream = scenario.traffic.stream
        self._coming = callers(scenario.traffic, scenario.seconds, seed)
        self._turn = 0
        self._options: dict[tuple[int, float], RouteOptions] = {}

    def begin(self) -> None:
        """Let the first one come; each calls the next."""
        caller = next(self._coming, None)
        if caller is not None:
            self._stage.at(caller.at, lambda: self._come(caller))

    def _come(self, caller: Caller) -> None:
        self.begin()
        place = self._turn = (self._turn + 1) % len(self._routers)
        router = self._routers[place]
        options = self._options.get((place, caller.patience))
        if options is None:
            options = overrides.overridden(router.options, {"max_wait": caller.patience})
            self._options[place, caller.patience] = options
        text = prompt(caller.prompt, caller.output)
        request = ChatRequest(
            messages=(Message(role="user", content=text),), max_tokens=caller.max_tokens
        )
        engine, record, stage = router.engine, self._record, self._stage
        record.offered.add(caller.at)
        trip = Trip(engine.job(request, options, stream=self._stream), router.world)

        def end(result: Completion | RouteError) -> None:
            if isinstance(result, Completion):
                _served(record, result, caller, stage.elapsed)
            else:
                _unserved(record, result, caller, stage.elapsed)

        router.driver.start(travel(trip), end)


def _served(record: Record, done: Completion, caller: Caller, now: float) -> None:
    report = done.report
    notes = record.notes[report.account or ""]
    last = report.attempts[-1]
    at = caller.at + last.started_at
    notes.served.add(at)
    notes.waited.add(at, report.waited)
    if report.usage is not None:
        notes.tokens.add(at, report.usage.total_tokens)
    record.waits.append(report.waited)
    record.latencies.append(now - caller.at)
    record.services.append(last.ended_at - last.started_at)


def _unserved(record: Record, error: RouteError, caller: Caller, now: float) -> None:
    name = type(error).__name__
    record.errors[name] = record.errors.get(name, 0) + 1
    if isinstance(error, QuotaExhausted):
        record.told_no.add(caller.at)
        record.told_after.append(now - caller.at)
    else:
        record.failed.add(caller.at)
