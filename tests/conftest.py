"""What every test gets: real servers on demand, no way out of this machine, no real sleep."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from tests import servers
from tests.figures import FigurePrinter, show
from tests.order import slowest_files_first
from tests.skips import LIST, SkipCheck, listed

__all__ = ["show"]

ROOT = Path(__file__).parent
UNIT_TESTS = tuple(ROOT / name for name in ("architecture", "core", "simulation"))

# Time limits would make the properties depend on the machine; `make generated` looks further.
settings.register_profile("default", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("full", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--skips-listed` and `--whole`."""
    parser.addoption(
        "--whole",
        action="store_true",
        help="run also those tests of the local model that take long",
    )
    parser.addoption(
        "--skips-listed",
        action="store_true",
        help=f"fail when the tests that skip are not those of {LIST.name}",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Print what tests show, and watch what skips if asked to; workers only report."""
    if hasattr(config, "workerinput"):
        return
    config.pluginmanager.register(FigurePrinter())
    if config.getoption("--skips-listed"):
        config.pluginmanager.register(SkipCheck(listed(LIST.read_text(encoding="utf-8"))))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the slowest files of a run over several processes begin."""
    if hasattr(config, "workerinput"):
        slowest_files_first(items, ROOT)


_sleep = time.sleep


@pytest.fixture(autouse=True)
def _no_real_sleep(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    is_unit_test = any(request.path.is_relative_to(folder) for folder in UNIT_TESTS)
    if is_unit_test and not request.node.get_closest_marker("real_sleep"):
        monkeypatch.setattr(time, "sleep", _refuse_to_sleep)


def _refuse_to_sleep(seconds: float) -> None:
    caller = sys._getframe(1).f_globals.get("__name__")
    if caller == "subprocess":  # on a busy machine a program is not over when its output is
        _sleep(seconds)
        return
    raise AssertionError(f"a unit test slept {seconds} s for real; give it a virtual clock")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis or Valkey for the whole run; each test uses keys of its own."""
    yield from _serve(servers.redis_server())


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL for the whole run; each test uses names of its own."""
    yield from _serve(servers.postgres_server())


def _serve(server: AbstractContextManager[str]) -> Iterator[str]:
    with ExitStack() as running:
        try:
            url = running.enter_context(server)
        except servers.Unavailable as reason:
            if os.environ.get("CI"):
                pytest.fail(f"in CI no store test may skip: {reason}", pytrace=False)
            pytest.skip(str(reason))
        yield url
