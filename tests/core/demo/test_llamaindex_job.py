"""The query engine, over fronts without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from freetier import RequestRejected
from freetier.demo.llamaindex_job import LlamaIndexJob, NoAnswer, SharedEmbedding, answer
from freetier.testing import faults
from freetier_llamaindex import FreeTierLLM
from tests.core.demo.jobs import (
    Scene,
    check_errors,
    check_every_way,
    check_prompt,
    check_several,
)


@pytest.fixture(autouse=True)
def _event_loop() -> Iterator[None]:
    """A loop to be closed: LlamaIndex counts tokens in one that it makes and leaves behind."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def scene() -> Scene:
    """Fronts, a clock and a router."""
    return Scene()


@pytest.fixture
def job(scene) -> LlamaIndexJob:
    """The engines over that router."""
    return LlamaIndexJob(FreeTierLLM(router=scene.router), scene.vectors, scene.texts)


def test_every_way_gives_the_answer_and_who_gave_it(job, scene):
    """Provider, model, account and fail-overs come from the collected route."""
    check_every_way(job, scene)


def test_several_at_once_are_heard_singly(job, scene):
    """Each question with its answer, as soon as it is there."""
    check_several(job, scene)


def test_an_error_reaches_the_story(job, scene):
    """As one of ours, whatever LlamaIndex wraps around it."""
    check_errors(job, scene)


def test_no_engine_swallows_a_rejected_request(job, scene):
    """Engines answer emptily after a `ValueError`, so none of our errors is one."""
    scene.fleet.always(None, faults.Status(400))
    with pytest.raises(RequestRejected):
        job.ask("Why is Mars red?")


def test_an_answer_that_nobody_gave_is_no_answer():
    """Whatever an engine swallows, an answer without a route does not count as one."""
    with pytest.raises(NoAnswer, match="kept the model's error to itself"):
        answer("", [])


def test_the_engine_retrieves_the_passage(job, scene):
    """What is sent holds one passage and the question."""
    check_prompt(job, scene)


def test_its_embeddings_are_the_shared_ones(scene):
    """A text that one framework has embedded is not embedded again."""
    shared = SharedEmbedding(scene.vectors)
    (known,) = scene.vectors.of(["Mars"])
    assert shared.get_text_embedding("Mars") == shared.get_query_embedding("Mars") == known
    assert scene.clock.run(shared.aget_query_embedding("Mars")) == known
