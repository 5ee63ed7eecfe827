"""The retrieval chain, over fronts without sockets."""

from __future__ import annotations

import pytest

from freetier.demo.langchain_job import LangChainJob, SharedEmbeddings
from freetier_langchain import FreeTierChatModel
from tests.core.demo.jobs import (
    Scene,
    check_errors,
    check_every_way,
    check_prompt,
    check_several,
)


@pytest.fixture
def scene() -> Scene:
    """Fronts, a clock and a router."""
    return Scene()


@pytest.fixture
def job(scene) -> LangChainJob:
    """The chain over that router."""
    return LangChainJob(FreeTierChatModel(router=scene.router), scene.vectors, scene.texts)


def test_every_way_gives_the_answer_and_who_gave_it(job, scene):
    """Provider, model, account and fail-overs come from the message's own metadata."""
    check_every_way(job, scene)


def test_several_at_once_are_heard_singly(job, scene):
    """Each question with its answer, as soon as it is there."""
    check_several(job, scene)


def test_an_error_reaches_the_story(job, scene):
    """As one of ours, whatever LangChain wraps around it."""
    check_errors(job, scene)


def test_the_chain_retrieves_the_passage(job, scene):
    """What is sent holds one passage and the question."""
    check_prompt(job, scene)


def test_its_embeddings_are_the_shared_ones(scene):
    """A text that one framework has embedded is not embedded again."""
    shared = SharedEmbeddings(scene.vectors)
    assert shared.embed_documents(["Mars"]) == [shared.embed_query("Mars")]
    assert scene.vectors.of(["Mars"]) == shared.embed_documents(["Mars"])
