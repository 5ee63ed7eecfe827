"""An answer of a shape, asked of each candidate in the best way it has.

A schema is best, then a tool that must be called, then JSON with the schema in words: so
one request may go to models of which each can do another thing.
"""

from __future__ import annotations

from dataclasses import replace

from freetier.routing.fitness import abilities
from freetier.routing.tokens import compact
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, Message, ResponseFormat, Tool, ToolChoice
from freetier.values.models import Capability

INSTRUCTION = "Answer with nothing but a JSON object that keeps to this JSON schema:\n{schema}"


def shaped(request: ChatRequest, candidate: Candidate) -> ChatRequest:
    """Return a request whose shape is asked for as its candidate can."""
    shape = request.response_format
    if shape is None or shape.kind != "schema":
        return request
    able = abilities(candidate)
    if Capability.JSON_SCHEMA in able:
        return replace(request, response_format=replace(shape, kind="json_schema"))
    if Capability.TOOL_CHOICE in able:
        return replace(
            request,
            response_format=None,
            tools=(_tool(shape),),
            tool_choice=ToolChoice("named", shape.name),
        )
    told = Message(role="system", content=INSTRUCTION.format(schema=compact(shape.schema)))
    return replace(
        request,
        response_format=ResponseFormat(kind="json_object"),
        messages=(told, *request.messages),
    )


def _tool(shape: ResponseFormat) -> Tool:
    return Tool(
        name=shape.name,
        description=shape.description,
        parameters=shape.schema,
        strict=shape.strict,
    )
