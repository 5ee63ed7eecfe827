"""Tools in every form become plain dicts, and the choice among them one spelling."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest
from langchain_core.exceptions import ModelInvalidRequestError
from langchain_core.tools import tool
from pydantic import BaseModel
from pydantic.v1 import BaseModel as BaseModelV1

from freetier import ConfigError
from freetier_langchain import FreeTierChatModel
from freetier_langchain._tools import read_choice, tool_dicts

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@tool
def look_up(city: str) -> str:
    """Look it up."""
    return city


def function(city: str) -> str:
    """Look it up."""
    return city


class Look(BaseModel):
    """Look it up."""

    city: str


class LookV1(BaseModelV1):
    """Look it up."""

    city: str


class Typed(TypedDict):
    """Look it up."""

    city: str


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (look_up, "look_up"),
        (function, "function"),
        (Look, "Look"),
        (LookV1, "LookV1"),
        (Typed, "Typed"),
        ({"title": "t", "description": "Look it up.", **PARAMETERS}, "t"),
        ({"name": "t", "description": "Look it up.", "parameters": PARAMETERS}, "t"),
        (
            {
                "name": "t",
                "description": "Look it up.",
                "input_schema": PARAMETERS,
                "cache_control": {"type": "ephemeral"},
            },
            "t",
        ),
        (
            {
                "toolSpec": {
                    "name": "t",
                    "description": "Look it up.",
                    "inputSchema": {"json": PARAMETERS},
                }
            },
            "t",
        ),
    ],
)
def test_a_tool_is_one_in_every_form(given: Any, name: str) -> None:
    """All of them say the same to the provider, and nothing that only one vendor knows."""
    (made,) = tool_dicts([given])

    assert made["type"] == "function"
    assert set(made["function"]) == {"name", "description", "parameters"}
    assert made["function"]["name"] == name
    assert made["function"]["description"] == "Look it up."
    assert made["function"]["parameters"]["properties"] == {"city": {"type": "string"}}


@pytest.mark.parametrize(
    "given", [{"type": "web_search"}, {"type": "computer_20250124", "name": "computer"}]
)
def test_a_vendors_own_tool_is_refused_when_it_is_bound(given: dict[str, Any]) -> None:
    """Nobody else could run it, and the error is LangChain's and ours."""
    with pytest.raises(ModelInvalidRequestError, match=r"tools\[1\].*run by their vendor") as got:
        FreeTierChatModel(model="fast").bind_tools([look_up, given])

    assert isinstance(got.value, ConfigError)


@pytest.mark.parametrize("given", [42, "look_up", None, {"a": 1}, {"type": "function"}])
def test_what_is_no_tool_is_refused_when_it_is_bound(given: Any) -> None:
    """The error says which one, and what a tool is."""
    with pytest.raises(ModelInvalidRequestError, match=r"tools\[0\].*is no tool"):
        FreeTierChatModel(model="fast").bind_tools([given])


@pytest.mark.parametrize("given", [42, "look_up", None, {"name": "f"}])
def test_what_is_no_list_of_tools_is_refused_when_it_is_bound(given: Any) -> None:
    """The error says what was given."""
    with pytest.raises(ModelInvalidRequestError, match="tools: give a list of tools, not"):
        FreeTierChatModel(model="fast").bind_tools(given)


@pytest.mark.parametrize("given", [lambda x: x, {"name": "look up"}, {"name": ""}])
def test_a_tool_whose_name_nobody_takes_is_refused_when_it_is_bound(given: Any) -> None:
    """A `lambda` has such a name; a provider would refuse it only after it was asked."""
    with pytest.raises(ModelInvalidRequestError, match=r"tools\[0\].*no name for a tool"):
        FreeTierChatModel(model="fast").bind_tools([given])


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (None, None),
        (False, None),
        ("", None),
        ("auto", "auto"),
        ("none", "none"),
        ("any", "required"),
        ("required", "required"),
        (True, "required"),
        ({"type": "any"}, "required"),
        ({"type": "auto"}, "auto"),
        ("look_up", {"type": "function", "function": {"name": "look_up"}}),
        (
            {"type": "tool", "name": "look_up"},
            {"type": "function", "function": {"name": "look_up"}},
        ),
        (
            {"type": "function", "function": {"name": "look_up"}},
            {"type": "function", "function": {"name": "look_up"}},
        ),
    ],
)
def test_a_choice_is_one_in_every_spelling(choice: Any, said: Any) -> None:
    """Words of all vendors mean the same four things."""
    assert read_choice(choice, tool_dicts([look_up])) == said


@pytest.mark.parametrize("choice", ["lok_up", {"type": "tool", "name": "lok_up"}])
def test_a_choice_of_a_tool_that_is_not_there_names_the_nearest(choice: Any) -> None:
    """A typing error is found before anything is sent."""
    with pytest.raises(ModelInvalidRequestError, match="did you mean 'look_up'"):
        read_choice(choice, tool_dicts([look_up]))


def test_a_choice_that_chooses_nothing_is_refused() -> None:
    """OpenAI's dict without a name is a mistake."""
    with pytest.raises(ModelInvalidRequestError, match="tool_choice"):
        read_choice({"type": "function"}, tool_dicts([look_up]))
    with pytest.raises(ModelInvalidRequestError, match="tool_choice: give auto"):
        read_choice(3, tool_dicts([look_up]))  # type: ignore[arg-type]


def test_no_tools_at_all_may_be_bound() -> None:
    """Agents do so when they only want a response format; then nothing is said of tools."""
    shape = {"type": "json_object"}
    bound = FreeTierChatModel(model="fast").bind_tools([], tool_choice="any", response_format=shape)

    assert bound.kwargs == {"response_format": shape}


def test_tools_are_bound_with_what_is_said_of_their_calls() -> None:
    """Choice, strictness and parallel calls travel with them."""
    bound = FreeTierChatModel(model="fast").bind_tools(
        [look_up], tool_choice="look_up", strict=True, parallel_tool_calls=False
    )
    kwargs = bound.kwargs

    assert kwargs["tools"][0]["function"]["strict"] is True
    assert kwargs["tool_choice"] == {"type": "function", "function": {"name": "look_up"}}
    assert kwargs["parallel_tool_calls"] is False
