"""A process that is killed loses nothing for longer than its window, and frees nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from freetier.clock import SystemClock
from freetier.stores.open import open_store
from freetier.values.quota import Denied, Granted, Reservation
from tests.contract.store_places import SHARED, HandClock, place
from tests.contract.store_victims import HOUR, LEASE, charges
from tests.figures import Show

ROOT = Path(__file__).parents[2]
KILLS = 50


def _kill(url: str, file: Path) -> dict[str, set[str]]:
    """Kill the processes, and return the ids in their files by what was written."""
    subprocess.run(
        [sys.executable, "-m", "tests.contract.store_victims", url, str(file), str(KILLS)],
        cwd=ROOT,
        check=True,
        timeout=120,
    )
    written: dict[str, set[str]] = {"asks": set(), "got": set(), "gives": set(), "gave": set()}
    for line in file.read_text().splitlines():
        word, _, name = line.partition(" ")
        written[word].add(name)
    return written


@pytest.mark.parametrize("kind", SHARED)
def test_nothing_is_lost_or_admitted_twice_when_processes_are_killed(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, show: Show
) -> None:
    """The next process knows all that was granted; a window later all is free again."""
    with place(kind, request) as url:
        written = _kill(url, tmp_path / "book")
        store: Any = open_store(url, SystemClock()).sync
        requests, tokens, places = charges()
        held = _held(store, requests)

        least = len(written["got"] - written["gives"])
        most = len(written["asks"] - written["gave"])
        show(f"{kind}: {KILLS} kills, {least} to {most} requests are out, {held} are held")
        assert least <= held <= most
        assert most - least <= KILLS
        assert _held(store, tokens) == 9 * held

        tight = charges(ceiling=held + 5)
        answers = [store.reserve(Reservation(id=f"n{n}", charges=tight)) for n in range(20)]
        assert sum(isinstance(answer, Granted) for answer in answers) == 5
        now = store.now()
        store.close()

        assert _held(_at(url, now + LEASE + 120_000), places) == 0
        later = _at(url, now + HOUR + 15_000)
        assert [_held(later, one) for one in charges()] == [0, 0, 0]
        assert not isinstance(later.reserve(Reservation(id="x", charges=charges(1))), Denied)
        later.close()


def _held(store: Any, charge: Any) -> int:
    tally = store.survey([charge]).tallies[0]
    store.close()
    return int(tally.used + tally.reserved)


def _at(url: str, ms: int) -> Any:
    return open_store(url, HandClock(ms)).sync
