"""Every dependency says why it is there."""

from __future__ import annotations

import pytest

from tests.architecture.reasons import PROJECT, main, reasons, unexplained

MINIMAL = """
[build-system]
requires = ["hatchling"] # builds it
[project]
dependencies = [
  "httpx>=0.28", # sends; knows "HTTP/1.1"
]
[project.optional-dependencies]
# Draws.
plots = ["matplotlib>=3.9"]
cli = [
  "typer>=0.15; python_version > '3'", # commands
  "rich>=13",
]
all = ["freetier[plots,cli]"]
other = ["numpy"]
[tool.x]
requires = ["not a dependency"]
"""


def test_every_dependency_has_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Of the package, of its extras and of its build; `make reasons` prints them."""
    assert unexplained(PROJECT.read_text("utf-8")) == []
    assert main() == 0
    assert "sends the requests" in capsys.readouterr().out


def test_one_without_a_reason_is_found() -> None:
    """The control: neither a neighbour's comment nor that of another extra is one."""
    assert unexplained(MINIMAL) == ["cli: rich>=13", "other: numpy"]
    assert [one.why for one in reasons(MINIMAL)][:4] == [
        "builds it",
        'sends; knows "HTTP/1.1"',
        "Draws.",
        "commands",
    ]


def test_one_that_is_written_in_another_way_is_not_overlooked() -> None:
    """A requirement in quotes of another sort is read by TOML and not by us: told."""
    with pytest.raises(ValueError, match="does not find"):
        reasons(MINIMAL.replace('"numpy"', "'numpy'"))


def test_there_are_few_dependencies() -> None:
    """Three: another one needs another look at this test."""
    always = [one for one in reasons(PROJECT.read_text("utf-8")) if one.place == "dependencies"]
    assert len(always) == 3
