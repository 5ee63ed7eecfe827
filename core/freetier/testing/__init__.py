"""A test kit without keys and without waiting: fake providers, their books, a virtual clock.

    fleet = Fleet(FakeProvider("groq", accounts=2, limits=[Limit(30, "minute")]))
    with fleet:                       # real HTTP on loopback
        router = Router(**fleet.config())

    clock = VirtualClock()            # or no sockets and no time at all
    router = Router(**fleet.config(), transport=fleet.transport(clock), clock=clock)

- `Fleet`, `FakeProvider`, `FakeAccount`, `FakeModel`: who is there.
- `Limit`: what they enforce. `Upstream`: a real server behind those limits.
- `Said`, `Call`, `Usage`, `echo`, `small_model`: what their models say.
- `faults`: everything that can go wrong; `Fleet.script`, `.always`, `.chance`, `.outage`
  and `.down` say when.
- `Books`, `Entry`: what came and what became of it.
- `VirtualClock`, `Deadlock`: time that jumps.
- `simulate`, `read_scenario`: days of traffic in seconds, over the router itself; more names
  are in `freetier.testing.simulation`.
- `STYLES`, `Style`: how vendors speak. `Incoming`, `Reply`: a provider without a fleet.

Over HTTP it needs the extra `testing`. Nothing here shares code with the router; only
`simulation` runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from freetier.testing import faults
from freetier.testing.accounts import FakeAccount, FakeModel
from freetier.testing.books import Books, Entry
from freetier.testing.clock import VirtualClock
from freetier.testing.fleet import Fleet
from freetier.testing.limits import Limit
from freetier.testing.model import small_model
from freetier.testing.provider import FakeProvider
from freetier.testing.replies import Incoming, Reply
from freetier.testing.rest import Deadlock
from freetier.testing.said import Call, Said, Usage, echo
from freetier.testing.styles import STYLES
from freetier.testing.styles.form import Style
from freetier.testing.upstream import Upstream

if TYPE_CHECKING:
    from freetier.testing.simulation import read_scenario, simulate


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's names have any type
    """Load what runs the router with its first use."""
    if name in {"read_scenario", "simulate"}:
        from freetier.testing import simulation  # noqa: PLC0415 - the router, which few need here

        return getattr(simulation, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "STYLES",
    "Books",
    "Call",
    "Deadlock",
    "Entry",
    "FakeAccount",
    "FakeModel",
    "FakeProvider",
    "Fleet",
    "Incoming",
    "Limit",
    "Reply",
    "Said",
    "Style",
    "Upstream",
    "Usage",
    "VirtualClock",
    "echo",
    "faults",
    "read_scenario",
    "simulate",
    "small_model",
]
