"""Structured prediction in four colours, structured models, and answers that do not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager, CBEventType, LlamaDebugHandler
from llama_index.core.callbacks.schema import EventPayload
from llama_index.core.program import LLMTextCompletionProgram
from llama_index.core.prompts import PromptTemplate
from llama_index.core.types import PydanticProgramMode
from pydantic import BaseModel, Field

from freetier import AllFailed
from freetier.testing.said import Call, Said
from freetier_llamaindex import FreeTierLLM


class City(BaseModel):
    """A city and its people."""

    name: str = Field(description="Its name.")
    people: int = Field(description="How many live there.")


PROMPT = PromptTemplate("Say it of {city}: about 700000 people.")
OSLO = {"name": "Oslo", "people": 700000}


def test_an_object_is_predicted(llm: FreeTierLLM, stage: Any) -> None:
    """`structured_predict` forces the call of the class and returns its object."""
    assert llm.structured_predict(City, PROMPT, city="'Oslo'").model_dump() == OSLO
    assert stage.last["tool_choice"] == "required"


async def test_an_object_is_predicted_asynchronously(stage: Any) -> None:
    """`astructured_predict` does the same, and says the system prompt as the others do."""
    llm = stage.llm(system_prompt="Be exact.")

    assert (await llm.astructured_predict(City, PROMPT, city="'Oslo'")).model_dump() == OSLO
    assert stage.last["tool_choice"] == "required"
    assert [m["content"] for m in stage.last["messages"] if m["role"] == "system"] == ["Be exact."]


def test_a_streamed_object_is_forced_as_well(llm: FreeTierLLM, stage: Any) -> None:
    """`stream_structured_predict` yields an object that grows, out of a forced call."""
    parts = list(llm.stream_structured_predict(City, PROMPT, city="'Oslo'"))

    assert parts[-1].model_dump() == OSLO
    assert stage.last["tool_choice"] == "required"


async def test_a_streamed_object_is_forced_asynchronously(stage: Any) -> None:
    """`astream_structured_predict` yields the same, with the system prompt."""
    llm = stage.llm(system_prompt="Be exact.")
    stream = await llm.astream_structured_predict(City, PROMPT, city="'Oslo'")
    parts = [part async for part in stream]

    assert parts[-1].model_dump() == OSLO
    assert stage.last["tool_choice"] == "required"
    assert stage.last["messages"][0] == {"role": "system", "content": "Be exact."}


def test_a_structured_model_answers_in_objects(llm: FreeTierLLM) -> None:
    """`as_structured_llm` gives a model whose `raw` is the object."""
    structured = llm.as_structured_llm(City)
    said = [ChatMessage(role="user", content="Say it of 'Oslo': about 700000 people.")]

    assert structured.chat(said).raw.model_dump() == OSLO
    assert list(structured.stream_chat(said))[-1].raw.model_dump() == OSLO
    assert structured.complete("Say it of 'Oslo': about 700000 people.").raw.model_dump() == OSLO


async def test_a_structured_model_answers_asynchronously(llm: FreeTierLLM) -> None:
    """The same in its asynchronous calls."""
    structured = llm.as_structured_llm(City)
    said = [ChatMessage(role="user", content="Say it of 'Oslo': about 700000 people.")]

    assert (await structured.achat(said)).raw.model_dump() == OSLO
    parts = [part async for part in await structured.astream_chat(said)]
    assert parts[-1].raw.model_dump() == OSLO


def test_an_answer_that_does_not_fit_goes_to_the_next(lone_stage: Any) -> None:
    """An object that is not of the class is no answer; another candidate is asked."""
    answers = iter(
        [Said(calls=(Call("City", {"name": "Oslo"}),)), Said(calls=(Call("City", OSLO),))]
    )
    lone_stage.mind = lambda _body: next(answers)

    found = lone_stage.llm().structured_predict(City, PROMPT, city="Oslo")

    assert found.model_dump() == OSLO
    assert [entry.provider for entry in lone_stage.fleet.books.entries] == ["north", "south"]


def test_what_traces_show_is_json(llm: FreeTierLLM) -> None:
    """No judge and no class stands among the arguments that handlers are shown."""
    heard = LlamaDebugHandler(print_trace_on_end=False)
    llm.callback_manager = CallbackManager([heard])
    llm.structured_predict(City, PROMPT, city="'Oslo'")
    ((start, _),) = heard.get_event_pairs(CBEventType.LLM)

    assert json.loads(json.dumps(start.payload[EventPayload.ADDITIONAL_KWARGS]))["tools"]


async def test_when_nothing_fits_it_is_a_value_error(lone_stage: Any) -> None:
    """LlamaIndex says `ValueError` of answers it cannot read; ours has the route besides."""
    lone_stage.mind = lambda _body: Said(calls=(Call("City", {"name": "Oslo"}),))
    llm = lone_stage.llm()
    with pytest.raises(ValueError, match="people") as caught:
        llm.structured_predict(City, PROMPT, city="Oslo")
    with pytest.raises(AllFailed, match="people"):
        await llm.astructured_predict(City, PROMPT, city="Oslo")

    assert isinstance(caught.value, AllFailed)
    assert len(caught.value.report.attempts) == 2


def test_words_do_where_the_mode_says_so(llm: FreeTierLLM, stage: Any) -> None:
    """In the mode `llm` the object is read out of the text, and judged there."""
    stage.mind = lambda _body: '{"name": "Oslo", "people": 700000}'
    llm.pydantic_program_mode = PydanticProgramMode.LLM

    assert llm.structured_predict(City, PROMPT, city="Oslo").model_dump() == OSLO
    assert "tools" not in stage.last


@pytest.mark.skipif(
    "stream_call" not in vars(LLMTextCompletionProgram),
    reason="this LlamaIndex streams objects by function calls only",
)
def test_words_are_streamed_where_the_mode_says_so(llm: FreeTierLLM, stage: Any) -> None:
    """In the mode `llm` a streamed object grows out of the text."""
    stage.mind = lambda _body: '{"name": "Oslo", "people": 700000}'
    llm.pydantic_program_mode = PydanticProgramMode.LLM
    parts = list(llm.stream_structured_predict(City, PROMPT, city="Oslo"))

    assert parts[-1].people == 700000
    assert "tools" not in stage.last


def test_words_do_where_nobody_can_call(toolless_stage: Any) -> None:
    """Without a candidate that calls functions the object is asked for in words."""
    toolless_stage.mind = lambda _body: '{"name": "Oslo", "people": 700000}'
    llm = toolless_stage.llm()

    assert not llm.metadata.is_function_calling_model
    assert llm.structured_predict(City, PROMPT, city="Oslo").model_dump() == OSLO
