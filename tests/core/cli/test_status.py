"""`freetier status` as a terminal shows it: a recording as text, held against the stored one.

`FREETIER_PICTURES=folder` keeps the recording with its colours, for looking at with `cat`.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

import pytest

from freetier import Router
from freetier.errors import NotAuthorised
from freetier.testing import FakeProvider, Limit, faults
from tests.core.cli.places import served
from tests.core.cli.program import environment
from tests.core.cli.terminal import at_terminal

STORED = Path(__file__).with_name("status.txt")
COLOUR = re.compile(r"\x1b\[([\d;]*)m")
CLOCK = re.compile(r"(?:\w{3} |\d\d \w{3} )?\d\d:\d\d(?::\d\d)? \(in [\w ]+\) *$")
"""When a window is whole again: a time of day, with the day if it is another one."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What a terminal shows after another program has used three accounts."""
    folder = tmp_path_factory.mktemp("status")
    providers = (
        FakeProvider("alpha", "generic", limits=[Limit(5, "hour"), Limit(1000, "day")]),
        FakeProvider("beta", "generic", limits=[Limit(2, "hour")]),
        FakeProvider("gamma", "generic", limits=[Limit(60, "minute")]),
    )
    with served(folder, *providers, store=f"sqlite:///{folder / 'quota.db'}") as (fleet, path):
        fleet.always("gamma-1", faults.VendorError("no_key"))
        with Router(path) as router:
            for name in ("alpha", "alpha", "beta", "beta", "gamma"):
                with suppress(NotAuthorised):
                    router.complete("Hi", model=f"{name}/model", max_wait=0)
        env = environment(TERM="xterm-256color", COLUMNS="80", TZ="UTC")
        written, status = at_terminal(["status", "-c", path], [], env)
    assert status == 0
    if kept := os.environ.get("FREETIER_PICTURES"):
        (Path(kept) / "status.ansi").write_text(written, encoding="utf-8")
    return written


def _steady(written: str) -> str:
    """Return a recording without colours, and with one word for each time of a reset."""
    plain = COLOUR.sub("", written).replace("\r\n", "\n")
    lines = (CLOCK.sub("TIME", line.rstrip()) for line in plain.splitlines())
    return "\n".join(lines) + "\n"


def test_the_status_looks_as_it_is_stored(seen):
    """Table, bars, figures and what is blocked, to the letter."""
    assert _steady(seen) == STORED.read_text(encoding="utf-8")


def test_what_is_left_is_green_and_what_is_blocked_red(seen):
    """The recording's colours, beside the words that they stand for."""
    assert re.search(r"\x1b\[32m██████\x1b\[0m\x1b\[2m░░░░\x1b\[0m 3 ", seen)
    assert "\x1b[31mblocked: unauthorised\x1b[0m" in seen
