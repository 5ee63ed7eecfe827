"""A shape is asked of each candidate in the best way it has."""

from __future__ import annotations

import pytest

from freetier.routing.estimate import cost_of
from freetier.routing.fitness import Reason, unfit
from freetier.routing.lengths import Lengths
from freetier.routing.needs import needs
from freetier.routing.shaping import shaped
from freetier.shapes.asked import request as read
from freetier.values.chat import ChatRequest, Message, ResponseFormat, Tool, ToolChoice
from freetier.values.models import Capability
from freetier.values.options import RouteOptions
from tests.core.routing.setups import candidate

HELLO = Message(role="user", content="Hello there")
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}
SHAPE = ResponseFormat(kind="schema", name="person", description="A person.", schema=SCHEMA)
ASKED = ChatRequest(messages=(HELLO,), response_format=SHAPE)


def able(*capabilities: Capability):
    """Return a candidate that can do these things only."""
    return candidate(capabilities=frozenset(capabilities))


@pytest.mark.parametrize(
    ("capabilities", "kind", "named"),
    [
        ((Capability.JSON_SCHEMA, Capability.TOOL_CHOICE), "json_schema", None),
        ((Capability.TOOLS, Capability.TOOL_CHOICE, Capability.JSON_OBJECT), None, "person"),
        ((Capability.JSON_OBJECT,), "json_object", None),
    ],
)
def test_the_best_way_is_taken(capabilities, kind, named):
    """A schema, else a forced call, else words."""
    made = shaped(ASKED, able(*capabilities))

    assert (made.response_format.kind if made.response_format else None) == kind
    assert made.tool_choice == (ToolChoice("named", named) if named else None)
    wanted = Tool(name="person", description="A person.", parameters=SCHEMA)
    assert made.tools == ((wanted,) if named else ())
    assert ('"name"' in str(made.messages)) == (kind == "json_object")
    assert made.messages[-1] == HELLO


@pytest.mark.parametrize("kind", ["json_schema", "json_object"])
def test_a_way_that_was_chosen_is_kept(kind):
    """Only an open one is decided here."""
    request = ChatRequest(messages=(HELLO,), response_format=ResponseFormat(kind=kind))
    assert shaped(request, able(Capability.TOOL_CHOICE)) is request


def test_who_has_none_of_the_ways_is_left_out():
    """With a reason that names them all; beside other tools only a schema will do."""
    options = RouteOptions()

    def reason(request: ChatRequest, *capabilities: Capability):
        asked, one = needs(request), able(*capabilities)
        found = unfit(asked, options, one, cost_of(asked, one, Lengths(), options))
        return (found.reason, found.detail) if found else None

    assert reason(ASKED, Capability.TOOLS) == (
        Reason.LACKS,
        "neither json_object nor json_schema nor tool_choice",
    )
    assert reason(ASKED, Capability.JSON_OBJECT) is None
    beside = ChatRequest(messages=(HELLO,), tools=(Tool(name="look"),), response_format=SHAPE)
    assert reason(beside, *able().model.capabilities, Capability.TOOL_CHOICE, Capability.TOOLS)


def test_it_is_asked_for_in_openais_shape():
    """With a type of our own."""
    form = {"type": "schema", "json_schema": {"name": "person", "schema": SCHEMA}}
    made = read("Hi", {"response_format": {**form}})
    assert made.response_format == ResponseFormat(kind="schema", name="person", schema=SCHEMA)
