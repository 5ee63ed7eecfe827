"""A real language model and real embeddings on this machine, on loopback, without any key.

Importing this package loads none of the libraries of the extra `local`; each is loaded when it is
first used, and a missing one is a `PartMissing` that names the extra.
"""

from __future__ import annotations

from freetier.local.corpus import PROMPT, Passage, Question, passages, questions
from freetier.local.embeddings import embed
from freetier.local.errors import LocalError, PartMissing, ServerFailed, WeightsUnavailable
from freetier.local.parts import MissingPart, missing_parts
from freetier.local.server import LocalModel

__all__ = [
    "PROMPT",
    "LocalError",
    "LocalModel",
    "MissingPart",
    "PartMissing",
    "Passage",
    "Question",
    "ServerFailed",
    "WeightsUnavailable",
    "embed",
    "missing_parts",
    "passages",
    "questions",
]
