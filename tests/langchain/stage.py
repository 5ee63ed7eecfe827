"""A fleet on loopback, a router over it, and the standard flags of the model in front."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from freetier import Router
from freetier.testing import Books, FakeProvider, Fleet, VirtualClock, faults
from freetier.testing.books import Entry
from freetier_langchain import FreeTierChatModel

ENDED = pytest.StashKey[pytest.TestReport]()
"""How a test ended, for fixtures that look at the books afterwards."""

ALIAS, MODEL, OTHER_MODEL = "fleet", "small-1", "small-2"
NORTH, SOUTH = "north", "south"
CAPABILITIES = [
    "tools", "tool_choice", "parallel_tools", "json_object", "json_schema", "schema_with_tools",
    "vision", "audio", "files",
]  # fmt: skip


class Turns:
    """Who was asked last within a test: each call goes to somebody else than the one before.

    Turns are taken by model.
    """

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def moved(self, entries: Iterable[Entry], *, at_once: bool = False) -> bool:
        """Tell whether every one of these calls moved, and remember the last.

        Calls that were made at once are no turns of a conversation: threads that choose in the
        same instant may choose the same.
        """
        asked = [*entries]
        if at_once:
            return len(asked) > 1
        for entry in asked:
            if self._last.get(entry.model) == entry.provider:
                return False
            self._last[entry.model] = entry.provider
        return True


@dataclass(frozen=True)
class Stage:
    """Two providers of the same models, one account each, and a router that knows them."""

    fleet: Fleet
    router: Router
    turns: Turns = field(default_factory=Turns)

    @property
    def books(self) -> Books:
        """What came, and what became of it."""
        return self.fleet.books


def configuration(
    fleet: Fleet,
    *,
    capabilities: list[str] = CAPABILITIES,
    limits: bool = False,
    **fields: Any,
) -> dict[str, Any]:
    """Return a fleet's configuration: one alias has all providers, which can do everything."""
    config = fleet.config(limits=limits)
    for account in config["accounts"]:
        account["capabilities"] = capabilities
    ladder = [{"provider": name, "model": MODEL} for name in fleet.providers]
    return {**config, "models": [{"alias": ALIAS, "models": ladder}], **fields}


def two_providers(**told: Any) -> Fleet:
    """Return a fleet of two providers that have the same models."""
    return Fleet(provider(NORTH, **told), provider(SOUTH, **told))


def provider(name: str, **told: Any) -> FakeProvider:
    """Return a provider of both models."""
    return FakeProvider(name, models=[MODEL, OTHER_MODEL], **told)


@contextmanager
def stage(**fields: Any) -> Iterator[Stage]:
    """Serve two providers over HTTP, with a router over both."""
    with two_providers() as fleet, Router(**configuration(fleet, **fields)) as router:
        yield Stage(fleet, router)


@contextmanager
def failing_over() -> Iterator[Stage]:
    """Serve two providers, of which the first refuses every request without being left alone."""
    with stage(strategy="declared") as scene:
        scene.fleet.always(NORTH, faults.Status(413))
        yield scene


@contextmanager
def moving() -> Iterator[Stage]:
    """Serve two providers that take turns, so that no conversation stays where it was."""
    with stage(strategy="round-robin") as scene:
        yield scene


def offline(fleet: Fleet, **fields: Any) -> FreeTierChatModel:
    """Return a model over a fleet without sockets, on a clock that jumps."""
    clock = VirtualClock()
    config = configuration(fleet, **{"strategy": "declared", **fields})
    router = Router(**config, transport=fleet.transport(clock), clock=clock)
    return FreeTierChatModel(model=ALIAS, router=router)
