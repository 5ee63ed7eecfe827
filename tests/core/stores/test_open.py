"""What a store's URL means, and what comes of it in both colours."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from freetier.clock import SystemClock
from freetier.errors import ConfigError
from freetier.stores.fallback import AsyncFallback, Fallback
from freetier.stores.memory import MemoryStore
from freetier.stores.open import open_store
from freetier.stores.sqlite import AsyncSqliteStore, SqliteStore
from freetier.stores.threaded import Threaded
from freetier.testing import VirtualClock


def test_memory_is_one_store_for_both_colours() -> None:
    """It never blocks, and is still good after it was closed."""
    for url in ("memory", "memory://"):
        opened = open_store(url, VirtualClock())
        assert isinstance(opened.sync, MemoryStore)
        assert opened.aio is opened.sync
        assert opened.keeps
        assert not opened.given


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///quota.db", "quota.db"),
        ("sqlite:///some/quota.db", "some/quota.db"),
        ("sqlite:////var/lib/quota.db", "/var/lib/quota.db"),
        ("sqlite:///~/quota.db", str(Path("~/quota.db").expanduser())),
    ],
)
def test_a_file_is_named_by_its_path(url: str, path: str) -> None:
    """Three slashes and a relative path, four and an absolute one; nothing is opened yet."""
    opened = open_store(url, VirtualClock())

    assert isinstance(opened.sync, SqliteStore)
    assert isinstance(opened.aio, AsyncSqliteStore)
    assert opened.sync.link.path == Path(path)
    assert not opened.keeps


@pytest.mark.parametrize(
    "url", ["sqlite:", "sqlite://quota.db", "sqlite:///", "sqlite:///:memory:"]
)
def test_a_file_without_a_path_is_an_error(url: str) -> None:
    """The message shows how it is written."""
    with pytest.raises(ConfigError, match=r"sqlite:///quota\.db"):
        open_store(url, VirtualClock())


def test_an_unknown_kind_is_an_error_that_lists_the_known_ones() -> None:
    """A typing error is told with what there is."""
    with pytest.raises(ConfigError, match=r"'sqlight'.* memory, sqlite, redis, .*postgresql"):
        open_store("sqlight:///quota.db", VirtualClock())


@pytest.mark.parametrize(
    ("url", "library", "extra"),
    [
        ("redis://127.0.0.1", "redis", "redis"),
        ("valkey://127.0.0.1", "redis", "redis"),
        ("postgresql://127.0.0.1/x", "psycopg", "postgres"),
    ],
)
def test_a_missing_extra_is_named(
    url: str, library: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has not installed it reads how to."""
    for name in [name for name in sys.modules if name.startswith(f"freetier.stores.{extra}")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(ConfigError, match=rf"pip install 'freetier\[{extra}\]'"):
        open_store(url, VirtualClock())


def test_a_server_judges_by_its_own_clock() -> None:
    """The machine's clock is not handed to it; a simulation's is."""
    real: Any = open_store("postgresql://127.0.0.1/x", SystemClock()).sync
    clock = VirtualClock()
    simulated: Any = open_store("postgresql://127.0.0.1/x", clock).sync

    assert real.clock is None
    assert simulated.clock is clock


def test_the_configured_fallback_stands_in_front_of_both_colours() -> None:
    """Both share one memory; a store in memory needs none."""
    opened = open_store("sqlite:///quota.db", VirtualClock(), "memory")

    assert isinstance(opened.sync, Fallback)
    assert isinstance(opened.aio, AsyncFallback)
    assert isinstance(open_store("memory", VirtualClock(), "memory").sync, MemoryStore)


def test_a_store_of_the_users_own_is_used_as_it_is() -> None:
    """A blocking one is awaited in threads, one with a twin by its twin; nobody closes it."""

    class Blocking(MemoryStore):
        blocking = True

    memory, blocking, file = MemoryStore(), Blocking(), SqliteStore("quota.db")
    for_tasks = file.aio()

    assert open_store(memory, VirtualClock()).aio is memory
    assert isinstance(open_store(blocking, VirtualClock()).aio, Threaded)
    assert isinstance(open_store(file, VirtualClock()).aio, AsyncSqliteStore)
    assert open_store(for_tasks, VirtualClock()).sync is None
    assert open_store(for_tasks, VirtualClock()).given
