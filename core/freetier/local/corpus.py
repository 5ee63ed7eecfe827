"""The small text that the demo answers questions about: plain facts about the solar system.

Each passage is one or two short sentences that hold one answer, because a model of 135 million
parameters copies well and combines badly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

PROMPT = """\
Use this text to answer the question in one short sentence.

Text: {context}

Question: {question}"""
"""The wording that served the small model best, with one passage as context: of four wordings
tried with one and with two passages, all ten answers were right with this one and one passage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A short text that answers one question.

    Args:
        title: What it is about; unique.
        text: One or two sentences.
    """

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and where its answer stands.

    Args:
        text: The question, as a person asks it.
        title: The title of the passage that answers it.
        words: What that passage says in answer, word for word.
    """

    text: str
    title: str
    words: tuple[str, ...]


def passages() -> tuple[Passage, ...]:
    """Return all passages, in reading order."""
    return tuple(Passage(**row) for row in _rows()["passages"])


def questions() -> tuple[Question, ...]:
    """Return the questions of the demo; one passage answers each."""
    return tuple(
        Question(text=row["text"], title=row["title"], words=tuple(row["words"]))
        for row in _rows()["questions"]
    )


@cache
def _rows() -> dict[str, list[dict[str, Any]]]:
    text = files("freetier.local").joinpath("data", "solar_system.yaml").read_text("utf-8")
    rows: dict[str, list[dict[str, Any]]] = yaml.safe_load(text)
    return rows
