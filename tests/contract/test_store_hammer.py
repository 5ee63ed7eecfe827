"""Admitted equals the limit, whoever asks: the promise, under 32 threads of 8 processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from freetier.clock import SystemClock
from freetier.stores.open import open_store
from tests.contract.store_hammer import Asked, account_wide, hammer
from tests.contract.store_places import SHARED, place
from tests.contract.store_verdicts import judge, table
from tests.figures import Show

SECONDS = 4.6  # three windows and a bit


def _hammered(url: str, folder: Path) -> tuple[list[Asked], float, float]:
    asked = hammer(url, folder, SECONDS)
    begin = min(one.before for one in asked)
    return asked, begin, begin + SECONDS


@pytest.mark.parametrize("kind", SHARED)
def test_admitted_is_the_limit_in_every_window(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, show: Show
) -> None:
    """Each limit is asked for three times over, and lets in what it says: no more, no less."""
    with place(kind, request) as url:
        asked, begin, end = _hammered(url, tmp_path)
        verdicts = judge(asked, begin, end)
        show(table(kind, verdicts))

        assert [one.wrong for one in verdicts] == [""] * 4
        store = open_store(url, SystemClock()).sync
        assert store is not None
        tally = store.survey([account_wide()]).tallies[0]
        assert tally.used + tally.reserved == sum(one.fate == "sent" for one in asked)
        store.close()


def test_a_store_that_checks_first_and_acts_later_is_caught(tmp_path: Path, show: Show) -> None:
    """The same test on the mistake that every comparable library makes finds it."""
    asked, begin, end = _hammered(f"careless:{tmp_path / 'quota.db'}", tmp_path)
    verdicts = judge(asked, begin, end)
    show(table("check, then act", verdicts))

    for one in verdicts[:2]:
        assert one.wrong
        assert max(one.admitted) > max(one.wanted)
