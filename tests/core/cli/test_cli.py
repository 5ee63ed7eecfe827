"""The command line as a whole: where it begins, and how it ends."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from tests.core.cli.program import environment, run, without


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_its_extra_it_names_the_extra(missing):
    """One line says what is missing, one how to get it; no traceback, status 2."""
    said = run("demo", code=without(missing))
    assert (said.returncode, said.stdout) == (2, "")
    assert missing in said.stderr
    assert 'pip install "freetier[cli]"' in said.stderr
    assert "Traceback" not in said.stderr


def test_it_tells_its_version():
    """As the installed distribution has it."""
    said = run("--version")
    assert (said.returncode, said.stdout, said.stderr) == (
        0,
        f"freetier {version('freetier')}\n",
        "",
    )


def test_its_help_tells_commands_and_exit_statuses():
    """What scripts rely on stands in the help, in plain text when piped."""
    said = run("--help")
    assert said.returncode == 0
    assert "demo " in said.stdout
    assert "Exit status: 0 all went well" in said.stdout
    assert "\x1b" not in said.stdout


def test_its_help_is_read_whole_in_eighty_columns():
    """No summary of a command is cut."""
    said = run("--help", env=environment(COLUMNS="80")).stdout
    summaries = said.partition("Commands:")[2].partition("Exit status")[0].strip().splitlines()
    assert len(summaries) > 10
    assert [line for line in summaries if not line.endswith(".") or line.endswith("...")] == []


def test_without_a_command_it_shows_its_help():
    """And fails, because nothing was done."""
    said = run()
    assert said.returncode == 2
    assert "Usage: freetier" in said.stdout + said.stderr


def test_an_unknown_command_is_met_with_the_nearest():
    """A slip of the finger costs one look."""
    said = run("dmo")
    assert (said.returncode, said.stdout) == (2, "")
    assert "Did you mean 'demo'?" in said.stderr
