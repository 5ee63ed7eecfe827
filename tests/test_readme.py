"""The README is executed: each snippet runs, and prints what it says it prints."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml

from freetier import Router
from freetier.testing import FakeProvider, Fleet

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```(?:\n\n```text\n(.*?)```)?", README, re.DOTALL)
PYTHON = [(body, printed) for kind, body, printed in BLOCKS if kind == "python"]
COMMAND = re.compile(r"\$ (.*)\n((?:[^$\n].*\n)*)")
YAML = [body for kind, body, _ in BLOCKS if kind == "yaml"]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Fleet]:
    """An environment that names a file with two accounts, whose providers are fakes."""
    for name in ("GROQ_API_KEY", "FREETIER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    groq = FakeProvider("groq", answer="Short wavelengths scatter most.")
    with Fleet(groq, FakeProvider("mine", "generic")) as fleet:
        config: dict[str, Any] = fleet.config()
        config["accounts"][0] |= {"id": "groq"}
        file = tmp_path / "freetier.yaml"
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        file.chmod(0o600)
        monkeypatch.setenv("FREETIER_CONFIG", str(file))
        monkeypatch.chdir(tmp_path)  # a snippet may write a file
        yield fleet


def _steady(text: str) -> str:
    """Return printed text without what differs from run to run."""
    return re.sub(r"\d+\.\d+ s", "0.00 s", text)


@pytest.mark.parametrize(("snippet", "printed"), PYTHON, ids=lambda text: text[:40])
@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
def test_a_snippet_prints_what_the_readme_says(snippet: str, printed: str, keys: Fleet) -> None:
    """Each Python block is run as it stands; the block after it is its output."""
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(snippet, "README.md", "exec"), {"__name__": "readme"})  # noqa: S102 - that is the test
    assert _steady(out.getvalue()) == printed


CONSOLE = [pair for body in BLOCKS if body[0] == "console" for pair in COMMAND.findall(body[1])]


@pytest.mark.parametrize(("line", "printed"), CONSOLE)
def test_a_command_prints_what_the_readme_says(line: str, printed: str, keys: Fleet) -> None:
    """Each line after a `$` is run as a program; what it prints stands below it."""
    words = shlex.split(line)
    assert words[0] == "freetier"
    said = subprocess.run(
        [sys.executable, "-m", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    assert re.sub(r"\d+\.\d+ s", "0.00 s", said.stdout) == printed


def test_there_are_ten_lines_for_each_framework() -> None:
    """Both examples are there, and short."""
    for name in ("freetier_langchain", "freetier_llamaindex"):
        found = [body for body, _ in PYTHON if name in body]
        assert len(found) == 1
        lines = [line for line in found[0].splitlines() if line.strip()]
        assert len(lines) <= 10


@pytest.mark.parametrize("text", YAML)
def test_a_configuration_in_the_readme_loads(text: str) -> None:
    """With keys in the environment, the file is a router."""
    environ = {"GROQ_API_KEY": "a", "OPENROUTER_API_KEY": "b"}
    router = Router(yaml.safe_load(text), environ=environ)
    assert router.is_model_available("quick")
    assert [account.id for account in router.setup.accounts] == ["groq", "openrouter", "mine"]


ROOT = Path(__file__).parents[1]
TARGETS = re.compile(r"^([a-z][a-z ]*):(?!=)", re.MULTILINE)
COMMANDS = re.compile(r"`make ([a-z]+)|^make ([a-z]+)$", re.MULTILINE)
FILES = re.compile(r"`((?:tests|core|notebooks)/[\w./]+)`")


def _unknown(text: str) -> list[str]:
    """Return the make targets and files that a text names and that are not there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {name for names in TARGETS.findall(makefile) for name in names.split()}
    named = {first or second for first, second in COMMANDS.findall(text)}
    files = [file for file in FILES.findall(text) if not (ROOT / file).exists()]
    return sorted(f"make {name}" for name in named - targets) + files


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "core/README.md"])
def test_the_commands_and_files_that_are_named_exist(name: str) -> None:
    """What a claim rests on can be run, and the tests that hold it can be read."""
    assert _unknown((ROOT / name).read_text(encoding="utf-8")) == []


def test_a_command_or_file_that_is_gone_is_found() -> None:
    """The control, with one of each that is there."""
    text = (
        "`make sbom`, `make gold ARGS=1`, `tests/test_gone.py`, `tests/test_readme.py`\nmake hay\n"
    )
    assert _unknown(text) == ["make gold", "make hay", "tests/test_gone.py"]
