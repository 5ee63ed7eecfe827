"""The README's table of terms is the catalog's."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from freetier import catalog
from freetier.catalog.terms import BEGIN, END, SAYS, terms_table, with_terms
from freetier.config.cautions import FORBIDDEN
from freetier.values.providers import Provider

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_what_the_catalog_knows():
    """Made anew it is what stands there; `make table` mends it."""
    assert with_terms(README) == README


def test_every_provider_stands_in_one_row():
    """None is left out, none is said two things of."""
    cells = terms_table(map(catalog.provider, catalog.provider_names())).split("`")[1::2]
    assert sorted(cells) == sorted(catalog.provider_names())


def test_changed_terms_change_the_table():
    """The control: a provider moves to another row."""
    groq = catalog.provider("groq")
    assert terms_table([groq]).endswith("| forbidden; freetier warns | `groq` |\n")
    found = terms_table([replace(groq, several_accounts="no_clause_found")])
    assert found.endswith("| no clause found | `groq` |\n")


def test_everything_terms_may_say_has_its_words():
    """The rows that say that freetier warns are those of which it does."""
    assert set(SAYS) == set(get_args(get_type_hints(Provider)["several_accounts"]))
    assert {says for says, words in SAYS.items() if "freetier warns" in words} == set(FORBIDDEN)


def test_a_text_without_the_marks_is_told():
    """Nothing is written into the wrong place."""
    with pytest.raises(ValueError, match="lacks the marks"):
        with_terms("# a readme")


def test_the_command_writes_the_file(tmp_path):
    """What `make table` runs."""
    file = tmp_path / "README.md"
    file.write_text(f"{BEGIN}{END}", encoding="utf-8")
    done = [sys.executable, "-m", "freetier.catalog.terms", str(file)]
    subprocess.run(done, check=True, cwd=tmp_path)
    assert "| forbidden; freetier warns | `groq`" in file.read_text(encoding="utf-8")
