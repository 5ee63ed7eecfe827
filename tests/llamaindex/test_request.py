"""Fields and arguments as the router's own words: who wins, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.tools import FunctionTool
from pydantic import BaseModel

from freetier import Completion, ConfigError, RouteReport, ToolCall
from freetier.values.chat import Content
from freetier_llamaindex import FreeTierLLM
from freetier_llamaindex._request import asked
from freetier_llamaindex._tools import choice_of, conversation, tool_dicts

HELLO = [ChatMessage(content="Hello")]


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


TOOL = FunctionTool.from_defaults(add)
DICT = TOOL.metadata.to_openai_tool()
NAMED = {"type": "function", "function": {"name": "add"}}


def given(llm: FreeTierLLM, **said: Any) -> dict[str, Any]:
    """Return what the router is given for a call."""
    return dict(asked(HELLO, llm._own(), said).given)


def test_what_is_not_said_is_left_to_the_router() -> None:
    """A model without fields asks for its alias and nothing else."""
    assert given(FreeTierLLM("fast")) == {"model": "fast"}
    assert given(FreeTierLLM()) == {}


def test_a_call_wins_over_a_field() -> None:
    """Arguments of a call replace fields of the model, also under another name."""
    llm = FreeTierLLM("fast", temperature=0.5, timeout=30)

    assert given(llm, temperature=0.0, deadline=5) == {
        "model": "fast",
        "temperature": 0.0,
        "deadline": 5,
    }


def test_routing_words_are_the_routers() -> None:
    """`timeout` is the whole call's, `max_retries` counts what comes after the first attempt."""
    llm = FreeTierLLM("fast", timeout=30, max_retries=2, route_tags=["night"], only="groq")

    assert given(llm, attempt_timeout=10) == {
        "model": "fast",
        "deadline": 30,
        "attempts": 3,
        "timeout": 10,
        "tags": ["night"],
        "only": "groq",
    }


def test_waiting_without_bound_is_not_the_default() -> None:
    """`max_wait=None` is a wish of its own: as long as the deadline allows."""
    assert given(FreeTierLLM("fast", max_wait=None)) == {"model": "fast", "max_wait": None}
    assert given(FreeTierLLM("fast"), max_wait=None) == {"model": "fast", "max_wait": None}
    assert "max_wait" not in given(FreeTierLLM("fast"))


def test_a_provider_is_the_only_one() -> None:
    """`provider` narrows every call to it."""
    assert given(FreeTierLLM("fast", provider="groq"))["only"] == "groq"


def test_parameters_of_some_providers_are_passed_on() -> None:
    """`additional_kwargs` of field and call are joined and travel as they are."""
    llm = FreeTierLLM("fast", additional_kwargs={"top_k": 3})
    request = asked(HELLO, llm._own(), {"additional_kwargs": {"mirostat": 1}}).request

    assert request.extra == {"top_k": 3, "mirostat": 1}


def test_what_has_a_place_of_its_own_goes_there() -> None:
    """Also where it stands among what only some providers know, as others' models take it."""
    llm = FreeTierLLM("fast", additional_kwargs={"seed": 7, "timeout": 9, "top_k": 3})
    call = asked(HELLO, llm._own(), {"additional_kwargs": {"temperature": 0.5}, "n": 1})

    assert call.request.extra == {"top_k": 3}
    assert {name: call.given[name] for name in ("seed", "deadline", "temperature")} == {
        "seed": 7,
        "deadline": 9,
        "temperature": 0.5,
    }
    assert "n" not in call.given


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, {"n": 2}),
        ({}, {"additional_kwargs": {"n": 2}}),
        ({"additional_kwargs": {"n": 2}}, {}),
    ],
)
def test_several_answers_at_once_are_refused(
    lone_stage: Any, fields: dict[str, Any], said: dict[str, Any]
) -> None:
    """Wherever they are asked for, before anything is sent."""
    with pytest.raises(ConfigError, match="one answer per call, not 2; call again"):
        lone_stage.llm(**fields).chat(HELLO, **said)
    assert len(lone_stage.fleet.books) == 0


def test_a_stream_cannot_begin_anew() -> None:
    """`restart` is refused: what was streamed into LlamaIndex cannot be taken back."""
    with pytest.raises(ConfigError, match="cannot be taken back"):
        given(FreeTierLLM("fast"), on_stream_break="restart")
    with pytest.raises(ValueError, match="on_stream_break"):
        FreeTierLLM("fast", on_stream_break="restart")


def test_a_field_that_does_not_exist_is_refused() -> None:
    """A slip in a name is an error and not a default."""
    with pytest.raises(ValueError, match="max_tokenz"):
        FreeTierLLM("fast", max_tokenz=5)


def test_an_argument_that_does_not_exist_is_refused(lone_stage: Any) -> None:
    """A slip in a call's argument names the nearest right one, before anything is sent."""
    with pytest.raises(ConfigError, match="did you mean 'temperature'"):
        lone_stage.llm().chat(HELLO, temperatur=0.5)
    with pytest.raises(ConfigError, match=r"'logprobs'; what only .* goes into additional_kwargs"):
        lone_stage.llm().chat(HELLO, logprobs=True)
    assert len(lone_stage.fleet.books) == 0


def test_an_empty_conversation_is_refused(lone_stage: Any) -> None:
    """A call without a message is an error of the caller, in each colour."""
    llm = lone_stage.llm()
    with pytest.raises(ConfigError, match="the list of messages is empty"):
        llm.chat([])
    with pytest.raises(ConfigError, match="the list of messages is empty"):
        list(llm.stream_chat([]))


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, None), ("", None), ("auto", "auto"), ("none", "none"), ("any", "required"),
        ("required", "required"), ("add", NAMED), (NAMED, NAMED),
        ({"type": "tool", "name": "add"}, NAMED), ({"type": "any"}, "required"),
    ],
)  # fmt: skip
def test_a_choice_is_read_in_every_shape(choice: Any, expected: Any) -> None:
    """Modes, names, OpenAI's and Anthropic's dicts all mean the same to the router."""
    assert choice_of(choice, [DICT]) == expected


def test_a_choice_among_nothing_is_none() -> None:
    """Without tools there is nothing to choose, whatever is asked for."""
    assert choice_of("required", []) is None


def test_a_tool_called_like_a_mode_is_meant() -> None:
    """A tool's own name comes before the words for modes."""
    tool = {"type": "function", "function": {"name": "any"}}

    assert choice_of("any", [tool]) == {"type": "function", "function": {"name": "any"}}


def test_a_choice_that_cannot_be_read_is_refused() -> None:
    """A dict that names nothing says what may be given."""
    with pytest.raises(ConfigError, match="give auto, none, any, required"):
        choice_of({"type": "function"}, [DICT])


def test_tools_are_dicts_in_one_shape() -> None:
    """LlamaIndex's tools are converted, however long they are described; dicts pass."""
    long = FunctionTool.from_defaults(add, description="x" * 3000)

    assert tool_dicts([TOOL, DICT]) == [DICT, DICT]
    assert tool_dicts([long])[0]["function"]["description"] == "x" * 3000


def test_a_history_is_copied() -> None:
    """The list that goes on is a new one, with what the user says now at its end."""
    history = [ChatMessage(content="Hello")]
    talk = conversation("And now?", history)

    assert [message.content for message in talk] == ["Hello", "And now?"]
    assert len(history) == 1
    assert conversation(None, history) is not history


def test_a_class_is_a_schema() -> None:
    """`response_format` takes a Pydantic class as well."""

    class City(BaseModel):
        name: str

    shape = given(FreeTierLLM("fast"), response_format=City)["response_format"]

    assert shape["json_schema"] == {"name": "City", "schema": City.model_json_schema()}


def test_both_judgements_are_asked() -> None:
    """A caller's `accept` is asked after our own, which wants readable arguments."""
    heard = []
    accept = given(FreeTierLLM("fast"), tools=[TOOL], accept=heard.append)["accept"]
    good, bad = _completion('{"a": 1}'), _completion('{"a": 1')

    accept(good)
    with pytest.raises(ValueError, match="the arguments of add are not a JSON object"):
        accept(bad)
    assert heard == [good]


def _completion(arguments: str) -> Completion:
    call = ToolCall(id="c1", name="add", arguments=arguments)
    return Completion(
        content=Content(tool_calls=(call,)), report=RouteReport(request_id="r1", alias="fast")
    )
