"""The 28 behaviours of a first-class LlamaIndex model, each tested plain and failing over.

The fixtures `stage` and `llm` are what runs a test both ways: with `failover` every call is
refused by the first host, and the fleet's books have to say so (see `conftest.py`).
"""

from __future__ import annotations

import importlib
import inspect

import pytest

BOTH_WAYS = {"stage", "llm"}

BEHAVIOURS = {
    "chat": "test_calling.test_a_conversation_is_answered",
    "chat, asynchronous": "test_calling.test_a_conversation_is_answered_asynchronously",
    "chat, streamed": "test_calling.test_a_streamed_conversation_grows",
    "chat, both": "test_calling.test_a_streamed_conversation_grows_asynchronously",
    "complete": "test_calling.test_a_prompt_is_completed",
    "complete, asynchronous": "test_calling.test_a_prompt_is_completed_asynchronously",
    "complete, streamed": "test_calling.test_a_streamed_prompt_grows",
    "complete, both": "test_calling.test_a_streamed_prompt_grows_asynchronously",
    "roles on the wire": "test_calling.test_roles_arrive_as_they_are",
    "images on the wire": "test_calling.test_an_image_arrives_whole",
    "a tool": "test_tools.test_a_tool_is_called",
    "parallel tools": "test_tools.test_several_calls_stay_apart",
    "refused parallel tools": "test_tools.test_refused_parallel_calls_leave_one",
    "a required tool": "test_tools.test_a_required_tool_is_forced",
    "predict and call": "test_tools.test_a_tool_is_called_and_run",
    "structured": "test_structured.test_an_object_is_predicted",
    "structured, asynchronous": "test_structured.test_an_object_is_predicted_asynchronously",
    "structured, streamed": "test_structured.test_a_streamed_object_is_forced_as_well",
    "structured, both": "test_structured.test_a_streamed_object_is_forced_asynchronously",
    "structured model": "test_structured.test_a_structured_model_answers_in_objects",
    "FunctionAgent, both ways": "test_agents.test_a_function_agent_calls_and_answers",
    "ReActAgent": "test_agents.test_a_react_agent_reasons_in_words",
    "CodeActAgent": "test_agents.test_a_code_agent_runs_what_it_writes",
    "AgentWorkflow with hand-off": "test_agents.test_agents_hand_over",
    "token counts, both ways": "test_calling.test_tokens_are_counted_as_the_provider_counts_them",
    "query engine": "test_engines.test_a_query_is_answered",
    "query engine, asynchronous": "test_engines.test_a_query_is_answered_asynchronously",
    "query engine, streamed": "test_engines.test_a_streamed_query_is_answered",
    "query engine with a class": "test_engines.test_a_query_answers_in_objects",
    "chat engines": "test_engines.test_a_chat_engine_remembers",
    "unmutated history": "test_calling.test_a_history_stays_as_it_was",
    "concurrency": "test_calling.test_a_running_call_lets_other_tasks_run",
}


@pytest.mark.parametrize("test", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_each_is_tested_both_ways(test: str) -> None:
    """Its test exists and takes a fixture that runs it plain and with a forced failover."""
    module, _, name = test.partition(".")
    found = getattr(importlib.import_module(f"tests.llamaindex.{module}"), name)

    assert BOTH_WAYS & inspect.signature(found).parameters.keys()
