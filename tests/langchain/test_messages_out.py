"""A whole answer becomes one message that says who answered, once and where it is looked for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from freetier import Fault, FinishReason, ToolCall, Usage
from freetier.values.reports import Skipped
from freetier_langchain._messages_in import to_core
from freetier_langchain._messages_out import answer, result
from freetier_langchain._metadata import passport
from freetier_langchain._usage import usage_metadata
from tests.langchain.answers import attempt, completion


def test_the_metadata_name_the_provider_that_answered() -> None:
    """`model_provider` is ours, `provider` and `model_name` are theirs."""
    said = answer(completion()).response_metadata

    assert said["model_provider"] == "freetier"
    assert (said["provider"], said["model_name"]) == ("south", "m")
    assert said["finish_reason"] == "stop"


def test_the_route_is_told_with_every_attempt() -> None:
    """The message alone says who was tried before, and why not."""
    route = answer(completion()).response_metadata["freetier"]

    assert (route["alias"], route["account"], route["failovers"]) == ("fast", "south-1", 1)
    assert [(a["provider"], a["fault"], a["status"]) for a in route["attempts"]] == [
        ("north", "overloaded", 503),
        ("south", None, 200),
    ]


def test_what_an_attempt_cost_in_vain_is_told_apart() -> None:
    """An answer that was turned down has used tokens, which are not those of this answer."""
    spent = Usage(input_tokens=3, output_tokens=9, total_tokens=12)
    tried = (attempt("north", Fault.MALFORMED, usage=spent), attempt("south"))
    message = answer(completion(route={"attempts": tried}))

    first, _ = message.response_metadata["freetier"]["attempts"]
    assert (first["seconds"], first["usage"]["total_tokens"]) == (0.5, 12)
    assert message.usage_metadata is not None
    assert message.usage_metadata["total_tokens"] == 5


def test_who_was_passed_over_is_told_with_the_reason() -> None:
    """Nobody has to guess why an account was not used."""
    over = (Skipped(candidate="west-1/m", reason="lacks"),)
    said = answer(completion(route={"skipped": over})).response_metadata

    assert said["freetier"]["skipped"] == {"west-1/m": "lacks"}


def test_an_answer_that_is_still_coming_has_its_attempt_as_well() -> None:
    """A stream is told of before its attempt is over."""
    running = completion(route={"attempts": (attempt("north"),), "provider": "north"})
    begun = completion(route={"attempts": ()})

    assert len(answer(running).response_metadata["freetier"]["attempts"]) == 1
    (only,) = answer(begun).response_metadata["freetier"]["attempts"]
    assert (only["provider"], only["fault"]) == ("south", None)


def test_the_end_is_told_apart_from_the_beginning() -> None:
    """A stream knows the one at its first chunk and the other at its last."""
    final = answer(completion()).response_metadata["freetier_final"]

    assert (final["duration"], final["left"], final["usage_estimated"]) == (1.5, 0.25, False)
    assert (final["upstream_model"], final["upstream_id"]) == ("m-0301", "their-id")


def test_the_tracer_is_told_who_answered() -> None:
    """LangChain's tracer takes the names from the generation, not from the message."""
    (generation,) = result(completion()).generations

    names = {"provider": "south", "model": "m"}
    assert generation.generation_info == {"lc_gateway_metadata": names}


def test_the_providers_id_is_not_the_messages() -> None:
    """LangGraph replaces messages that share an id, and some servers repeat theirs."""
    assert answer(completion()).id is None


def test_thoughts_and_refusals_stand_beside_the_content() -> None:
    """LangChain makes content blocks of thoughts by itself."""
    message = answer(completion(reasoning="hm", refusal="no", text=""))

    assert message.additional_kwargs == {"reasoning_content": "hm", "refusal": "no"}
    assert message.content_blocks[0] == {"type": "reasoning", "reasoning": "hm"}


def test_calls_are_sorted_into_those_that_can_be_run() -> None:
    """Half a call is never handed over."""
    calls = (
        ToolCall(id="1", name="f", arguments='{"a": 1}'),
        ToolCall(id="2", name="g", arguments='{"a": [1'),
    )
    message = answer(completion(tool_calls=calls, finish_reason=FinishReason.LENGTH))

    assert [(call["id"], call["args"]) for call in message.tool_calls] == [("1", {"a": 1})]
    assert [call["id"] for call in message.invalid_tool_calls] == ["2"]


@pytest.mark.parametrize(
    ("usage", "metadata"),
    [
        (None, None),
        (
            Usage(input_tokens=3, output_tokens=2, total_tokens=5),
            {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
        ),
        (
            Usage(input_tokens=3, output_tokens=2),
            {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
        ),
        (
            Usage(
                input_tokens=3,
                output_tokens=2,
                total_tokens=5,
                cached_tokens=0,
                reasoning_tokens=1,
                audio_input_tokens=2,
                audio_output_tokens=0,
                image_input_tokens=1,
                video_input_tokens=0,
            ),
            {
                "input_tokens": 3,
                "output_tokens": 2,
                "total_tokens": 5,
                "input_token_details": {"cache_read": 0, "audio": 2, "image": 1, "video": 0},
                "output_token_details": {"reasoning": 1, "audio": 0},
            },
        ),
    ],
)
def test_usage_is_what_the_provider_told(usage: Usage | None, metadata: Any) -> None:
    """A detail stands only where it was told, zero included."""
    assert usage_metadata(usage) == metadata


def test_what_a_provider_wants_back_goes_back_to_its_family() -> None:
    """It is kept under provider and family, and read from there."""
    secret = {"message": {"signature": "s"}}
    said: Any = SimpleNamespace(
        content=SimpleNamespace(vendor=secret),
        report=SimpleNamespace(provider="gemini", family="gemini-3"),
    )
    message = AIMessage("", additional_kwargs={"freetier_vendor": passport(said)})

    (turn,) = to_core([message])
    assert turn.vendor == {("gemini", "gemini-3"): secret}


def test_an_estimate_is_called_one() -> None:
    """Tokens that nobody counted are told apart."""
    guessed = completion(usage=Usage(input_tokens=3, output_tokens=2, estimated=True))

    assert answer(guessed).response_metadata["freetier_final"]["usage_estimated"] is True
