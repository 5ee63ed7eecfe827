"""How often a provider in trouble is asked within one request, whatever it answers."""

from __future__ import annotations

import pytest

from freetier import Router
from freetier.errors import RouteError
from freetier.testing import FakeProvider, Fleet, VirtualClock, faults
from tests.core.routing.stage import Stage

BUSY, DOWN, AWAY = faults.Status(503), faults.Status(500), faults.Unreachable()


def _attempts(stage: Stage, model: str = "any") -> list[str]:
    with pytest.raises(RouteError) as caught:
        stage.clock.run(stage.router.acomplete("Hi", model=model, max_wait=0))
    return [attempt.candidate for attempt in caught.value.report.attempts]


@pytest.mark.parametrize("first", [BUSY, DOWN, AWAY])
@pytest.mark.parametrize("then", [BUSY, DOWN, AWAY])
def test_two_kinds_of_trouble_are_two(first: faults.Fault, then: faults.Fault) -> None:
    """A third account would meet one of them."""
    stage = Stage(providers={"alpha": 5})
    stage.fleet.script("alpha", [first] + [then] * 9)
    assert len(_attempts(stage)) == 2


def _router(fleet: Fleet, *models: str) -> Router:
    clock = VirtualClock()
    config = fleet.config() | {"aliases": [{"alias": "all", "models": [*models]}]}
    return Router(config, transport=fleet.transport(clock), clock=clock)


def test_a_busy_service_is_not_asked_with_every_model() -> None:
    """Groq's own words for it: two accounts met it, so that none is left."""
    fleet = Fleet(FakeProvider("groq", accounts=5))
    fleet.always("groq", faults.Status(503))
    with pytest.raises(RouteError) as caught:
        _router(fleet, "gpt-oss-120b", "gpt-oss-20b").complete("Hi", model="all", max_wait=0)
    assert len(caught.value.report.attempts) == 2


@pytest.mark.parametrize(("accounts", "most"), [(5, 3), (1, 2)])
def test_busy_models_are_left_once_neither_account_nor_model_helps(
    accounts: int, most: int
) -> None:
    """Gemini names the model; with one account its other models are still worth a try."""
    fleet = Fleet(FakeProvider("gemini", accounts=accounts))
    fleet.always("gemini", faults.Status(503))
    router = _router(fleet, "gemini/gemini-3.5-flash", "gemini/gemini-3.6-flash")
    with pytest.raises(RouteError) as caught:
        router.complete("Hi", model="all", max_wait=0)
    assert len(caught.value.report.attempts) == most
