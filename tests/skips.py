"""The list of tests that may skip, and the check that no other does.

`skips.txt` holds one test a line, `its id: the reason`. With `--skips-listed`, as in CI,
a run of the whole suite fails when what skipped differs from the list.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("skips.txt")


def listed(text: str) -> dict[str, str]:
    """Read the list: the reason by the test's id.

    Raises:
        ValueError: A line has no reason.
    """
    lines = [line.strip() for line in text.splitlines()]
    entries = [line.partition(": ") for line in lines if line and not line.startswith("#")]
    for test, _, reason in entries:
        if not reason.strip():
            raise ValueError(f"no reason: {test}")
    return {test: reason.strip() for test, _, reason in entries}


def differences(skipped: Collection[str], allowed: Collection[str]) -> list[str]:
    """Say which tests skipped unannounced, and which announced ones did not skip."""
    unannounced = [f"skipped, but not listed: {test}" for test in skipped if test not in allowed]
    stale = [f"listed, but not skipped: {test}" for test in allowed if test not in skipped]
    return sorted(unannounced) + sorted(stale)


class SkipCheck:
    """A plugin that notes what skips and compares it with the list at the end."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = allowed
        self._skipped: set[str] = set()
        self._differences: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that skipped or was expected to fail."""
        if report.skipped:
            self._skipped.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a whole module that skipped."""
        if report.skipped:
            self._skipped.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that came to its end if there is a difference."""
        if session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
            self._differences = differences(self._skipped, self._allowed)
        if self._differences:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the differences."""
        if self._differences:
            terminalreporter.section(f"what skipped is not what {LIST.name} says", red=True)
            for line in self._differences:
                terminalreporter.write_line(line)
