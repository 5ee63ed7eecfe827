"""Tools in Gemini's words."""

from __future__ import annotations

import pytest

from freetier.values.chat import Tool, ToolChoice
from tests.core.dialects.gemini.cases import sent

PLAIN = Tool(name="now")


def test_a_tool_without_parameters_has_no_schema():
    """An object without properties is refused."""
    closed = Tool(name="b", parameters={"type": "object", "properties": {}})
    told = sent(tools=(PLAIN, closed))["tools"]
    assert told == [{"functionDeclarations": [{"name": "now"}, {"name": "b"}]}]


@pytest.mark.parametrize(
    ("tool", "complaint"),
    [
        (Tool(name="2nd"), "may be called '2nd'"),
        (Tool(name="t", parameters={"type": "array"}), r"^tools\.t\.parameters: must be an object"),
        (
            Tool(name="t", parameters={"properties": {"a": {"if": {}}}}),
            r"^tools\.t\.parameters\.properties\.a: 'if' cannot be said",
        ),
    ],
)
def test_a_tool_that_cannot_be_said_is_named(tool, complaint):
    """A name that Gemini does not take, or a schema."""
    with pytest.raises(ValueError, match=complaint):
        sent(tools=(tool,))


def test_a_forced_call_needs_its_tool():
    """Refused here, before anything is sent."""
    with pytest.raises(ValueError, match="there are none"):
        sent(tool_choice=ToolChoice("required"))
    with pytest.raises(ValueError, match="not among the tools: gone"):
        sent(tools=(PLAIN,), tool_choice=ToolChoice("named", "gone"))


def test_a_choice_without_tools_is_left_out():
    """`auto` and `none` mean nothing then."""
    assert set(sent(tool_choice=ToolChoice("auto"))) == {"contents"}
