"""`freetier demo`, as far as it does not play anything."""

from __future__ import annotations

from tests.core.cli.program import run


def test_live_and_canned_exclude_each_other():
    """Two modes at once are an error of the command line."""
    said = run("demo", "--live", "--canned")
    assert (said.returncode, said.stdout) == (2, "")
    assert "exclude each other" in said.stderr


def test_its_help_tells_what_it_needs_and_when_it_succeeds():
    """No key, and success only with what was promised."""
    said = run("demo", "--help")
    assert said.returncode == 0
    words = " ".join(said.stdout.split())
    assert "without any key" in words
    assert "well only if every question was answered and a fail-over and a wait were seen" in words
    assert "Exit status: 0 all went well" in words
