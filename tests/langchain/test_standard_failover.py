"""LangChain's standard integration tests pass although every call has to fail over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.langchain.stage import ENDED, NORTH, SOUTH, Stage, failing_over
from tests.langchain.standards import Standards


@pytest.fixture(scope="module")
def scene() -> Iterator[Stage]:
    """Two providers, of which the first refuses every request."""
    with failing_over() as scene:
        yield scene


@pytest.mark.usefixtures("_no_downloads")
class TestStandardFailover(Standards):
    @pytest.fixture(autouse=True)
    def _scene(self, scene: Stage, request: pytest.FixtureRequest) -> Iterator[None]:
        self.scene = scene
        scene.books.clear()
        yield
        entries = scene.books.entries
        if request.node.stash[ENDED].passed and "model" in request.fixturenames:
            assert entries, "the test asked nobody"
        failed = [entry for entry in entries if entry.verdict == "failed"]
        answered = [entry for entry in entries if entry.verdict == "admitted"]
        assert {entry.provider for entry in failed} <= {NORTH}
        assert {entry.provider for entry in answered} <= {SOUTH}
        assert len(failed) == len(answered) == len(entries) / 2
