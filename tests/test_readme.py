"""The README is executed: each snippet runs, and prints what it says it prints."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml

from freetier import Router, catalog
from freetier.testing import FakeProvider, Fleet
from tests import readme
from tests.core.cli.program import environment
from tests.core.cli.terminal import at_terminal

BLOCKS = re.findall(r"```(\w*)\n(.*?)```(?:\n\n```text\n(.*?)```)?", readme.README, re.DOTALL)
PYTHON = [(body, printed) for kind, body, printed in BLOCKS if kind == "python"]
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


@pytest.mark.parametrize(("snippet", "printed"), PYTHON, ids=lambda text: text[:40])
@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
def test_a_snippet_prints_what_the_readme_says(snippet: str, printed: str, keys: Fleet) -> None:
    """Each Python block is run as it stands; the block after it is its output."""
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(snippet, "README.md", "exec"), {"__name__": "readme"})  # noqa: S102 - that is the test
    assert readme.steady(out.getvalue()) == readme.steady(printed)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody with one key and a file of rows.

    The file that `FREETIER_CONFIG` names stands for the key, so that a fake on this machine
    answers as the provider would; it lists the models that the catalogue knows.
    """
    listed = [model.id for model in catalog.provider("groq").models if not model.withdrawn]
    groq = FakeProvider("groq", models=listed, answer="Short wavelengths scatter most.")
    with Fleet(groq) as fleet:
        config: dict[str, Any] = fleet.config()
        config["accounts"][0]["id"] = "groq"
        del config["accounts"][0]["models"]
        file = tmp_path / "key.yaml"
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        file.chmod(0o600)
        (tmp_path / "rows.csv").write_text("text\nA cat.\nA dog.\n", encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        named = {"FREETIER_CONFIG": str(file), "GROQ_API_KEY": "gsk_fake"}
        yield environment(TERM="xterm-256color", COLUMNS="80", **named)


AGELESS = {"check": ["--days", "36500"]}
"""Words that keep the calendar out of an output: figures of the catalogue grow old."""

FREETIER = [command for command in readme.shown() if command.line.startswith("freetier ")]


@pytest.mark.parametrize("command", FREETIER, ids=lambda command: command.line)
def test_a_command_prints_what_the_readme_says(
    command: readme.Shown, person: dict[str, str]
) -> None:
    """Each line after a `$` is run at a terminal of 80 columns, and typed to if it listens."""
    _, name, *words = shlex.split(command.line)
    steps = [(readme.TYPED, f"{line}\r") for line in command.typed]
    seen, status = at_terminal([name, *words, *AGELESS.get(name, [])], steps, person)
    said = readme.read_off(seen)
    assert status == 0, said
    assert not readme.differs(command.printed, said), said


def test_the_newcomers_path_is_shown() -> None:
    """From a clone to an answer, and what else a terminal is for; nothing is only claimed."""
    lines = [command.line for command in readme.shown()]
    assert lines[:4] == [
        "make demo",
        "export GROQ_API_KEY=gsk_...",
        "freetier check",
        "freetier chat",
    ]
    assert {line.split()[1] for line in lines[4:]} == {"plan", "map", "ask", "explain", "init"}


SAID = "one\ntwo after 0.31 s\nthree\nfour\n"


@pytest.mark.parametrize(
    ("printed", "at"),
    [
        ("one\ntwo after 7.02 s\nthree\nfour\n", ""),
        ("one\n...\nfour\n", ""),
        ("...\n", ""),
        ("one\ntwo after 0.3 s\nthree\nfour\n", "two after 0.0 s"),
        ("one\n...\ntwo and a half\n...\n", "two and a half"),
        ("...\nfour\n...\none\n", "one"),
        ("one\n...\nthree\n", "printed as well: four"),
        ("one\nthree\nfour\n", "three"),
        ("one\n...\nfour\nfive\n", "five"),
        ("", "printed as well: one"),
    ],
)
def test_what_is_shown_otherwise_is_found(printed: str, at: str) -> None:
    """The control: a word, an order, a line too many or too few, and a number's digits."""
    assert readme.differs(printed, SAID) == at


def test_a_terminal_is_read_as_it_looks() -> None:
    """Without colours; of a line that was drawn over, the last."""
    assert readme.read_off("\x1b[1mbold\x1b[0m  \r\n 1%\r100%\x1b[K\r\n") == "bold\n100%\n"


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
