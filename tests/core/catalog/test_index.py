"""The index agrees with the files."""

from __future__ import annotations

import pytest
import yaml

from freetier.catalog.index import Index, plain
from tests.core.catalog.folder import FILES, NAMES, SHIPPED


def read() -> dict[str, dict[str, list[str]]]:
    """Return the index as it stands."""
    return yaml.safe_load((SHIPPED / "index.yaml").read_text("utf-8"))


def test_it_names_every_file_and_no_other():
    """A provider is a file and a line."""
    assert sorted(read()) == sorted(NAMES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_line_says_what_the_file_says(path):
    """Variables that bring the provider in, and other names."""
    row = yaml.safe_load(path.read_text("utf-8"))
    joins = row.get("status") != "retired" and "copies" not in row
    assert read()[path.stem].get("keys", []) == (row.get("key_env", []) if joins else [])
    assert read()[path.stem].get("other_names", []) == row.get("other_names", [])


def test_no_spelling_means_two_providers():
    """Names do not collide, and no other name is a mere spelling."""
    names = [n for name, row in read().items() for n in (name, *row.get("other_names", ()))]
    spellings = [plain(name) for name in names]
    assert len(set(spellings)) == len(spellings)


def test_no_variable_brings_in_two_providers():
    """A key is sent to its own vendor only."""
    variables = [variable for row in read().values() for variable in row.get("keys", ())]
    assert len(set(variables)) == len(variables)


def test_it_is_read_without_any_provider(tmp_path):
    """One small file is enough."""
    (tmp_path / "index.yaml").write_text("acme: {keys: [A], other_names: [ac]}\nbox: {}\n")
    index = Index.read(tmp_path)
    assert index.keys == {"acme": ("A",), "box": ()}
    assert (index.canonical("AC"), index.canonical("bo x"), index.canonical("c")) == (
        "acme",
        "box",
        None,
    )
