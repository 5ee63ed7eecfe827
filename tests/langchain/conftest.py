"""What LangChain's standard tests need to run without a network, and how a test ended."""

from __future__ import annotations

from collections.abc import Generator
from types import SimpleNamespace

import pytest

from tests.langchain import leaving_out
from tests.langchain.stage import ENDED

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def _no_downloads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the standard media tests have their files from here."""
    monkeypatch.setenv("LANGCHAIN_TESTS_USER_AGENT", "asked for, and never sent")
    monkeypatch.setattr(
        "langchain_tests.integration_tests.chat_models.httpx.get",
        lambda *_, **__: SimpleNamespace(content=PICTURE),
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the small local model is not asked."""
    entries = leaving_out.listed(leaving_out.LIST.read_text(encoding="utf-8"))
    whole = config.getoption("--whole")
    left_out = [
        item
        for item in items
        if item.path.name == leaving_out.FILE
        and leaving_out.is_left_out(item.name, entries, whole=whole)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep how a test ended, for fixtures that check the books afterwards."""
    report = yield
    if report.when == "call":
        item.stash[ENDED] = report
    return report
