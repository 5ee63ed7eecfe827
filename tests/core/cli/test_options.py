"""Shell completion, asked for by a real bash in the way that it asks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.cli.places import served
from tests.core.cli.program import environment

PROGRAM = Path(sys.executable).with_name("freetier")
# What bash does when somebody presses the tabulator.
ASK = """
source <("$0" --show-completion bash) || exit 9
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
[[ $(complete -p freetier) == *" -F _freetier_completion "* ]] || exit 9
_freetier_completion "$0"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(*words: str) -> list[str]:
    """Return what bash would offer for the last word of a line."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on this machine")
    said = subprocess.run(
        [bash, "--norc", "--noprofile", "-c", ASK, str(PROGRAM), "freetier", *words],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    assert said.stderr == ""
    return said.stdout.split()


def test_commands_and_options_are_completed():
    """From the table of commands; nothing for what begins like none of them."""
    assert completed("st") == ["status"]
    assert completed("m") == ["models", "map"]
    assert completed("status", "--w") == ["--watch"]
    assert completed("nothing") == []


def test_models_are_completed_from_the_configuration_on_the_line(tmp_path):
    """The aliases and models that this configuration has, and nothing when it is broken."""
    with served(tmp_path) as (_, path):
        assert completed("ask", "-c", path, "-m", "best-x") == ["best-xl"]
        assert completed("explain", "-c", path, "fas") == ["fast"]
    Path(path).write_text("accounts: 7", encoding="utf-8")
    assert completed("ask", "-c", path, "-m", "fas") == []
