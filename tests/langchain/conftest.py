"""What LangChain's standard tests need to run without a network, and how a test ended."""

from __future__ import annotations

from collections.abc import Generator
from types import SimpleNamespace

import pytest

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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep how a test ended, for fixtures that check the books afterwards."""
    report = yield
    if report.when == "call":
        item.stash[ENDED] = report
    return report
