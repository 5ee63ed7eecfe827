"""A request into one HTTP request, as the candidate's quirks say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from freetier.dialects.jsontext import write
from freetier.dialects.openai.messages import wire_messages
from freetier.dialects.openai.tools import format_field, tool_fields
from freetier.dialects.outgoing import post, refused_names
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest
from freetier.values.quick import maker, quick

_encoded = maker(Encoded)

SETTINGS = (
    "temperature", "top_p", "seed", "presence_penalty", "frequency_penalty",
)  # fmt: skip
"""Parameters that are sent under their own names."""

OURS = frozenset({"model", "messages", "stream", "stream_options", "tools", "n"})
"""Parameters that no caller may pass on: they decide what an answer is."""

LARGE = frozenset({"messages", "tools"})
"""Members that may be of any length."""

WITH_TOOLS = frozenset({"tool_choice", "parallel_tool_calls"})
"""Parameters that providers refuse where there are no tools."""


@quick
@dataclass(frozen=True, slots=True)
class Written:
    """The members of a request, and what became of the parameters; see `Encoded`."""

    body: dict[str, Any]
    dropped: tuple[str, ...]
    passed_on: tuple[str, ...]


def encode(
    request: ChatRequest, candidate: Candidate, *, stream: bool, before: Encoded | None = None
) -> Encoded:
    """Write a request.

    Args:
        request: What is asked.
        candidate: Who shall answer.
        stream: Whether events are wanted.
        before: What was written of the same request for another candidate.

    Raises:
        ValueError: It cannot be said to this candidate; the text says what.
    """
    said = written(request, candidate, stream=stream)
    path = candidate.quirks.chat_path
    return _encoded(
        request=post(candidate, path, _body(said.body, before), stream=stream),
        dropped=said.dropped,
        passed_on=said.passed_on,
        members=said.body,
    )


def _body(members: dict[str, Any], before: Encoded | None) -> bytes:
    """Return the members as JSON; where only the model is another, the rest is taken over."""
    old = before.members if before is not None else None
    if before is not None and old is not None and _is_like(members, old):
        begun = write({"model": old["model"]})[:-1]
        if before.request.body.startswith(begun):
            rest = before.request.body[len(begun) :]
            return write({"model": members["model"]})[:-1] + rest
    return write(members)


def _is_like(members: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Tell whether members say the same of everything but the model.

    What is large comes from the caller alone; of the rest a provider's own data may say 1
    where another's say true, which are equal and not the same.
    """
    return members.keys() == old.keys() and all(
        value == old[name] if name in LARGE else repr(value) == repr(old[name])
        for name, value in members.items()
        if name != "model"
    )


def written(request: ChatRequest, candidate: Candidate, *, stream: bool) -> Written:
    """Return the members of a request; languages that are near to this one begin with them.

    Raises:
        ValueError: It cannot be said to this candidate; the text says what.
    """
    quirks = candidate.quirks
    body: dict[str, Any] = {
        "model": candidate.model.id,
        "messages": wire_messages(request.messages, candidate),
    }
    if stream:
        body["stream"] = True
        if quirks.stream_usage:
            body["stream_options"] = {"include_usage": True}
    wanted = _wanted(request, candidate)
    called = quirks.renames
    refused = refused_names(candidate)
    # What a provider complained of stands there by the provider's own name.
    refused |= {name for name, theirs in called.items() if theirs in refused}
    if quirks.not_with:
        refused |= _yielding(wanted, refused, quirks.not_with)
    foreign = {name: value for name, value in request.extra.items() if name not in wanted}
    passed_on = tuple(name for name in foreign if name not in refused and name not in OURS)
    body.update((name, foreign[name]) for name in passed_on)
    for name, value in wanted.items():
        if name not in refused:
            body[called.get(name, name)] = value
    for name, value in quirks.body.items():
        if "tools" in body or name not in WITH_TOOLS:
            body.setdefault(name, value)
    return Written(
        body=body,
        dropped=(
            *(name for name in wanted if name in refused),
            *(name for name in foreign if name not in passed_on),
        ),
        passed_on=passed_on,
    )


def _wanted(request: ChatRequest, candidate: Candidate) -> dict[str, Any]:
    """Return the parameters that the caller set, by the language's names."""
    quirks = candidate.quirks
    wanted: dict[str, Any] = {}
    if request.max_tokens is not None:
        wanted[quirks.max_tokens_field] = request.max_tokens
    for name in SETTINGS:
        value = getattr(request, name)
        if value is not None:
            wanted[name] = value
    if request.reasoning_effort is not None:
        wanted["reasoning_effort"] = _effort(request.reasoning_effort, candidate)
    if request.stop:
        wanted["stop"] = request.stop
    if request.response_format is not None:
        wanted["response_format"] = format_field(request.response_format, quirks)
    if request.tools or request.tool_choice is not None:
        wanted.update(tool_fields(request, quirks))
    if request.parallel_tool_calls is not None and "tools" in wanted:
        wanted["parallel_tool_calls"] = request.parallel_tool_calls
    return wanted


def _yielding(
    wanted: Mapping[str, Any], refused: frozenset[str], pairs: Mapping[str, str]
) -> frozenset[str]:
    """Return the parameters that may not stand beside another one that is sent."""
    sent = wanted.keys() - refused
    return frozenset(
        name if wanted[other] else other
        for name, other in pairs.items()
        if name in sent and other in sent
    )


def _effort(effort: str, candidate: Candidate) -> str:
    """Return the provider's word for an effort of thought."""
    for pattern, words in candidate.quirks.efforts.items():
        if fnmatchcase(candidate.model.id, pattern):
            return words.get(effort, effort)
    return effort
