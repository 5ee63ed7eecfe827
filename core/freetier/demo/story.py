"""Who is asked what: one way after the other, and then everybody at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Protocol

from freetier.demo.answers import Answer, Job, Say
from freetier.errors import FreetierError

AT_ONCE = 3
"""Questions that each framework asks in the same moment at the end.

When the day is used up, the fronts admit five requests at once and no more, however slow this
machine is; so one of six has to wait.
"""


class Stage(Protocol):
    """Where the story is told."""

    def heading(self, text: str) -> None:
        """Begin a part."""

    def asked(self, number: int, way: str, question: str) -> Say:
        """Tell a question; return what takes the pieces of its answer."""

    def answered(self, answer: Answer, *, streamed: bool) -> None:
        """Tell who answered, and what, if its pieces were not told."""

    def failed(self, error: FreetierError) -> None:
        """Tell that nobody answered."""


@dataclass(slots=True)
class Outcome:
    """What became of the questions.

    Attributes:
        asked: All of them, in order.
        answers: Those that came.
        errors: What came instead.
    """

    asked: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    errors: list[FreetierError] = field(default_factory=list)


@dataclass(slots=True)
class Turn:
    """One question; whoever asks it puts the answer in."""

    question: str
    say: Say
    answer: Answer | None = None


class Story:
    """Asks, and tells on a stage.

    Args:
        stage: Where it is told.
        questions: What is asked; from the start again when they are used up.
    """

    def __init__(self, stage: Stage, questions: Sequence[str]) -> None:
        self.outcome = Outcome()
        self._stage = stage
        self._questions = cycle(questions)

    def tell(self, jobs: Sequence[Job]) -> Outcome:
        """Ask each job in each of its ways, then all of them together."""
        with asyncio.Runner() as runner:  # one loop for everything that is asynchronous
            for job in jobs:
                self._stage.heading(job.title)
                self._sync(job)
                runner.run(self._async(job))
            self._stage.heading(f"Both at once: {AT_ONCE} questions each, at the same moment")
            runner.run(self._together(jobs))
        return self.outcome

    def _sync(self, job: Job) -> None:
        with self._turn(job.ways.ask) as turn:
            turn.answer = job.ask(turn.question)
        with self._turn(job.ways.stream, streamed=True) as turn:
            turn.answer = job.stream(turn.question, turn.say)

    async def _async(self, job: Job) -> None:
        with self._turn(job.ways.aask) as turn:
            turn.answer = await job.aask(turn.question)
        with self._turn(job.ways.astream, streamed=True) as turn:
            turn.answer = await job.astream(turn.question, turn.say)

    async def _together(self, jobs: Sequence[Job]) -> None:
        await asyncio.gather(*(self._several(job) for job in jobs))

    async def _several(self, job: Job) -> None:
        def heard(question: str, found: Answer | Exception) -> None:
            with self._turn(job.ways.together, question) as turn:
                if isinstance(found, Exception):
                    raise found
                turn.answer = found

        await job.together([next(self._questions) for _ in range(AT_ONCE)], heard)

    @contextmanager
    def _turn(self, way: str, question: str = "", *, streamed: bool = False) -> Iterator[Turn]:
        """Tell a question, let it be asked, and tell what came."""
        outcome, question = self.outcome, question or next(self._questions)
        outcome.asked.append(question)
        turn = Turn(question, self._stage.asked(len(outcome.asked), way, question))
        try:
            yield turn
        except FreetierError as error:
            outcome.errors.append(error)
            self._stage.failed(error)
        else:
            assert turn.answer is not None  # noqa: S101 - whoever asked put it in
            outcome.answers.append(turn.answer)
            self._stage.answered(turn.answer, streamed=streamed)
