"""LangChain's standard integration tests pass although every turn goes to the other provider."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from freetier import Router
from tests.langchain.stage import ENDED, Stage, configuration, moving
from tests.langchain.standards import Standards


@pytest.fixture(scope="module")
def scene() -> Iterator[Stage]:
    """Two providers that take turns."""
    with moving() as scene:
        yield scene


@pytest.mark.usefixtures("_no_downloads")
class TestStandardMoving(Standards):
    @pytest.fixture(autouse=True)
    def _scene(self, scene: Stage, request: pytest.FixtureRequest) -> Iterator[None]:
        # A router for each test: calls at once may leave the turns of the next one uneven.
        with Router(**configuration(scene.fleet, strategy="round-robin")) as router:
            self.scene = scene = Stage(scene.fleet, router)
            scene.books.clear()
            yield
        entries = scene.books.entries
        if request.node.stash[ENDED].passed and "model" in request.fixturenames:
            assert entries, "the test asked nobody"
        assert {entry.verdict for entry in entries} <= {"admitted"}
        at_once = request.node.name in {"test_batch", "test_abatch"}
        assert scene.turns.moved(entries, at_once=at_once)
