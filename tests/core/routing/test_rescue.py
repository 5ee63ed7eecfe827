"""Good tool calls inside thrown-away answers."""

from __future__ import annotations

from typing import Any

import pytest

from freetier import Router
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults
from freetier.values.chat import Finished, FinishReason, ToolCallDelta

MODEL = "openai/gpt-oss-120b"
TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}},
}


def _thrown_away(text: str) -> faults.Status:
    error = {
        "message": "Failed to call a function.",
        "type": "invalid_request_error",
        "code": "tool_use_failed",
        "failed_generation": text,
    }
    return faults.Status(400, {"error": error})


def _made(text: str) -> tuple[Router, Fleet]:
    groq = FakeProvider("groq", models=[MODEL], accounts=1, limits=[Limit(9, "minute")])
    other = FakeProvider("own", "generic", answer="No call.")
    fleet, clock = Fleet(groq, other), VirtualClock()
    fleet.script("groq", [_thrown_away(text)])
    config = fleet.config(limits=True) | {"strategy": "declared"}
    models = [{"provider": "groq", "model": MODEL}, {"provider": "own", "model": "m"}]
    config["aliases"] = [{"alias": "any", "models": models}]
    return Router(config, transport=fleet.transport(clock), clock=clock), fleet


ASKED: dict[str, Any] = {"model": "any", "tools": [TOOL], "max_wait": 0}
GOOD = '<function=weather>{"city": "Oslo"}</function>'


def test_a_good_call_in_a_bad_answer_is_the_answer() -> None:
    """One attempt, the quota of one, and the report says what happened."""
    router, fleet = _made(GOOD)
    answer = router.complete("Weather in Oslo?", **ASKED)
    assert [(c.name, c.arguments) for c in answer.tool_calls] == [("weather", '{"city":"Oslo"}')]
    assert answer.finish_reason is FinishReason.TOOL_CALLS
    assert answer.usage is not None
    assert answer.usage.estimated
    assert answer.report.account == "groq-1"
    assert "was rescued" in answer.report.notes[-1]
    assert len(fleet.books) == 1


def test_it_is_so_in_streams() -> None:
    """The call, usage, the end; and the whole answer afterwards."""
    router, _ = _made(GOOD)
    with router.stream("Weather in Oslo?", **ASKED) as stream:
        events = list(stream)
    assert [e.name for e in events if isinstance(e, ToolCallDelta)] == ["weather"]
    assert events[-1] == Finished(FinishReason.TOOL_CALLS)
    assert stream.completion.tool_calls[0].name == "weather"


@pytest.mark.parametrize(
    "text",
    ['<function=rain>{"city": "Oslo"}</function>', '<function=weather>{"city": ', "Oslo is fine."],
)
def test_what_is_no_whole_call_of_an_offered_tool_is_not_rescued(text: str) -> None:
    """The next candidate is asked."""
    router, _ = _made(text)
    assert router.complete("Weather in Oslo?", **ASKED).report.account == "own-1"
