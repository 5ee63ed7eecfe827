"""The list of skips is kept, also over several processes, and what tests show is printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.skips import differences, listed

TESTS = Path(__file__).parent
SKIPPING = '''"""One test of each kind."""
import pytest

def test_passes(): ...

@pytest.mark.skip(reason="not here")
def test_skips(): ...

def test_shows(show): show("so many apples")
'''
CONFTEST = '''"""The plugins under test, as the suite's own conftest registers them."""
from tests.figures import FigurePrinter, show
from tests.skips import SkipCheck, listed

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(FigurePrinter())
        config.pluginmanager.register(SkipCheck(listed({listing!r})))
'''


def test_a_line_of_the_list_is_a_test_and_a_reason() -> None:
    """Comments and empty lines do not count."""
    assert listed("# why\n\ntests/a.py::test_b[x:y]: no such server\n") == {
        "tests/a.py::test_b[x:y]": "no such server"
    }


def test_a_line_without_a_reason_is_refused() -> None:
    """Nobody may list a test without saying why."""
    with pytest.raises(ValueError, match="no reason"):
        listed("tests/a.py::test_b")


def test_both_kinds_of_difference_are_said() -> None:
    """A new skip and a listed test that ran are both findings."""
    assert differences({"a", "b"}, {"b", "c"}) == [
        "skipped, but not listed: a",
        "listed, but not skipped: c",
    ]


@pytest.mark.parametrize(
    ("processes", "listing", "status"),
    [
        ("2", "test_a.py::test_skips: a trial", 0),
        ("2", "test_a.py::test_passes: stale", 1),
        ("0", "", 1),
    ],
)
def test_a_run_with_other_skips_than_listed_fails(
    tmp_path: Path, processes: str, listing: str, status: int
) -> None:
    """The plugin decides the exit status of a real run, in one process and in two."""
    (tmp_path / "test_a.py").write_text(SKIPPING, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(CONFTEST.format(listing=listing), encoding="utf-8")
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--rootdir={tmp_path}"]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # other plugins take seconds

    run = subprocess.run(
        [
            *words,
            "-p",
            "xdist",
            "-n",
            processes,
            "-c",
            "/dev/null",
            "-o",
            f"pythonpath={TESTS.parent}",
            tmp_path,
        ],
        env=alone,
        check=False,
        capture_output=True,
        text=True,
    )

    assert run.returncode == status, run.stdout
    assert ("what skipped is not what skips.txt says" in run.stdout) == bool(status)
    assert "test_a.py::test_shows\nso many apples" in run.stdout
