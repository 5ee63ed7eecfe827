"""A notebook's work over five limited accounts, twice: in true minutes, and over sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from freetier import Router
from freetier.testing import VirtualClock
from freetier.testing.loop import VirtualLoop
from tests.figures import Show
from tests.llamaindex.notebook import Figures, Notebook, fleet_of_five, measured

NODES, QUESTIONS = 200, 20
MINUTE = 60.0


class SecondLoop(VirtualLoop):
    """The loop that LlamaIndex starts in another thread while the notebook's is held up."""

    def run_until_complete(self, future: Any) -> Any:
        """Run on the clock, whose time stands still meanwhile unless it is slept in."""
        with self.clock.hold():
            return super().run_until_complete(future)


def assert_all_is_well(figures: Figures, notebook: Notebook) -> None:
    """Check what both runs have to come to, by the fleet's books and by the routes."""
    assert figures.nodes == len(notebook.notes)
    assert len(figures.answers) == len(notebook.questions)
    assert all(answer.startswith("This is a fake answer") for answer in figures.answers)
    assert (figures.refused, figures.failed) == (0, 0)
    assert figures.admitted == {
        account: sum(route.account == account for route in figures.routes)
        for account in figures.admitted
    }
    assert len(figures.routes) == figures.admitted.total()
    assert None not in {route.provider for route in figures.routes}


def test_true_minutes_are_waited_for(monkeypatch: pytest.MonkeyPatch, show: Show) -> None:
    """400 extractions, 200 vectors and 20 questions: nothing refused, nothing given up."""
    clock = VirtualClock()
    monkeypatch.setattr(asyncio, "new_event_loop", lambda: SecondLoop(clock))
    fleet = fleet_of_five(MINUTE)
    router = Router(fleet.config(limits=True), transport=fleet.transport(clock), clock=clock)
    notebook = Notebook(router, nodes=NODES, questions=QUESTIONS)

    for synchronous in (True, False):
        work: Coroutine[Any, Any, Figures] = measured(
            notebook, fleet, clock.monotonic, synchronous=synchronous, aside=clock.away
        )
        figures = clock.run(work)
        show(str(figures))
        assert_all_is_well(figures, notebook)
        assert figures.seconds > 5 * MINUTE


def test_sockets_outlive_their_loops() -> None:
    """The same models in one loop after the other, and in LlamaIndex's own in between."""
    with fleet_of_five(MINUTE, busy=False) as fleet, Router(fleet.config(limits=True)) as router:
        notebook = Notebook(router, nodes=40, questions=8)
        for synchronous in (True, False, True):
            work = measured(notebook, fleet, time.monotonic, synchronous=synchronous)
            assert_all_is_well(asyncio.run(work), notebook)
