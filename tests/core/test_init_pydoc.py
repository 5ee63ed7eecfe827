"""`python -m pydoc freetier` and its likes: an API page for every public name."""

from __future__ import annotations

import ast
import inspect
import pydoc
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import freetier
import freetier_langchain
import freetier_llamaindex

PUBLIC = [
    (package.__name__, name)
    for package in (freetier, freetier_langchain, freetier_llamaindex)
    for name in package.__all__
    if name != "__version__"
]
ENOUGH = 30
"""Letters of a sentence that says something."""


def _of(package, name):
    return getattr(__import__(package), name)


@pytest.mark.parametrize(("package", "name"), PUBLIC)
def test_every_public_name_has_a_page(package, name):
    """A sentence, every parameter and field by name, every public method with a sentence."""
    thing = _of(package, name)
    doc = inspect.getdoc(thing) or ""
    first = doc.split("\n\n")[0]
    assert len(first) >= ENOUGH, first
    assert first.rstrip().endswith((".", ":", "?")), first
    if inspect.isclass(thing):
        for method, found in _methods(thing):
            assert inspect.getdoc(found), f"{name}.{method} says nothing"
    text = pydoc.render_doc(thing, renderer=pydoc.plaintext)
    assert name in text
    assert "\x08" not in text


def _methods(cls):
    """Yield the public methods and properties that are ours."""
    for name, found in inspect.getmembers(cls):
        if name.startswith("_"):
            continue
        function = found.fget if isinstance(found, property) else found
        if inspect.isroutine(function) and "freetier" in (
            getattr(function, "__module__", "") or ""
        ):
            yield name, function


@pytest.mark.parametrize(
    "name", [n for p, n in PUBLIC if p == "freetier" and is_dataclass(_of(p, n))]
)
def test_every_field_of_a_value_is_told(name):
    """In the docstring, by its name; a value of one or two self-evident fields need not."""
    thing = getattr(freetier, name)
    told = inspect.getdoc(thing) or ""
    names = [field.name for field in fields(thing) if not field.name.startswith("_")]
    if len(names) > 2:
        missing = [field for field in names if field not in told]
        assert missing == []


def test_the_module_lists_its_names():
    """`pydoc freetier` shows what the package is, and each public name."""
    text = pydoc.render_doc(freetier, renderer=pydoc.plaintext)
    assert "one model over several free accounts" in text
    for name in freetier.__all__:
        assert name.strip("_") in text.lower() if name.startswith("_") else name in text


def test_every_module_says_what_it_is():
    """The first line of each file, so that a listing of the packages can be read."""
    root = Path(freetier.__file__).parent
    for path in root.rglob("*.py"):
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert doc, path
