"""The catalog's compact form says what the YAML says, and is not used when it does not."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from freetier.catalog import compact
from freetier.catalog.quick import QuickCatalog
from freetier.catalog.shipped import Catalog
from freetier.values.providers import Provider
from tests.core.catalog.folder import NAMES, SHIPPED, copy_of_shipped

AGAIN = "compact.jsonl is not what the YAML says: run `make catalog`"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped catalog that may be spoilt."""
    return copy_of_shipped(tmp_path)


def _never() -> Catalog:
    raise AssertionError("the YAML was read")


def test_the_shipped_file_is_what_the_yaml_says() -> None:
    """Whoever changes the YAML, or what is made of it, writes the compact form anew."""
    assert (SHIPPED / compact.FILE).read_text("utf-8") == compact.text(SHIPPED), AGAIN


def test_every_value_comes_back_as_it_was() -> None:
    """Index, aliases, error classes and every provider; the YAML is not read for it."""
    quick, slow = QuickCatalog(SHIPPED, _never), Catalog(SHIPPED)
    assert quick.index == slow.index
    assert quick.aliases == slow.aliases
    assert quick.faults == slow.faults
    assert quick.load(NAMES) == slow.load(NAMES)


def test_a_changed_file_counts_and_the_compact_form_does_not(folder: Path) -> None:
    """A change of one provider's YAML is seen at once; the others are still read quickly."""
    (folder / compact.FILE).write_text(compact.text(folder), "utf-8")
    groq = folder / "providers" / "groq.yaml"
    groq.write_text(groq.read_text("utf-8").replace("title: Groq", "title: Changed"), "utf-8")
    quick = QuickCatalog(folder, lambda: Catalog(folder))

    assert quick.provider("groq").title == "Changed"
    assert "yaml" in vars(quick)
    other = QuickCatalog(folder, _never)
    assert other.provider("mistral").name == "mistral"


def test_without_the_compact_form_the_yaml_is_read(folder: Path) -> None:
    """A folder may hold YAML alone."""
    assert QuickCatalog(folder, lambda: Catalog(folder)).provider("groq").name == "groq"


def test_what_has_no_compact_form_is_refused() -> None:
    """A new kind of field cannot be written wrongly."""
    with pytest.raises(TypeError, match="object has no compact form"):
        compact.line_of(replace(Provider(name="a", title="A"), note=object()), {})  # type: ignore[arg-type]


def test_a_router_from_the_environment_loads_neither_yaml_nor_pydantic() -> None:
    """Nor an HTTP library: that is what makes it quick."""
    program = (
        "import sys; from freetier import Router; Router.from_env({'GROQ_API_KEY': 'k'}); "
        "print(*sorted({'yaml', 'pydantic', 'httpx', 'httpcore', 'h11'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert done.stdout.strip() == b""
