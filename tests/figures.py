"""Figures that a test wants people to see: printed at the end of the run, whoever ran the test.

A test takes the fixture `show` and calls it with lines of text. They travel with its report,
so that they arrive also from the processes of a run over several cores.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

FIGURES = "figures"

Show = Callable[[str], None]


@pytest.fixture
def show(request: pytest.FixtureRequest) -> Show:
    """Return a function that takes lines to be printed at the end of the run."""

    def shown(text: str) -> None:
        request.node.user_properties.append((FIGURES, text.strip("\n")))

    return shown


class FigurePrinter:
    """A plugin that gathers what tests show and prints it by test, in the order of their names."""

    def __init__(self) -> None:
        self._shown: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what a test has shown until its end."""
        texts = [str(text) for name, text in report.user_properties if name == FIGURES]
        if report.when == "teardown" and texts:
            self._shown[report.nodeid] = texts

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print everything."""
        if self._shown:
            terminalreporter.section("what tests found")
        for test in sorted(self._shown):
            terminalreporter.write_line(test)
            for text in self._shown[test]:
                terminalreporter.write_line(text)
