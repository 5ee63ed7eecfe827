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
- `STYLES`, `Style`: how vendors speak. `Incoming`, `Reply`: a provider without a fleet.

Over HTTP it needs the extra `testing`; nothing here shares code with the router.
"""

from __future__ import annotations

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
    "small_model",
]
