"""Two processes of two frameworks on one SQLite file take exactly what there is."""

from __future__ import annotations

from pathlib import Path

from tests.figures import Show
from tests.together.shared_store import A_DAY, ACCOUNTS, ASKED, PROGRAMS, shared


def test_two_processes_share_one_quota(tmp_path: Path, show: Show) -> None:
    """Nobody is refused, everything is used, and the store has what the providers have."""
    found = shared(tmp_path)
    show(f"{found.told}")

    assert found.refused == 0
    assert found.admitted == found.counted
    assert set(found.admitted.values()) == {A_DAY}
    assert sum(told["answered"] for told in found.told.values()) == A_DAY * ACCOUNTS
    assert [sum(found.told[name].values()) for name in PROGRAMS] == [ASKED, ASKED]
    assert all(told["answered"] for told in found.told.values())
