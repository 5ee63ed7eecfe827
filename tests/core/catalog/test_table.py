"""The README's table of providers is the catalog's."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from freetier import catalog
from freetier.catalog.table import BEGIN, END, shipped_table, table, with_table

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def row(name: str, **other) -> list[str]:
    """Return the cells of one provider's row, with some of its facts changed."""
    lines = table([replace(catalog.provider(name), **other)]).splitlines()
    return [cell.strip() for cell in lines[2].strip("|").split("|")]


def test_the_readme_shows_what_the_catalog_knows():
    """Made anew it is what stands there; `make table` mends it."""
    assert with_table(README) == README


def test_a_changed_fact_changes_the_table():
    """The control: a limit, a date and a key page that change are seen."""
    groq = catalog.provider("groq")
    first = groq.models[0]
    fewer = tuple(replace(limit, amount=7) for limit in first.limits)
    changed = (replace(first, limits=fewer), *groq.models[1:])
    assert row("groq", models=changed)[1] != row("groq")[1]
    assert row("groq", as_of="2027-01-01")[5] == "2027-01-01"
    assert row("groq", key_page=None)[6] == "`GROQ_API_KEY`"
    assert row("groq", dialect="other")[3] == "other"


def test_every_provider_has_a_row():
    """In the order in which they join."""
    rows = shipped_table().splitlines()[2:]
    assert [line.split("`")[1] for line in rows] == list(catalog.provider_names())


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("openrouter", ("`openrouter`", "20 requests/minute, 50 requests/day",
                        "minute: unknown; day: calendar (UTC)")),
        ("hyperbolic", ("`hyperbolic` (trial credit)", "60 requests/minute", "minute: unknown")),
        ("zai", ("`zai`", "1 at once a model", "-")),
        ("openai", ("`openai` (paid)", "none", "-")),
        ("ollama", ("`ollama` (your machine)", "no limits", "-")),
    ],
)  # fmt: skip
def test_limits_and_clocks_are_told_in_words(name, cells):
    """By hand from the provider's file."""
    assert tuple(row(name)[:3]) == cells


@pytest.mark.parametrize(
    ("name", "can"),
    [
        ("ollama", "what your models can, embeddings"),
        ("ollama-native", "what your models can, embeddings"),
        ("lmstudio", "what your models can"),
    ],
)
def test_a_local_server_without_models_that_chat_can_what_ones_own_can(name, can):
    """The catalog knows rows of vectors only, and they are not all it can."""
    assert row(name)[4] == can


def test_who_is_gone_names_who_is_not():
    """Nobody looks for a key there."""
    gone = row("github-models")
    assert "openrouter instead" in gone[0]
    assert gone[6] == ""


def test_a_text_without_the_marks_is_told():
    """Nothing is written into the wrong place."""
    with pytest.raises(ValueError, match="lacks the marks"):
        with_table("# a readme")
    assert with_table(f"a\n{BEGIN}\nold\n{END}\nb").endswith(f"{END}\nb")


def test_the_command_writes_the_file(tmp_path):
    """What `make table` runs."""
    file = tmp_path / "README.md"
    file.write_text(f"{BEGIN}{END}", encoding="utf-8")
    done = [sys.executable, "-m", "freetier.catalog.table", str(file)]
    subprocess.run(done, check=True, cwd=tmp_path)
    assert shipped_table() in file.read_text(encoding="utf-8")
