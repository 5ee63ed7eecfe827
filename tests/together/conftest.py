"""LangChain and LlamaIndex side by side; LlamaIndex's own warnings are passed over."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.llamaindex.conftest import NOT_OURS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder pass over the warnings of LlamaIndex's own making."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for warning in NOT_OURS:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(scope="module", autouse=True)
def _collected() -> Iterator[None]:
    """Collect what a module leaves behind while its warnings are still passed over."""
    yield
    gc.collect()
