"""Both frameworks over fronts without sockets, with the script behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from freetier import Router
from freetier.demo.answers import Answer, Job
from freetier.demo.fronts import canned, configuration, fleet
from freetier.demo.vectors import Vectors, word_vectors
from freetier.errors import AllFailed
from freetier.local import PROMPT, passages
from freetier.testing import Fleet, VirtualClock, faults

QUESTION = "Why is Mars red?"
SAID = "[canned] iron oxide and rust"


class Scene:
    """A fleet, a clock that jumps, and a router over both.

    Attributes:
        fleet: The fronts.
        clock: Theirs and the router's.
        router: Over all three.
        vectors: Of the passages, by counting words.
        texts: The passages.
        heard: The requests that were answered.
    """

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.fleet: Fleet = fleet(None, self._script)
        self.clock = VirtualClock()
        transport = self.fleet.transport(self.clock)
        self.router = Router(
            configuration(self.fleet), environ={}, transport=transport, clock=self.clock
        )
        self.vectors = Vectors(word_vectors)
        self.texts = [passage.text for passage in passages()]

    def _script(self, request: dict[str, Any]) -> str:
        self.heard.append(request)
        return canned(request)


def ways(job: Job, clock: VirtualClock) -> dict[str, Callable[[], tuple[Answer, list[str]]]]:
    """Return the four ways to ask one question: each gives the answer and its pieces."""

    def stream():
        pieces: list[str] = []
        return job.stream(QUESTION, pieces.append), pieces

    def astream():
        pieces: list[str] = []
        return clock.run(job.astream(QUESTION, pieces.append)), pieces

    return {
        "ask": lambda: (job.ask(QUESTION), []),
        "stream": stream,
        "aask": lambda: (clock.run(job.aask(QUESTION)), []),
        "astream": astream,
    }


def check_every_way(job: Job, scene: Scene) -> None:
    """Four ways, one request each (and one refused): three of the day, then the next account."""
    found = {name: ask() for name, ask in ways(job, scene.clock).items()}
    assert {answer.text for answer, _ in found.values()} == {SAID}
    assert [answer.account for answer, _ in found.values()] == ["openrouter-1"] * 3 + ["cerebras-1"]
    assert [answer.failovers for answer, _ in found.values()] == [0, 0, 0, 1]
    last, _ = found["astream"]
    assert (last.provider, last.model) == ("cerebras", "smollm2-135m-instruct")
    assert last.duration > 0
    for name in ("stream", "astream"):
        assert "".join(found[name][1]) == SAID
        assert len(found[name][1]) > 1
    assert len(scene.fleet.books) == 5


def check_prompt(job: Job, scene: Scene) -> None:
    """One passage and the question are sent, in the words that serve the small model best."""
    job.ask(QUESTION)
    passage = next(text for text in scene.texts if "iron oxide" in text)
    (message,) = scene.heard[0]["messages"]
    assert message == {"role": "user", "content": PROMPT.format(context=passage, question=QUESTION)}


def check_several(job: Job, scene: Scene) -> None:
    """Several at once: each question is heard with its own answer, and errors are heard too."""
    heard: dict[str, Answer | Exception] = {}
    asked = ["Why is Mars red?", "Who discovered Uranus?", "What causes the tides of the sea?"]
    scene.clock.run(job.together(asked, heard.__setitem__))
    texts = [heard[question].text for question in asked]  # type: ignore[union-attr]
    assert texts == [SAID, "[canned] Herschel", "[canned] Moon"]


def check_errors(job: Job, scene: Scene) -> None:
    """An error of the router is heard as such, and raised where one question is asked."""
    scene.fleet.always(None, faults.Status(500))
    heard: dict[str, Answer | Exception] = {}
    scene.clock.run(job.together([QUESTION], heard.__setitem__))
    assert isinstance(heard[QUESTION], AllFailed)
    with pytest.raises(AllFailed):
        job.ask(QUESTION)
