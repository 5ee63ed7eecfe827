"""What the tests of the demo need besides fronts: a listening pair of frameworks, the extra."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Never

import pytest

from freetier.local import missing_parts

# What LlamaIndex does to its own libraries; neither can be helped from outside.
NOT_OURS = (
    "ignore::pydantic.warnings.PydanticDeprecatedSince20",
    "ignore:.*aiosqlite:ResourceWarning",
)


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


def missing(reason: str) -> Never:
    """Skip with the reason; in CI, fail with it."""
    if os.environ.get("CI"):
        pytest.fail(f"in CI no test of the demo may skip: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def extra() -> None:
    """The extra `local` is installed."""
    parts = [part for part in missing_parts() if not part.comes_by_itself]
    if parts:
        missing(f"no {', '.join(part.name for part in parts)}; to get it: {parts[0].remedy}")
