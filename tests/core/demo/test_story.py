"""Who is asked what, in which way and in which order."""

from __future__ import annotations

import asyncio

import pytest

from freetier.demo.answers import Answer, Ways
from freetier.demo.story import AT_ONCE, Story
from freetier.errors import ConfigError

QUESTIONS = [f"q{n}" for n in range(10)]


def answer(text: str) -> Answer:
    """Return an answer of somebody."""
    return Answer(
        text=text,
        provider="groq",
        model="small",
        account="groq-1",
        failovers=0,
        waited=0.0,
        duration=0.1,
    )


class Job:
    """Answers each question with its way; fails where it is told to."""

    def __init__(self, name: str, fails: str = "", error: Exception | None = None):
        self.title = f"job {name}"
        self.ways = Ways(*(f"{name}{way}" for way in ("1", "2", "3", "4", "5")))
        self.loops: list[asyncio.AbstractEventLoop] = []
        self._fails = fails
        self._error = error or ConfigError("nobody answers")

    def ask(self, question):
        """Answer at once."""
        return self._said(self.ways.ask, question)

    def stream(self, question, say):
        """Say a piece, then answer."""
        say("piece")
        return self._said(self.ways.stream, question)

    async def aask(self, question):
        """Answer at once."""
        self.loops.append(asyncio.get_running_loop())
        return self._said(self.ways.aask, question)

    async def astream(self, question, say):
        """Say a piece, then answer."""
        self.loops.append(asyncio.get_running_loop())
        say("piece")
        return self._said(self.ways.astream, question)

    async def together(self, questions, heard):
        """Answer each, or none."""
        self.loops.append(asyncio.get_running_loop())
        for question in questions:
            if self._fails == self.ways.together:
                heard(question, self._error)
            else:
                heard(question, answer(question))

    def _said(self, way, question):
        if way == self._fails:
            raise self._error
        return answer(question)


class Stage:
    """Writes down what it is told."""

    def __init__(self):
        self.told: list[tuple[object, ...]] = []

    def heading(self, text):
        """Note a heading."""
        self.told.append(("heading", text))

    def asked(self, number, way, question):
        """Note a question, and its pieces."""
        self.told.append((number, way, question))
        return lambda piece: self.told.append(("piece", piece))

    def answered(self, answer, *, streamed):
        """Note an answer."""
        self.told.append(("answered", answer.text, streamed))

    def failed(self, error):
        """Note an error."""
        self.told.append(("failed", str(error)))


def told(*jobs: Job):
    """Tell a story; return the stage and the outcome."""
    stage = Stage()
    return stage, Story(stage, QUESTIONS).tell(jobs)


def test_each_job_is_asked_in_each_of_its_ways():
    """Synchronous, streamed, asynchronous, both; then everybody at once."""
    stage, outcome = told(Job("a"), Job("b"))
    asked = [line for line in stage.told if isinstance(line[0], int)]
    ways = [way for _, way, _ in asked]
    singly = ["a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"]
    assert ways == [*singly, *["a5"] * AT_ONCE, *["b5"] * AT_ONCE]
    assert [number for number, _, _ in asked] == list(range(1, 15))
    assert (len(outcome.answers), outcome.errors) == (14, [])


def test_questions_begin_again_when_they_are_used_up():
    """Fourteen of ten, in order."""
    _, outcome = told(Job("a"), Job("b"))
    assert outcome.asked == [*QUESTIONS, *QUESTIONS[:4]]


def test_pieces_come_between_question_and_answer():
    """And the stage knows that they have been told."""
    stage, _ = told(Job("a"))
    at = stage.told.index((2, "a2", "q1"))
    assert stage.told[at : at + 3] == [
        (2, "a2", "q1"),
        ("piece", "piece"),
        ("answered", "q1", True),
    ]


def test_everything_asynchronous_lives_in_one_loop():
    """So that both frameworks use one router in one loop at the same moment."""
    one, other = Job("a"), Job("b")
    told(one, other)
    assert len({*one.loops, *other.loops}) == 1


@pytest.mark.parametrize("way", ["a1", "a2", "a3", "a4"])
def test_an_error_is_told_and_the_story_goes_on(way):
    """The caller's errors are counted, not hidden."""
    stage, outcome = told(Job("a", fails=way), Job("b"))
    assert (len(outcome.answers), len(outcome.errors), len(outcome.asked)) == (13, 1, 14)
    assert stage.told.count(("failed", "nobody answers")) == 1


def test_errors_of_several_at_once_are_counted_singly():
    """One question that fails takes no other with it."""
    _, outcome = told(Job("a", fails="a5"), Job("b"))
    assert (len(outcome.answers), len(outcome.errors)) == (14 - AT_ONCE, AT_ONCE)


@pytest.mark.parametrize("way", ["a1", "a3", "a5"])
def test_a_fault_of_ours_is_no_error_of_a_provider(way):
    """What is not in the error tree is not counted but raised."""
    with pytest.raises(KeyError):
        told(Job("a", fails=way, error=KeyError("ours")))
