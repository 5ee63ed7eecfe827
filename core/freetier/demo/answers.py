"""An answer as the demo shows it, and what both jobs have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Say = Callable[[str], None]
"""Is told each piece of a streamed answer as it comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a framework was told.

    Attributes:
        text: The answer.
        provider, model, account: Who gave it.
        failovers: Attempts that failed before.
        waited: Seconds of waiting for quota.
        duration: Seconds in all.
    """

    text: str
    provider: str
    model: str
    account: str
    failovers: int
    waited: float
    duration: float


Heard = Callable[[str, Answer | Exception], None]
"""Is told each question, with its answer or its error, as soon as it is there."""


class Ways(NamedTuple):
    """What a framework itself calls each of its ways to ask."""

    ask: str
    stream: str
    aask: str
    astream: str
    together: str


class Job(Protocol):
    """A framework that answers questions out of the corpus.

    Attributes:
        title: What it is, for a heading.
        ways: How its methods are called.
    """

    title: str
    ways: Ways

    def ask(self, question: str) -> Answer:
        """Ask and wait for the whole answer."""

    def stream(self, question: str, say: Say) -> Answer:
        """Ask and hear the answer piece by piece."""

    async def aask(self, question: str) -> Answer:
        """Ask from a task."""

    async def astream(self, question: str, say: Say) -> Answer:
        """Ask from a task and hear the answer piece by piece."""

    async def together(self, questions: Sequence[str], heard: Heard) -> None:
        """Ask several questions at the same moment."""
