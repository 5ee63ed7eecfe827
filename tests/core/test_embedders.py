"""Vectors by a function: a host of its own model, or one more host of a known one."""

from __future__ import annotations

import asyncio
import threading

import pytest

from freetier import AllFailed, ConfigError, Router
from freetier.testing import FakeModel, FakeProvider, Fleet, VirtualClock, faults
from freetier.testing.vectors import vector
from freetier.values.vectors import Embedder, Space

SIZE = 16


def numbers(texts: list[str]) -> list[list[float]]:
    """Return the vectors that the fakes make as well."""
    return [vector(text, SIZE) for text in texts]


async def asked(texts: list[str]) -> list[list[float]]:
    """Return the same later."""
    return numbers(texts)


def test_a_function_needs_no_account_and_no_network() -> None:
    """What it makes comes in the order of the texts, in a space of its own."""
    seen: list[int] = []

    def counted(texts: list[str]) -> list[list[float]]:
        seen.append(len(texts))
        return numbers(texts)

    router = Router(environ={}, embedders={"mine": Embedder(counted, batch_max=3)})
    found = router.embed([f"text {n}" for n in range(7)], model="mine")
    assert [tuple(one) for one in found.vectors] == [
        pytest.approx(tuple(vector(f"text {n}", SIZE))) for n in range(7)
    ]
    assert seen == [3, 3, 1]
    assert found.space == Space(model="mine", family="mine", dimensions=SIZE, normalised=True)
    assert found.reports[0].provider == "mine"
    assert found.reports[0].free


def test_a_task_does_not_hold_the_loop_up() -> None:
    """The function runs in a thread beside it."""
    threads: set[int] = set()

    def told(texts: list[str]) -> list[list[float]]:
        threads.add(threading.get_ident())
        return numbers(texts)

    async def ask() -> int:
        await Router(environ={}, embedders={"mine": told}).aembed("a", model="mine")
        return threading.get_ident()

    assert asyncio.run(ask()) not in threads


def test_it_stands_in_for_a_host_of_the_same_space() -> None:
    """Said to be the same model, it takes over when the host is down; else it never does."""
    fleet = Fleet(FakeProvider("north", "generic", models=[FakeModel("bge-m3", dimensions=SIZE)]))
    fleet.always("north", faults.Unreachable())
    clock = VirtualClock()
    config = {**fleet.config(), "strategy": "declared"}
    facts = {"id": "bge-m3", "dimensions": SIZE, "normalised": True}
    config["accounts"][0]["models"] = [facts]

    def made(**about: object) -> Router:
        own = {"local": Embedder(numbers, SIZE, True, **about)}  # type: ignore[arg-type]
        return Router(config, embedders=own, transport=fleet.transport(clock), clock=clock)

    found = made(model="bge-m3").embed("a", model="bge-m3")
    assert [report.provider for report in found.reports] == ["local"]
    with pytest.raises(AllFailed):
        made().embed("a", model="bge-m3", attempts=1, max_wait=0)


def test_an_alias_over_a_function_and_another_model_is_refused() -> None:
    """Before anything is sent."""
    fleet = Fleet(FakeProvider("north", "generic", models=[FakeModel("bge-m3", dimensions=SIZE)]))
    config = fleet.config()
    config["accounts"][0]["models"] = [{"id": "bge-m3", "dimensions": SIZE}]
    parts = {"embedders": {"mine": numbers}, "transport": fleet.transport(VirtualClock())}
    router = Router(config, **parts)
    assert router.embed("a", model="mine").reports[0].provider == "mine"
    assert len(router.embed("a", model="bge-m3").vectors) == 1
    with pytest.raises(ConfigError, match="'both' mixes vectors that cannot be compared"):
        Router(config, aliases={"both": ["mine", "bge-m3"]}, **parts)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda _texts: [[1.0]], "1 vectors came for 2 texts"),
        (lambda _texts: 1 / 0, "ZeroDivisionError"),
        (lambda _texts: [["x"], ["y"]], "could not convert"),
        (lambda _texts: [[float("nan")], [1.0]], "JSON compliant"),
    ],
)
def test_a_function_that_fails_is_told_like_a_host_that_fails(broken, why) -> None:
    """With what it raised."""
    clock = VirtualClock()
    router = Router(environ={}, embedders={"mine": broken}, clock=clock)
    with pytest.raises(AllFailed, match=why):
        router.embed(["a", "b"], model="mine", max_wait=0, attempts=1)


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"a/b": numbers}, "cannot be the name of a model"),
        ({"mine": 3}, "give a function of a list of texts"),
        ({"mine": asked}, "mine: give a plain function, .* this one is `async`"),
        ({"groq": numbers}, "an account or a provider has this name"),
    ],
)
def test_a_mistake_is_told_at_construction(own, why) -> None:
    """With the name."""
    with pytest.raises(ConfigError, match=why):
        Router(environ={"GROQ_API_KEY": "k"}, embedders=own)


def test_without_embedders_nobody_is_an_error_as_before() -> None:
    """An empty environment means nothing else."""
    with pytest.raises(ConfigError, match="no account"):
        Router(environ={})


def test_settings_beside_embedders_hold_without_any_account() -> None:
    """As an argument or in a mapping; and the function's name may be the default model."""
    for given in ({"max_wait": 3}, {}):
        router = Router(
            given,
            environ={},
            embedders={"mine": numbers},
            store="sqlite:///never-opened.db",
            default_embedding_model="mine",
        )
        assert router.setup.store.endswith("never-opened.db")
        assert router.setup.budgets.max_wait == given.get("max_wait", 61)
        assert router.space().model == "mine"


def test_aliases_may_lead_to_a_function() -> None:
    """A misspelt one is an error with the nearest name."""
    router = Router(environ={}, embedders={"mine": numbers}, aliases={"vectors": "mine"})
    assert len(router.embed(["a", "b"], model="vectors").vectors) == 2
    with pytest.raises(ConfigError, match=r"aliases.vectors\[0\]: .*did you mean 'mine'"):
        Router(environ={}, embedders={"mine": numbers}, aliases={"vectors": "mime"})
