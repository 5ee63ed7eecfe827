"""Which files begin when several processes share the suite: those that take longest.

A file is handed out whole, so a long one that comes last is what everybody waits for.
"""

from __future__ import annotations

from pathlib import Path

import pytest

SLOWEST = (
    "notebooks/test_notebooks.py",
    "core/demo/test_run.py",
    "contract/test_chaos.py",
    "langchain/test_standard_local.py",
    "contract/test_machines.py",
    "contract/test_walking_away.py",
    "benchmarks/test_stores.py",
    "contract/test_store_machine.py",
    "core/demo/test_parts.py",
    "contract/test_store_hammer.py",
    "core/local/test_wheel.py",
    "contract/test_redis.py",
    "core/local/test_server.py",
    "architecture/test_installed.py",
    "llamaindex/test_settings.py",
    "contract/test_two_hosts.py",
    "contract/test_store_kills.py",
    "simulation/test_day.py",
    "test_skips.py",
)
"""Files with more than ten seconds, the longest first (`--durations=0`)."""


def slowest_files_first(items: list[pytest.Item], root: Path) -> None:
    """Move the tests of the slowest files to the front; the order stays as it is otherwise."""
    places = {root / name: at for at, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
