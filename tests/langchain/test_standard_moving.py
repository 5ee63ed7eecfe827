"""LangChain's standard integration tests pass although every turn goes to the other provider."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.langchain.stage import ALIAS, ENDED, Stage, moving
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
        self.scene = scene
        scene.books.clear()
        yield
        entries = scene.books.entries
        if request.node.stash[ENDED].passed and "model" in request.fixturenames:
            assert entries, "the test asked nobody"
        assert {entry.verdict for entry in entries} <= {"admitted"}
        at_once = request.node.name in {"test_batch", "test_abatch"}
        assert scene.turns.moved(entries, at_once=at_once)
        if at_once and scene.turns.total % 2:
            # Who is one behind has the next turn: even again, the two go on strictly in turn.
            scene.router.complete("One more.", model=ALIAS)
            scene.turns.total += 1
