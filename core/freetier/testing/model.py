"""A little model without a mind: it answers, calls tools and fills schemas, always the same.

- It calls a tool when it must, or when the last user message names it (or a long word of its
  name) and no tool has just answered. If the message says "and", and parallel calls are
  allowed, it calls as often as the message holds values for.
- Values come from the message: `tool(3)`, numbers, quoted words, proper names.
- It fills a JSON schema, or the keys that the messages put in quotes.
- Else it says a sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from freetier.testing.jsons import Json, JsonValue
from freetier.testing.said import Call, Said, last_text, text_of
from freetier.testing.schemas import Source, filled, kind_of

QUOTED = re.compile(r"(?<!\w)['\"“\u2018「]([^'\"”\u2019」]+)['\"”\u2019」](?!\w)")
KEY = re.compile(r"['\"`](\w+)['\"`]")
NAME = re.compile(r"\b[A-Z][\w'-]*(?: [A-Z][\w'-]*)*(?:, [A-Z]{2}\b)?")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")
LONG_WORD = 4
LONGEST_QUOTE = 400


def small_model(request: Json) -> Said:
    """Answer a chat request."""
    calls = chosen_calls(request)
    return Said(calls=calls) if calls else Said(text=plain_text(request))


def chosen_calls(request: Json) -> tuple[Call, ...]:
    """Return the calls the request asks for; empty if words will do."""
    prompt = last_text(request, "user")
    tools = wanted_tools(request, prompt)
    calls = tuple(call for tool in tools for call in calls_of(tool, prompt, len(tools) == 1))
    return calls[:1] if request.get("parallel_tool_calls") is False else calls


def wanted_tools(request: Json, prompt: str) -> list[Json]:
    """Return the tools to call: by name, by force, or because the prompt asks for them."""
    tools = [tool["function"] for tool in request.get("tools") or ()]
    choice = request.get("tool_choice") or "auto"
    if choice == "none":
        return []
    if isinstance(choice, Mapping):
        return [tool for tool in tools if tool["name"] == choice["function"]["name"]]
    asked = named_tools(tools, prompt)
    if choice in {"required", "any"}:
        return asked or tools[:1]
    return [] if request["messages"][-1]["role"] == "tool" else asked


def named_tools(tools: list[Json], prompt: str) -> list[Json]:
    """Return the tools a prompt names; else one by a word of its name, or several with "and"."""
    exact = [t for t in tools if re.search(rf"\b{re.escape(t['name'])}\b", prompt)]
    if exact:
        return exact
    lower = prompt.lower()
    hinted = [t for t in tools if any(word in lower for word in long_words(t["name"]))]
    return hinted if " and " in lower else hinted[:1]


def long_words(name: str) -> list[str]:
    """Return the words of a snake or camel case name that say something."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return [word.lower() for word in words if len(word) >= LONG_WORD]


def calls_of(tool: Json, prompt: str, alone: bool) -> list[Call]:  # noqa: FBT001
    """Return the calls of one tool: one for each `tool(…)`, or for each value after an "and"."""
    name, schema = tool["name"], tool.get("parameters") or {}
    written = re.findall(rf"\b{re.escape(name)}\(([^()]*)\)", prompt)
    sources = [source_of(arguments, written=True) for arguments in written]
    if not sources:
        values = first_values(prompt) if alone and " and " in prompt and takes_text(schema) else []
        sources = [Source([value], numbers(prompt), prompt) for value in values]
    sources = sources or [source_of(prompt)]
    return [Call(name, filled({"type": "object", **schema}, source)) for source in sources]


def takes_text(schema: Json) -> bool:
    """Return whether the first argument of a tool is a text."""
    shapes = list((schema.get("properties") or {}).values())
    return bool(shapes) and isinstance(shapes[0], Mapping) and kind_of(shapes[0]) == "string"


def source_of(text: str, *, written: bool = False) -> Source:
    """Return the values a text holds; those of a written call need no quotes."""
    texts = [*QUOTED.findall(text), *([] if written else names(text))]
    if written and not texts:
        texts = [part.strip() for part in text.split(",") if part.strip(" -.0123456789")]
    return Source(texts, numbers(text), text)


def first_values(prompt: str) -> list[str]:
    """Return what a prompt talks about: its quoted words, else its proper names."""
    return QUOTED.findall(prompt) or names(prompt)


def names(text: str) -> list[str]:
    """Return proper names: words in capitals that do not just begin a sentence."""
    found = []
    for match in NAME.finditer(text):
        words = match.group()
        before = text[: match.start()].rstrip()
        if not before or before[-1] in ".?!:":
            words = words.partition(" ")[2]
        if words:
            found.append(words)
    return found


def numbers(text: str) -> list[float]:
    """Return the numbers in a text."""
    return [float(number) for number in NUMBER.findall(text)]


def plain_text(request: Json) -> str:
    """Return an answer in words, or in JSON where that is asked for."""
    shape = request.get("response_format") or {"type": "text"}
    if shape["type"] == "json_schema":
        schema = shape["json_schema"].get("schema") or {}
        return as_json(filled(schema, source_of(last_text(request, "user"))))
    if shape["type"] == "json_object":
        return as_json(named_keys(request) or {"answer": sentence(request)})
    return sentence(request)


def named_keys(request: Json) -> dict[str, Any]:
    """Return an object with the keys that the messages put in quotes."""
    texts = (text_of(m) for m in request["messages"] if m["role"] in {"system", "user"})
    return {key: f"some {key}" for text in texts for key in KEY.findall(text)}


def sentence(request: Json) -> str:
    """Return a sentence on the last message, whoever sent it."""
    last = request["messages"][-1]
    quoted = " ".join(text_of(last).split())[:LONGEST_QUOTE]
    if last["role"] == "tool":
        return f"The tool says: {quoted or 'nothing'}"
    return f"This is a fake answer to: {quoted}" if quoted else "This is a fake answer."


def as_json(value: JsonValue) -> str:
    """Return JSON text."""
    return json.dumps(value, ensure_ascii=False)
