"""A call's arguments win over the model's fields, and those over the router's defaults."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.exceptions import ModelInvalidRequestError
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from freetier_langchain._request import Call, call


def asked(own: dict[str, Any] | None = None, **given: Any) -> Call:
    """Return what a model with some fields asks for a call with some arguments."""
    return call([HumanMessage("hi")], own or {}, given)


def test_what_nobody_said_is_not_sent() -> None:
    """The provider and the router have defaults of their own."""
    own = {"temperature": None, "stop": None, "max_wait": "default", "only": None}

    assert asked(own).arguments() == {}


def test_an_argument_wins_over_a_field() -> None:
    """Also when it says zero."""
    own = {"model": "fast", "temperature": 0.7, "max_tokens": 10, "deadline": 30.0}

    assert asked(own, model="best", temperature=0, timeout=5).arguments() == {
        "model": "best",
        "temperature": 0,
        "max_tokens": 10,
        "deadline": 5,
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"timeout": 5}, {"deadline": 5}),
        ({"deadline": 5}, {"deadline": 5}),
        ({"attempt_timeout": 5}, {"timeout": 5}),
        ({"max_retries": 0}, {"attempts": 1}),
        ({"max_retries": 2}, {"attempts": 3}),
        ({"max_wait": 0}, {"max_wait": 0}),
        ({"max_wait": None}, {"max_wait": None}),
        ({"max_wait": "default"}, {}),
        ({"allow_paid": False}, {"allow_paid": False}),
        ({"only": ["groq"]}, {"only": ["groq"]}),
        ({"route_tags": ["a"]}, {"tags": ["a"]}),
        ({"tags": ["a"]}, {"tags": ["a"]}),
        ({"on_stream_break": "continue"}, {"on_stream_break": "continue"}),
        ({"fetch_media": True}, {"fetch_media": True}),
        ({"max_completion_tokens": 9}, {"max_tokens": 9}),
        ({"stop": ["a"]}, {"stop": ["a"]}),
        ({"stop": []}, {}),
        ({"parallel_tool_calls": False}, {"parallel_tool_calls": False}),
        ({"n": 1}, {}),
    ],
)
def test_an_argument_becomes_what_the_router_calls_it(
    given: dict[str, Any], said: dict[str, Any]
) -> None:
    """`timeout` is for the whole call, `max_retries` counts from the second attempt."""
    assert asked(**given).arguments() == said


def test_parameters_of_single_vendors_are_passed_on() -> None:
    """Those of the call are added to those of the model."""
    own = {"model_kwargs": {"top_k": 5, "min_p": 0.1}}

    assert asked(own, model_kwargs={"top_k": 6}).request.extra == {"top_k": 6, "min_p": 0.1}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"temprature": 1}, "did you mean 'temperature'"),
        ({"xyzzy": 1}, "model_kwargs"),
        (
            {"top_k": 1},
            "did you mean 'top_p'\\? what only some vendors know goes into model_kwargs",
        ),
        ({"n": 2}, "one answer per call, not 2"),
        ({"model_kwargs": {"n": 2}}, "one answer per call, not 2"),
        ({"on_stream_break": "restart"}, "on_stream_break"),
        ({"tools": [{"type": "web_search"}]}, "run by their vendor"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_sent(
    given: dict[str, Any], words: str
) -> None:
    """The error is LangChain's for a wrong request."""
    with pytest.raises(ModelInvalidRequestError, match=words):
        asked(**given)


def test_langchains_own_marks_are_not_sent() -> None:
    """Not all of them are taken off before a model is called."""
    marks = {"stream": True, "stream_usage": True, "ls_structured_output_format": {}}

    assert asked(**marks).arguments() == {}


def test_a_class_is_a_schema() -> None:
    """As with LangChain's own models, a `response_format` may be the class itself."""

    class Person(BaseModel):
        """A person."""

        name: str

    shape = asked(response_format=Person).arguments()["response_format"]

    assert shape["type"] == "json_schema"
    assert shape["json_schema"]["name"] == "Person"
    assert shape["json_schema"]["schema"]["required"] == ["name"]
