"""What a command writes, at a real terminal and into a pipe."""

from __future__ import annotations

import pytest

from freetier.testing import FakeProvider, Limit
from tests.core.cli.places import served
from tests.core.cli.program import environment
from tests.core.cli.terminal import at_terminal


def _seen(words, *steps, **variables):
    """Run a command at a terminal 100 columns wide; return what it wrote, and its status."""
    env = environment(**{"TERM": "xterm-256color", "COLUMNS": "100", **variables})
    return at_terminal(words, list(steps), env)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A configuration over one fake account."""
    folder = tmp_path_factory.mktemp("cli")
    with served(folder, FakeProvider("groq", limits=[Limit(5, "minute")])) as (_, path):
        yield path


def test_a_terminal_gets_colour_unless_it_is_not_wanted(file):
    """`NO_COLOR` leaves weight and bars; a dumb terminal gets plain text."""
    colour, _ = _seen(["status", "-c", file])
    assert "\x1b[32m" in colour
    plain, status = _seen(["status", "-c", file], NO_COLOR="1")
    assert "\x1b[3" not in plain
    assert "██████████" in plain
    assert status == 0
    dumb, _ = _seen(["status", "-c", file], TERM="dumb")
    assert "\x1b[" not in dumb


def test_a_watch_ends_with_ctrl_c_and_without_a_fault(file):
    """It is how a watch ends; the terminal is given back."""
    written, status = _seen(["status", "--watch", "-c", file], ("groq-1", "\x03"))
    assert status == 0
    assert "\x1b[?1049l" in written  # the screen that was there before
    assert "Traceback" not in written


def test_a_watch_draws_the_same_bars_as_one_look(file):
    """In blocks, where the terminal has them."""
    written, _ = _seen(["status", "--watch", "-c", file], ("groq-1", "\x03"))
    assert "██████████" in written
    assert "####" not in written
