"""A whole answer as LangChain's result."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from freetier import Completion
from freetier_langchain._calls import sorted_out
from freetier_langchain._messages_in import REASONING, REFUSAL, VENDOR
from freetier_langchain._metadata import gateway, identity, outcome, passport
from freetier_langchain._usage import usage_metadata


def result(completion: Completion) -> ChatResult:
    """Return one generation; the provider's id stays out of the message's.

    LangGraph replaces messages that share an id, and some servers repeat theirs.
    """
    generation = ChatGeneration(
        message=answer(completion), generation_info=gateway(completion.report)
    )
    return ChatResult(generations=[generation])


def answer(completion: Completion) -> AIMessage:
    """Return what was said, with who said it and what it took."""
    content = completion.content
    valid, invalid = sorted_out(content.tool_calls, content.finish_reason)
    return AIMessage(
        content=content.text,
        additional_kwargs=_kwargs(completion),
        tool_calls=valid,
        invalid_tool_calls=invalid,
        usage_metadata=usage_metadata(content.usage),
        response_metadata={**identity(completion.report), **outcome(completion)},
    )


def _kwargs(completion: Completion) -> dict[str, Any]:
    content = completion.content
    kwargs: dict[str, Any] = {}
    if content.reasoning:
        kwargs[REASONING] = content.reasoning
    if content.refusal:
        kwargs[REFUSAL] = content.refusal
    if secrets := passport(completion):
        kwargs[VENDOR] = secrets
    return kwargs
