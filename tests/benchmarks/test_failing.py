"""The benchmark of failing over and waiting runs; what it measures is printed."""

from __future__ import annotations

from tests.benchmarks.failing import MOST_MB, WAITERS, failover_table, waiting


def test_fail_overs_are_measured(show) -> None:
    """Both ways; the times are printed, not judged."""
    rows = failover_table(5)
    assert [row["median µs"] > 0 for row in rows] == [True, True]
    for row in rows:
        show(f"{row['fail-over']}: {row['median µs']} µs of CPU")


def test_waiters_are_served_in_order_and_are_small(show) -> None:
    """A few hundred of them, at the rate that ten thousand may cost."""
    row = waiting(400)
    show(f"{row['waiters']} waiters: {row['kB each']} kB each")
    assert row["in order"] is True
    # Ten thousand take a little more each.
    assert row["kB each"] * WAITERS / 1000 < 0.97 * MOST_MB
