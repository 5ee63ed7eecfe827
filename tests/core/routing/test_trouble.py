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


def _busy(accounts: int) -> Fleet:
    """Return a provider whose 503 names no model."""
    return Fleet(FakeProvider("acme", "generic", accounts=accounts, models=["m", "n"]))


WORDS = {"error": {"message": "Service unavailable"}}


def test_a_busy_service_is_not_asked_with_every_model() -> None:
    """Two attempts met it, so that none is left."""
    fleet = _busy(5)
    fleet.always("acme", faults.Status(503, WORDS))
    with pytest.raises(RouteError) as caught:
        _router(fleet, "acme/m", "acme/n").complete("Hi", model="all", max_wait=0)
    assert len(caught.value.report.attempts) == 2


def test_the_one_account_of_a_busy_service_is_asked_for_another_model() -> None:
    """Nothing else is left, and that is the second attempt."""
    fleet = _busy(1)
    fleet.script("acme", [faults.Status(503, WORDS)])
    found = _router(fleet, "acme/m", "acme/n").complete("Hi", model="all", max_wait=0)
    assert [attempt.model for attempt in found.report.attempts] == ["m", "n"]


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
