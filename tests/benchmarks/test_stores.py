"""The benchmark of stores runs; what it measures is printed, not judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("stores.py")


def test_a_brief_run_measures_everything(show) -> None:
    """Every table has its rows, and every figure that was measured is above nothing."""
    done = subprocess.run(
        [sys.executable, PROGRAM, "--brief", "--json"], check=True, capture_output=True, text=True
    )
    tables = json.loads(done.stdout)
    rows = [row for table in tables.values() for row in table]
    assert [len(table) for table in tables.values()] == [4, 3, 3, 1]
    assert all(value > 0 for row in rows for value in row.values() if isinstance(value, float))
    for row in tables["One decision"]:
        show(f"decision, {row['accounts']}: ratio {row['ratio']}")
