"""A virtual week in the suite; `make endurance` runs a real hour."""

from __future__ import annotations

from tests.endurance import VIRTUAL_WEEK, Found, Sample, virtual
from tests.figures import Show


def test_a_week_of_restarts_outages_and_reloads_leaves_everything_flat(show: Show) -> None:
    """Memory, handles, tasks, sockets and the store; quotas equal the fleet's own books."""
    found = virtual()
    show(str(found))
    assert found.phases >= 7 * 86_400 / VIRTUAL_WEEK.phase
    assert found.outcomes["answered"] == sum(found.outcomes.values())
    assert not found.refused
    assert found.compared >= found.phases * 20
    assert not found.wrong
    assert not found.grown()


def test_what_grows_is_named() -> None:
    """The control: a leak of each kind is told."""
    samples = [
        Sample(
            resident=70_000_000 + 500_000 * n,
            objects=70_000 + 1000 * n,
            handles=20 + n,
            tasks=2 + n,
            sockets=10 + n,
            store=200_000 + 20_000 * n,
        )
        for n in range(40)
    ]
    grown = Found(samples=samples).grown()
    assert [line.partition(" ")[0] for line in grown] == [
        "resident", "objects", "handles", "tasks", "sockets", "store",
    ]  # fmt: skip
    assert not Found(samples=samples[:1] * 40).grown()
