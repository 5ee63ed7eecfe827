"""What both colours say of one failure over real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from freetier import Completion, Router
from freetier.errors import RouteError
from freetier.testing import FakeProvider, Fleet, faults
from freetier.values.faults import Fault


@pytest.mark.real_sleep("the provider is silent for a fifth of a second of real time")
def test_a_time_out_reads_the_same_in_both_colours() -> None:
    """Sockets and event loops have words of their own for it; a report has one."""
    with Fleet(FakeProvider("alpha", "generic")) as fleet:
        fleet.always("alpha-1", faults.Stall(1.0))
        once: dict[str, Any] = {"model": "alpha/m", "timeout": 0.2, "attempts": 1, "max_wait": 0}
        found = []
        for call in (Router.complete, _awaited):
            with Router(fleet.config()) as router, pytest.raises(RouteError) as caught:
                call(router, "Hi", **once)
            found.append([(a.fault, a.detail) for a in caught.value.report.attempts])
    assert found == [[(Fault.TIMED_OUT, "TimeoutError")]] * 2


def _awaited(router: Router, prompt: str, **options: Any) -> Completion:
    return asyncio.run(router.acomplete(prompt, **options))
