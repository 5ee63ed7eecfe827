"""LangChain's standard integration tests pass against two providers over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.langchain.stage import Stage, stage
from tests.langchain.standards import Standards


@pytest.fixture(scope="module")
def scene() -> Iterator[Stage]:
    """Two providers that answer."""
    with stage() as scene:
        yield scene


@pytest.mark.usefixtures("_no_downloads")
class TestStandardPlain(Standards):
    @pytest.fixture(autouse=True)
    def _scene(self, scene: Stage) -> None:
        self.scene = scene
