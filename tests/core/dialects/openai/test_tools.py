"""Tools and choices in the forms a provider takes."""

from __future__ import annotations

import pytest

from freetier.dialects.openai.tools import format_field, tool_fields
from freetier.values.chat import ChatRequest, ResponseFormat, Tool, ToolChoice
from freetier.values.quirks import Quirks

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
F = Tool(name="f", description="does f", parameters=SCHEMA, strict=True)
G = Tool(name="g")

NAMED_F = {"type": "function", "function": {"name": "f"}}


def fields(mode=None, name=None, tools=(F, G), **quirks):
    """Return what is sent: the names of the tools and the choice."""
    choice = ToolChoice(mode, name) if mode else None
    sent = tool_fields(ChatRequest(tools=tools, tool_choice=choice), Quirks(**quirks))
    return [tool["function"]["name"] for tool in sent.get("tools", [])], sent.get("tool_choice")


BOTH = ["f", "g"]


@pytest.mark.parametrize(
    ("forms", "mode", "expected"),
    [
        ("all", None, (BOTH, None)),
        ("all", "auto", (BOTH, "auto")),
        ("all", "none", (BOTH, "none")),
        ("all", "required", (BOTH, "required")),
        ("all", "named", (BOTH, NAMED_F)),
        ("strings", "auto", (BOTH, "auto")),
        ("strings", "none", (BOTH, "none")),
        ("strings", "required", (BOTH, "required")),
        ("strings", "named", (["f"], "required")),
        ("auto", None, (BOTH, None)),
        ("auto", "auto", (BOTH, "auto")),
        ("auto", "none", ([], None)),
        ("none", None, (BOTH, None)),
        ("none", "auto", (BOTH, None)),
        ("none", "none", ([], None)),
    ],
)
def test_each_choice_is_said_in_the_forms_a_provider_takes(forms, mode, expected):
    """What cannot be said by name is said by sending the one tool alone."""
    name = "f" if mode == "named" else None
    assert fields(mode, name, tool_choice=forms) == expected


def test_the_only_tool_is_required_rather_than_named():
    """It means the same, and servers that read words alone (llama.cpp, LM Studio) heed it."""
    assert fields("named", "f", tools=(F,)) == (["f"], "required")
    assert fields("named", "f", tools=(F,), required_word="any") == (["f"], "any")


@pytest.mark.parametrize("forms", ["auto", "none"])
@pytest.mark.parametrize("mode", ["required", "named"])
def test_a_provider_that_cannot_be_forced_says_so(forms, mode):
    """A forced call is never quietly left to the model."""
    with pytest.raises(ValueError, match="cannot be made to call"):
        fields(mode, "f" if mode == "named" else None, tool_choice=forms)


def test_a_forced_call_is_spelt_as_the_provider_spells_it():
    """Mistral says `any`."""
    assert fields("required", required_word="any")[1] == "any"
    assert fields("named", "f", tool_choice="strings", required_word="any") == (["f"], "any")


def test_a_choice_among_no_tools_is_told():
    """A forced call needs a tool, a named one that tool."""
    with pytest.raises(ValueError, match="there are none"):
        fields("required", tools=())
    with pytest.raises(ValueError, match="not among the tools: h"):
        fields("named", "h")
    assert fields("auto", tools=()) == ([], None)


def test_a_tool_is_sent_with_its_schema():
    """Name, description, parameters; `strict` only where it is taken and was given."""
    sent = tool_fields(ChatRequest(tools=(F, G)), Quirks())["tools"]
    assert sent == [
        {
            "type": "function",
            "function": {
                "name": "f",
                "description": "does f",
                "parameters": SCHEMA,
                "strict": True,
            },
        },
        {
            "type": "function",
            "function": {"name": "g", "parameters": {"type": "object", "properties": {}}},
        },
    ]
    plain = tool_fields(ChatRequest(tools=(F,)), Quirks(strict_flag=False))["tools"]
    assert "strict" not in plain[0]["function"]


@pytest.mark.parametrize(
    ("wanted", "quirks", "expected"),
    [
        (ResponseFormat(kind="json_object"), {}, {"type": "json_object"}),
        (ResponseFormat(kind="json_object"), {"json_object_as_schema": True},
         {"type": "json_schema",
          "json_schema": {"name": "response", "schema": {"type": "object"}}}),
        (ResponseFormat(kind="json_schema", name="my answer!", schema=SCHEMA, strict=True), {},
         {"type": "json_schema",
          "json_schema": {"name": "my_answer_", "schema": SCHEMA, "strict": True}}),
        (ResponseFormat(kind="json_schema", name="", schema=SCHEMA, strict=True),
         {"strict_flag": False},
         {"type": "json_schema", "json_schema": {"name": "response", "schema": SCHEMA}}),
    ],
)  # fmt: skip
def test_a_format_is_said_as_the_provider_takes_it(wanted, quirks, expected):
    """JSON mode, JSON mode as a schema, and a schema with a name that is taken."""
    assert format_field(wanted, Quirks(**quirks)) == expected


def test_strict_tools_do_not_stand_beside_others_where_that_is_refused():
    """The flag is left out for all; together they keep it."""
    strict, loose = Tool(name="a", strict=True), Tool(name="b")
    mixed = tool_fields(ChatRequest(tools=(strict, loose)), Quirks(strict_mixed=False))["tools"]
    assert all("strict" not in tool["function"] for tool in mixed)
    alone = tool_fields(ChatRequest(tools=(strict,)), Quirks(strict_mixed=False))["tools"]
    assert alone[0]["function"]["strict"] is True


def test_a_root_that_a_provider_refuses_is_told_with_the_tool():
    """The router goes on to the next candidate with this as the reason."""
    tool = Tool(name="pick", parameters={"anyOf": [{"type": "object"}]})
    with pytest.raises(ValueError, match="takes no anyOf at the root of a tool's schema: pick"):
        tool_fields(ChatRequest(tools=(tool,)), Quirks(tool_root_refused=frozenset({"anyOf"})))


def test_an_answers_objects_are_closed_where_they_must_be():
    """Cerebras takes no others."""
    schema = {"type": "object", "properties": {"a": {}}}
    wanted = ResponseFormat(kind="json_schema", schema=schema)
    sent = format_field(wanted, Quirks(answer_closed=True))["json_schema"]["schema"]
    assert sent == {**schema, "additionalProperties": False}
